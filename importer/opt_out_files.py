"""A file of opt-outs: read by the same isolated reader as an import, and brought onto the list at once."""

import tempfile
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from django.core.exceptions import ValidationError

from marketing.opt_outs import ADDED, FAILED, KNOWN, Origin, Outcome, Wish, add_many
from tenants.csv_files import csv_lines
from tenants.models import Tenant
from tenants.refusals import refusal

from .layout import Layout, own_cells_of
from .opt_out_columns import layout_of, wish_of
from .readers.reading import Row, read, rows_of
from .results import added_headers
from .submission import BY_FILE

SHOWN = 20  # refused rows on the page; the file has all
KINDS = (ADDED, KNOWN, FAILED)


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that did not come onto the list, and why."""

    row: Row
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of a file. `refused`: in source order, those that are on the list already aside."""

    name: str
    counts: dict[str, int]
    layout: Layout
    refused: list[Refused]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def shown(self) -> list[Refused]:
        return self.refused[:SHOWN]

    @property
    def refused_address(self) -> str:
        """Return the refused rows as a data: address of a .csv: nothing of them is kept, so nothing is to be purged."""
        text = "".join(csv_lines(self._lines()))
        return f"data:text/csv;charset=utf-8;base64,{b64encode(text.encode()).decode()}"

    def _lines(self) -> Iterator[list[str]]:
        own_cells = own_cells_of(self.layout)
        yield added_headers() + own_cells(self.layout.header)
        for one in self.refused:
            yield [str(one.row.number), one.code, one.reason, *own_cells(one.row.cells)]


def bring(tenant: Tenant, file: BinaryIO, *, name: str, origin: Origin) -> Brought:
    """Put the addresses of `file` on the list; ValidationError refuses it whole, as an import of recipients.

    Of `origin`, the medium and the day hold for rows that do not name their own.
    """
    with tempfile.TemporaryDirectory(prefix="opt-outs-") as folder:
        read(file, name=name, into=Path(folder), limits=BY_FILE.limits())
        header, *rows = [row for chunk in sorted(Path(folder).glob("*.jsonl")) for row in rows_of(chunk)]
    if not rows:
        raise refusal("no_data_rows")
    layout = layout_of(header.cells, origin.medium, is_guarded=name.lower().endswith(".csv"))
    return _brought(name, layout, rows, _outcomes(tenant, layout, rows, origin))


def _outcomes(tenant: Tenant, layout: Layout, rows: list[Row], origin: Origin) -> dict[int, Outcome]:
    """Return what became of each row, by its number."""
    outcomes: dict[int, Outcome] = {}
    wishes: dict[str, dict[int, Wish]] = defaultdict(dict)  # of each medium
    for row in rows:
        try:
            medium, wish = wish_of(layout, row, origin.medium)
        except ValidationError as refused:
            outcomes[row.number] = Outcome(layout.address_in(row.cells), refused=refused)
        else:
            wishes[medium][row.number] = wish
    for medium, by_row in wishes.items():
        added = add_many(tenant, list(by_row.values()), replace(origin, medium=medium))
        outcomes |= dict(zip(by_row, added, strict=True))
    return outcomes


def _brought(name: str, layout: Layout, rows: list[Row], outcomes: dict[int, Outcome]) -> Brought:
    counted = Counter(one.kind for one in outcomes.values())
    refused = [
        Refused(row, one.code, one.refused.messages[0])
        for row in rows
        if (one := outcomes[row.number]).refused and one.kind == FAILED
    ]
    return Brought(name, {kind: counted[kind] for kind in KINDS}, layout, refused)
