"""The rows of a chunk against the rules that were frozen with the import. No database, so any process may do it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError

from marketing.intake import Incoming
from marketing.rules import Draft, Rules
from marketing.staging import lines_of
from marketing.variables import ADDRESS
from tenants.refusals import refusal

from . import spool
from .layout import Layout
from .models import ImportBatch
from .readers.reading import Row
from .states import Outcome


@dataclass(slots=True)
class Checked:
    """What became of each row, by its number: a draft, or the refusal."""

    drafts: dict[int, Draft] = field(default_factory=dict)
    refused: dict[int, ValidationError] = field(default_factory=dict)


class Judged(NamedTuple):
    """A chunk that is ready for the database. `rejected`: the `failed` rows, as lines of COPY."""

    failed: int
    rejected: bytes
    incoming: Incoming

    @property
    def rows(self) -> int:
        return self.failed + self.incoming.rows


Judge = Callable[[bytes], Judged]


def judge_of(batch: ImportBatch) -> Judge:
    """Return the function that judges the lines of a chunk of `batch`."""

    def judge(lines: bytes) -> Judged:
        rows = spool.rows_in(lines)
        checked = check(batch, rows)
        return Judged(len(checked.refused), rejected_lines(rows, checked.refused), Incoming.of(checked.drafts))

    return judge


def check(batch: ImportBatch, rows: Sequence[Row]) -> Checked:
    """Judge `rows` by the rules that were frozen with the import."""
    rules, layout = Rules.from_json(batch.rules), Layout(**batch.layout)
    checked = Checked()
    for source in rows:
        try:
            if source.faults:
                require_readable(layout, source)
            draft = rules.check(layout.address_in(source.cells), layout.values_in(source.cells))
        except ValidationError as refused:
            checked.refused[source.number] = refused
        else:
            checked.drafts[source.number] = draft
    return checked


def rejected_lines(rows: Sequence[Row], refused: dict[int, ValidationError]) -> bytes:
    """Return those of `rows` that are `refused` as lines of COPY: row, outcome, code, params, cells."""
    return lines_of(_rejected(source, refused[source.number]) for source in rows if source.number in refused)


def first_of(refused: ValidationError) -> ValidationError:
    """Return the refusal to show for a row with several: the address's before the variables', in their order."""
    if hasattr(refused, "error_dict"):
        return next(iter(refused.error_dict.values()))[0]
    return refused.error_list[0]


def require_readable(layout: Layout, source: Row) -> None:
    """Raise ValidationError when a cell that counts holds no value, such as a date where an address is wanted."""
    for column in source.faults:
        name = layout.name_at(column)
        if name and (code := source.fault_of(column, is_recipient=name == ADDRESS)):
            raise ValidationError({name: refusal(code, column=layout.title_of(column))})


def _rejected(source: Row, refused: ValidationError) -> tuple[Any, ...]:
    first = first_of(refused)
    outcome = first.code if first.code in (Outcome.DUPLICATE, Outcome.SUPPRESSED) else Outcome.FAILED
    return source.number, outcome, first.code, first.params or {}, source.cells
