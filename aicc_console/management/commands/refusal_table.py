"""manage.py refusal_table: write the table of refusals in docs/rules.md from what the modules declare."""

from aicc_console.documents import DocumentCommand, import_all
from tenants.refusals import declared

BEGIN = "<!-- manage.py refusal_table: begin -->"
END = "<!-- manage.py refusal_table: end -->"


class Command(DocumentCommand):
    help = "Write the table of refusals from what the modules declare."
    path = "docs/rules.md"

    def text(self, old: str) -> str:
        before, _begin, rest = old.partition(BEGIN)
        _table, _end, after = rest.partition(END)
        return f"{before}{BEGIN}\n{_table_of_refusals()}{END}{after or chr(10)}"


def _table_of_refusals() -> str:
    import_all()
    lines = [f"| `{key}` | {str(sentence).replace('|', chr(92) + '|')} |\n" for key, sentence in declared()]
    return "| code | sentence |\n|---|---|\n" + "".join(lines)
