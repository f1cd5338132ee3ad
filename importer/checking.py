"""What can be said of a file before it is imported: its header, its number of rows, and its first rows judged."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from marketing.intake import in_force
from marketing.models import MarketingTask, OptOut
from marketing.rules import Draft, Rules
from marketing.variables import alike
from tenants.models import User
from tenants.refusals import sentence

from .columns import letter_of
from .judging import check, first_of
from .layout import recipient_headers
from .models import ImportBatch, MappingRule
from .readers.reading import Row, peek
from .submission import BY_FILE, Source, inspect, require_possible

FIRST_ROWS = 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one of the first rows will be read. `kind`: good, failed, duplicate or suppressed."""

    row: int
    typed: str
    stored: str
    kind: str
    text: str
    values: list[str]


@dataclass(frozen=True, slots=True)
class Look:
    """What a look into the file found. `refused`: why it cannot be imported, or None."""

    name: str
    size: int
    refused: ValidationError | None = None
    rows: int = 0
    sheet: str = ""
    columns: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    columns_found: list[dict[str, Any]] = field(default_factory=list)


def look(
    task: MarketingTask, file: BinaryIO, *, name: str, size: int, operator: User, rule: MappingRule | None = None
) -> Look:
    """Look into `file` as an import by `rule` (None: by the template) would, without importing it."""
    with tempfile.TemporaryDirectory(prefix="check-") as folder:
        try:
            require_possible(task, operator)
            source = inspect(Rules.of(task), file, name=name, into=Path(folder), rule=rule)
        except ValidationError as refused:
            return Look(name, size, refused, columns_found=_columns_found(task, file, name, refused))
    return Look(
        name,
        size,
        rows=source.rows,
        sheet=source.reading.sheet,
        columns=[_address_header(task), *source.layout.variables],
        notes=[sentence(note["code"], note["params"]) for note in source.notes],
        verdicts=_verdicts(task, source),
    )


def _columns_found(task: MarketingTask, file: BinaryIO, name: str, refused: ValidationError) -> list[dict[str, Any]]:
    """Return, for a file whose header was refused, each column that is needed and what was found for it."""
    if refused.code != "header_missing":
        return []
    file.seek(0)
    header = peek(file, name=name, limits=BY_FILE.limits()).first_rows[0].cells
    expected = [recipient_headers(task.medium), *((v.name,) for v in task.template.variable_list())]
    by_alike = {alike(text): f"{letter_of(at)}: {text}" for at, text in enumerate(header, start=1) if text.strip()}
    return [_column_found(names, by_alike) for names in expected]


def _column_found(names: Sequence[str], by_alike: dict[str, str]) -> dict[str, Any]:
    found = next((by_alike[alike(name)] for name in names if alike(name) in by_alike), "")
    near = [] if found else get_close_matches(alike(names[0]), by_alike, n=1)
    return {"name": names[0], "found": found, "nearest": by_alike[near[0]] if near else ""}


def _address_header(task: MarketingTask) -> str:
    return recipient_headers(task.medium)[0]


def _verdicts(task: MarketingTask, source: Source) -> list[Verdict]:
    rows = source.reading.first_rows[source.layout.has_header :][:FIRST_ROWS]
    checked = check(ImportBatch(rules=source.rules.to_json(), layout=source.layout.to_json()), rows)
    drafts = checked.drafts
    said = _others_of(task, drafts)
    return [
        _failed(source, row, first_of(checked.refused[row.number]))
        if row.number in checked.refused
        else _passed(source, row, drafts[row.number], *said.get(row.number, ("good", "")))
        for row in rows
    ]


def _others_of(task: MarketingTask, drafts: dict[int, Draft]) -> dict[int, tuple[str, str]]:
    """Return {row: (kind, text)} of the rows whose address is taken, or opted out."""
    addresses = [draft.address for draft in drafts.values()]
    in_task = set(task.recipients.filter(address__in=addresses).values_list("address", flat=True))
    opt_outs = OptOut.objects.filter(medium=task.medium, address__in=addresses)
    opted_out = set(in_force(opt_outs).values_list("address", flat=True))
    first_row: dict[str, int] = {}
    said = {}
    for row, draft in drafts.items():
        held_by = first_row.setdefault(draft.address, row)
        if draft.address in opted_out:
            said[row] = "suppressed", _("On the opt-out list")
        elif held_by != row:
            said[row] = "duplicate", _("Same as row %(row)s") % {"row": held_by}
        elif draft.address in in_task:
            said[row] = "duplicate", _("Already in the task")
    return said


def _passed(source: Source, row: Row, draft: Draft, kind: str, text: str) -> Verdict:
    typed = source.layout.values_in(row.cells)
    defaults = [name for name in draft.values if not typed[name].strip()]
    if kind == "good" and defaults:
        text = _("%(names)s: default") % {"names": _(", ").join(defaults)}
    return Verdict(row.number, source.layout.address_in(row.cells), draft.address, kind, text, [*draft.values.values()])


def _failed(source: Source, row: Row, refused: ValidationError) -> Verdict:
    typed, values = source.layout.address_in(row.cells), source.layout.values_in(row.cells)
    return Verdict(row.number, typed, "", "failed", refused.messages[0], [*values.values()])
