"""Which column is what: the recipient and each variable, by the header of a template or the numbers of a rule."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from marketing.channels import Medium, address_rule
from marketing.rules import Rules
from marketing.variables import ADDRESS, Variable, alike
from tenants.refusals import declare, refusal

from .columns import letter_of
from .models import MappingRule

RECIPIENT_NUMBER, RECIPIENT_EMAIL = "Recipient number", "Recipient email"
RECIPIENT_HEADERS = {  # what a header may say, in English and Chinese
    Medium.SMS: (RECIPIENT_NUMBER, "接收人号码", "接收号码", "收件人号码"),
    Medium.WHATSAPP: (RECIPIENT_NUMBER, "接收人号码", "接收号码", "收件人号码"),
    Medium.EMAIL: (RECIPIENT_EMAIL, "接收人邮箱", "接收邮箱", "收件人邮箱"),
}
ADDED_HEADERS = (  # what a download of failed rows puts before the original columns: ignored when it comes back
    ("Source row", "Reason code", "Reason"),
    ("源文件行号", "原因代码", "原因"),
)
SHOWN_NAMES = 5  # of many columns, in a sentence
GUARDED = re.compile(r"'+[=+\-@\t\r\n]")  # what `csv_files.guard` writes in front of a formula in a CSV

declare(
    {
        "header_missing": _(
            "The first row lacks the column %(names)s. It has: %(found)s. Download the template and use its header."
        ),
        "header_missing.several": _(
            "The first row lacks the columns %(names)s. It has: %(found)s. Download the template and use its header."
        ),
        "header_repeated": _("The column “%(name)s” stands twice in the first row. Delete or rename one of them."),
        "columns_ignored": _("Columns that the template does not have were ignored: %(names)s."),
        "rule_variables_missing": _(
            "The mapping rule “%(rule)s” has no column for %(names)s, which the task's template needs. "
            "Add it to the rule, or choose another one."
        ),
        "rule_columns_missing": _(
            "The mapping rule “%(rule)s” needs columns that the file does not have: %(columns)s. It has %(n)s."
        ),
        "rule_variables_ignored": _("Variables of the rule that the template does not have were ignored: %(names)s."),
        "first_row_is_data": _(
            "The first row was passed over as a header, as the mapping rule says, but it holds a recipient. "
            "If it is none, change the rule."
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Column indexes from 0: of the address, and of each variable.

    `header`: the first row's cells, as they are; in a file without a header, what the rule has in each column.
    """

    address: int
    variables: dict[str, int]
    header: list[str]
    has_header: bool = True
    is_guarded: bool = False  # CSV: a leading ' before a formula character is not part of the value

    def address_in(self, cells: Sequence[str]) -> str:
        """Return the address of a row, "" where the row is too short."""
        return self._cell(cells, self.address)

    def values_in(self, cells: Sequence[str]) -> dict[str, str]:
        """Return {variable: value} of a row; a missing cell is an empty value."""
        if self.is_guarded:
            return {name: self._cell(cells, column) for name, column in self.variables.items()}
        width = len(cells)
        return {name: cells[column] if column < width else "" for name, column in self.variables.items()}

    def name_at(self, column: int) -> str | None:
        """Return what the column holds: "address", a variable's name, or None if it is ignored."""
        if column == self.address:
            return ADDRESS
        return next((name for name, index in self.variables.items() if index == column), None)

    def title_of(self, column: int) -> str:
        """Return how people call the column: its header, or its number from 1."""
        title = self.header[column] if column < len(self.header) else ""
        return title or str(column + 1)

    def column_titled(self, title: str) -> int | None:
        """Return the column among those in use that people call `title`, or None."""
        used = (self.address, *self.variables.values())
        return next((column for column in used if self.title_of(column) == title), None)

    def as_entered(self, cells: Iterable[str]) -> list[str]:
        """Return cells without what a download put before those that look like a formula."""
        return [self._as_entered(text) for text in cells] if self.is_guarded else list(cells)

    def _cell(self, cells: Sequence[str], column: int) -> str:
        return self._as_entered(cells[column]) if column < len(cells) else ""

    def _as_entered(self, text: str) -> str:
        return text[1:] if self.is_guarded and text[:1] == "'" and GUARDED.match(text) else text

    def to_json(self) -> dict[str, Any]:
        """Return the layout as it is stored with an import."""
        return asdict(self)


def recipient_headers(medium: str) -> tuple[str, ...]:
    """Return what the recipient's column may be called; the first is what the template has in the reader's language."""
    names = RECIPIENT_HEADERS[Medium(medium)]
    own = gettext(names[0])
    return (own, *(name for name in names if name != own))


def by_template(header: Sequence[str], rules: Rules, *, is_guarded: bool) -> tuple[Layout, list[dict[str, Any]]]:
    """Match `header` with what the task's template needs; return the layout and notes on ignored columns.

    Case, blanks and underscores do not count, nor does the order. ValidationError: header_missing,
    header_repeated.
    """
    columns = columns_of(header)
    address = first_of(columns, RECIPIENT_HEADERS[Medium(rules.medium)])
    found = {variable.name: first_of(columns, [variable.name]) for variable in rules.variables}
    missing = [name for name, column in found.items() if column is None]
    if address is None:
        missing.insert(0, recipient_headers(rules.medium)[0])
    if missing:
        raise header_missing(missing, header)
    layout = Layout(address or 0, {name: found[name] or 0 for name in found}, list(header), is_guarded=is_guarded)
    return layout, _ignored(header, layout)


