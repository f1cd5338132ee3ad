"""What the documents say of the code is so."""

import re

import pytest
from django.core.management import CommandError, call_command

from aicc_console.documents import import_all
from aicc_console.management.commands import refusal_table, state_diagrams
from tenants.refusals import declared

from .sources import CHECKOUT

RULES = (CHECKOUT / "docs/rules.md").read_text(encoding="utf-8").partition(refusal_table.BEGIN)[0]
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in RULES.splitlines() if line.startswith("| ")]
ROWS = [row for row in ROWS if row[0] not in ("rule", "---")]


@pytest.mark.parametrize("command", ["state_diagrams", "refusal_table"])
def test_a_written_document_is_fresh(command):
    call_command(command, check=True)


@pytest.mark.parametrize(("command", "name"), [(state_diagrams, "states.md"), (refusal_table, "rules.md")])
def test_a_stale_document_is_noticed_and_written_anew(settings, tmp_path, command, name):
    settings.BASE_DIR = tmp_path
    document = tmp_path / "docs" / name
    document.parent.mkdir()
    document.write_text((CHECKOUT / "docs" / name).read_text().replace("Only", "Never").replace("Draft", "Raft"))

    with pytest.raises(CommandError, match="is stale"):
        call_command(command.Command(), check=True)
    call_command(command.Command())

    call_command(command.Command(), check=True)


def test_every_rule_names_a_known_source():
    assert len(ROWS) > 40
    for rule in ROWS:
        assert re.fullmatch(r"(B[1-4]|O[1-4]|C[1-4]|decided)(, (B|O|C)[1-4])*", rule[1]), rule


def test_every_rule_names_codes_and_modules_that_exist():
    import_all()
    known = {key for key, _sentence in declared()}

    for rule in ROWS:
        assert set(re.findall(r"`(.+?)`", rule[2])) <= known, rule
        [module] = re.findall(r"`(.+?)`", rule[3])
        assert (CHECKOUT / module).is_file(), rule


def test_every_page_that_a_document_links_to_exists():
    for document in (CHECKOUT / "docs").rglob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"
