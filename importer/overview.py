"""What the pages say about one import: its figures, its reasons, and its rows with the cell at fault."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from tenants.access import mask_address
from tenants.models import User
from tenants.parameters import parameters_of, system_parameter

from .layout import Layout
from .models import ImportBatch, RejectedRow
from .reasons import short
from .states import Outcome

DIGITS_SHOWN = 6  # of a cell, to a viewer: more may be a number


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A rejected row as it is shown: cells in the columns of the header, `bad` the index of the one at fault."""

    row: int
    code: str
    reason: str
    cells: list[tuple[str, bool]]


def facts_of(batch: ImportBatch) -> dict[str, Any]:
    """Return what the page of one import shows, in a fixed number of queries."""
    reasons = reasons_of(batch, Outcome.FAILED)
    return {
        "batch": batch,
        "percent_fetched": 100 * batch.fetched_bytes // batch.source_bytes if batch.source_bytes else 0,
        "percent": 100 * batch.rows_done // batch.total if batch.total else 0,
        "shares": [(outcome, getattr(batch, outcome)) for outcome in _shown_outcomes(batch)],
        "chart": _chart(batch),
        "reasons": reasons,
        "kept_until": _kept_until(batch, "rejected_row_days"),
        "unprocessed_until": _kept_until(batch, "source_file_days"),
        "is_above_advice": batch.total > system_parameter("advised_rows"),
    }


def reasons_of(batch: ImportBatch, outcome: str) -> list[dict[str, Any]]:
    """Return the reasons of the rows of `outcome`, the most frequent first: code, text, count, most."""
    counted = sorted(batch.reasons.get(outcome, {}).items(), key=lambda pair: (-pair[1], pair[0]))
    most = counted[0][1] if counted else 0
    return [{"code": code, "text": short(code), "count": count, "most": most} for code, count in counted]


def numbered_rows(batch: ImportBatch, rows: Iterable[RejectedRow], user: User) -> list[ShownRow]:
    """Return the rows with the cell at fault marked; a viewer sees addresses masked."""
    if not batch.layout:
        return []  # it was never read
    layout = Layout(**batch.layout)
    width = len(layout.header)
    return [
        ShownRow(
            rejected.row,
            rejected.code,
            rejected.reason if user.sees_full_addresses else short(rejected.code),
            [
                (_shown(text, user), index == _bad_column(layout, rejected))
                for index, text in enumerate((rejected.cells + [""] * width)[: max(width, len(rejected.cells))])
            ],
        )
        for rejected in rows
    ]


def header_of(batch: ImportBatch, user: User) -> list[str]:
    """Return the titles of the columns, masked like cells: a mapping rule may have taken a recipient for the header."""
    return [_shown(title, user) for title in batch.layout.get("header", [])]


def _bad_column(layout: Layout, rejected: RejectedRow) -> int:
    if rejected.code.startswith("variable_"):
        return layout.variables.get(rejected.params.get("name", ""), -1)
    column = layout.column_titled(rejected.params.get("column", ""))
    return layout.address if column is None else column


def _shown(text: str, user: User) -> str:
    if user.sees_full_addresses:
        return text
    is_address = "@" in text or sum(character.isdecimal() for character in text) > DIGITS_SHOWN
    return mask_address(text) if is_address else text


def _shown_outcomes(batch: ImportBatch) -> list[str]:
    """Return the outcomes in the order of the charts; those that only some imports have, where they occur."""
    always = ["created", Outcome.FAILED, Outcome.DUPLICATE, Outcome.SUPPRESSED]
    return [*always, "unprocessed"] if batch.has_ended and batch.unprocessed else [*always]


def _chart(batch: ImportBatch) -> dict[str, Any]:
    outcomes = _shown_outcomes(batch)
    labels = {name: str(batch._meta.get_field(name).verbose_name) for name in outcomes}  # type: ignore[union-attr]
    return {
        "labels": [labels[name] for name in outcomes],
        "values": [getattr(batch, name) for name in outcomes],
        "fills": [str(name) for name in outcomes],
    }


def _kept_until(batch: ImportBatch, parameter: str) -> date | None:
    if batch.ended_at is None:
        return None
    days = int(parameters_of(batch.tenant)[parameter])
    return timezone.localtime(batch.ended_at + timedelta(days=days)).date()
