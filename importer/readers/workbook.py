"""An .xlsx workbook as a source of rows: its first visible sheet, and what must be said about it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from .cells import Cells
from .container import Container
from .package import Package, SheetEntry
from .refused import Refused
from .rows import RowStream
from .sharedstrings import SharedStrings
from .sheet import SheetRow
from .styles import Styles

if TYPE_CHECKING:
    from importer.limits import Limits

Note = dict[str, object]  # {"code": one of reasons.NOTE, "params": {...}}


class WorkbookSource:
    """Opens the workbook; every check of the container and of the package is made by then."""

    def __init__(self, source: BinaryIO, limits: "Limits") -> None:
        self._limits = limits
        self._container = Container(source, limits)
        self._package = Package(self._container, limits)
        visible = [sheet for sheet in self._package.sheets if sheet.is_visible]
        if not visible:
            raise Refused("file_no_sheet")
        self._entry, *self._others = visible
        self._cells = Cells(self._shared(), self._styles().meaning_by_style, is_1904=self._package.is_1904)
        self._sheet = RowStream(self._entry.part, limits, self._cells)
        self.facts: dict[str, str] = {"sheet": self._entry.name}

    def rows(self) -> Iterator[SheetRow]:
        """Yield the rows of the first visible sheet."""
        return self._rows_of(self._sheet, self._entry)

    def notes(self) -> list[Note]:
        """Return the notes; complete once the rows are read."""
        first = self._package.sheets.index(self._entry)
        columns = sum(column < self._sheet.width for column in self._sheet.hidden_columns)
        notes: list[Note] = [
            {"code": code, "params": {"n": n}}
            for code, n in (
                ("cells_were_numbers", self._cells.numbers),
                ("cells_were_dates", self._cells.dates),
                ("cells_were_formulas", self._cells.formulas),
                ("hidden_rows", self._sheet.hidden_rows),
                ("hidden_columns", columns),
                ("hidden_sheets", first),
            )
            if n
        ]
        if any(map(self._has_rows, self._others)):
            notes.append({"code": "only_first_sheet", "params": {"sheet": self._entry.name}})
        return notes

    def _has_rows(self, entry: SheetEntry) -> bool:
        """Say whether another sheet has anything in it; one that cannot be read has."""
        stream = RowStream(entry.part, self._limits, Cells(None, {}, is_1904=False))
        try:
            return any(faults or any(row) for _, row, faults in self._rows_of(stream, entry))
        except Refused:
            return True

    def _rows_of(self, stream: RowStream, entry: SheetEntry) -> Iterator[SheetRow]:
        return stream.rows(self._container.read(self._package.part(entry.part)))

    def _styles(self) -> Styles:
        part = self._package.related("styles")
        styles = Styles(part.name if part else "", self._limits)
        if part:
            styles.read(self._container.read(part))
        return styles

    def _shared(self) -> SharedStrings | None:
        part = self._package.related("sharedStrings")
        if part is None:
            return None
        shared = SharedStrings(part, self._limits)
        shared.read(self._container.read(part))
        return shared