def by_rule(
    first_row: Sequence[str], rules: Rules, rule: MappingRule, *, columns: int, is_guarded: bool
) -> tuple[Layout, list[dict[str, Any]]]:
    """Take the columns from where `rule` says; return the layout, and notes on what is odd.

    `columns`: of the whole file. Rejected rows that come back have three more in front, whose names make the first
    row a header whatever the rule says. ValidationError: rule_variables_missing, rule_columns_missing.
    """
    if missing := missing_in(rule, rules.variables):
        raise refusal("rule_variables_missing", rule=rule.name, names=_quoted(missing))
    added = added_columns(first_row)
    numbers = {variable.name: rule.column_of(variable.name) or 0 for variable in rules.variables}
    titles = {rule.recipient_column: recipient_headers(rules.medium)[0]} | {at: name for name, at in numbers.items()}
    _require_columns(rule, titles, columns - added)
    has_header = rule.has_header or added > 0
    header = list(first_row) if has_header else [titles.get(at, str(at)) for at in range(1, columns + 1)]
    indexes = {name: at - 1 + added for name, at in numbers.items()}
    layout = Layout(rule.recipient_column - 1 + added, indexes, header, has_header=has_header, is_guarded=is_guarded)
    return layout, _odd_in(rule, rules, layout)


def header_missing(missing: Sequence[str], header: Sequence[str]) -> ValidationError:
    """Return the refusal of a `header` that lacks the columns `missing`."""
    key = "header_missing" if len(missing) == 1 else "header_missing.several"
    return refusal(key, names=_quoted(missing), found=_quoted(filter(str.strip, header)) or "—")


def columns_of(header: Sequence[str]) -> dict[str, int]:
    """Return {what a column's name has in common with those alike: its index}; ValidationError: header_repeated."""
    columns: dict[str, int] = {}
    for index, name in enumerate(header):
        if alike(name) and columns.setdefault(alike(name), index) != index:
            raise refusal("header_repeated", name=name.strip())
    return columns


def first_of(columns: Mapping[str, int], names: Iterable[str]) -> int | None:
    """Return the index of the first of `names` that is among `columns`, or None."""
    return next((columns[alike(name)] for name in names if alike(name) in columns), None)


def missing_in(rule: MappingRule, variables: Iterable[Variable]) -> list[str]:
    """Return the names of those `variables` that `rule` has no column for."""
    return [variable.name for variable in variables if rule.column_of(variable.name) is None]


def added_columns(header: Sequence[str]) -> int:
    """Return how many columns in front of `header` are those that a download of rejected rows adds: 3 or 0."""
    for names in ADDED_HEADERS:
        if [alike(name) for name in header[: len(names)]] == [alike(name) for name in names]:
            return len(names)
    return 0


def own_cells_of(layout: Layout) -> Callable[[Sequence[str]], list[str]]:
    """Return the function that takes from a line of the source what an earlier download of its rows has put there."""
    added = added_columns(layout.header)
    return lambda cells: layout.as_entered(cells[added:])


def _require_columns(rule: MappingRule, titles: Mapping[int, str], columns: int) -> None:
    missing = [f"“{title}” ({at} = {letter_of(at)})" for at, title in sorted(titles.items()) if at > columns]
    if missing:
        raise refusal(
            "rule_columns_missing", rule=rule.name, columns=pgettext("between names", ", ").join(missing), n=columns
        )


def _odd_in(rule: MappingRule, rules: Rules, layout: Layout) -> list[dict[str, Any]]:
    needed = {alike(variable.name) for variable in rules.variables}
    unused = [one["name"] for one in rule.variables if alike(one["name"]) not in needed]
    notes: list[dict[str, Any]] = []
    if unused:
        notes.append({"code": "rule_variables_ignored", "params": {"names": _quoted(unused)}})
    if layout.has_header and is_address(layout.address_in(layout.header), rules):
        notes.append({"code": "first_row_is_data", "params": {}})
    return notes


def is_address(text: str, rules: Rules) -> bool:
    """Return whether `text` may be a recipient's address by `rules`."""
    try:
        address_rule(rules.medium, rules.policy)(text)
    except ValidationError:
        return False
    return True


def _ignored(header: Sequence[str], layout: Layout) -> list[dict[str, Any]]:
    used = {layout.address, *layout.variables.values()}
    own = {alike(name) for names in ADDED_HEADERS for name in names}
    ignored = [
        name for index, name in enumerate(header) if index not in used and name.strip() and alike(name) not in own
    ]
    return [{"code": "columns_ignored", "params": {"names": _quoted(ignored)}}] if ignored else []


def _quoted(names: Iterable[str]) -> str:
    shown = [f"“{name.strip()[:50]}”" for name in names]
    more = f" … ({len(shown)})" if len(shown) > SHOWN_NAMES else ""
    return pgettext("between names", ", ").join(shown[:SHOWN_NAMES]) + more
