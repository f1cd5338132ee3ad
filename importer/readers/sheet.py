"""The elements of one worksheet, taken one by one from expat."""

import re
from typing import TYPE_CHECKING

from .cells import RECIPIENT_ONLY
from .refused import Refused
from .regular import column_of
from .xmlpart import RegularPart, names

if TYPE_CHECKING:
    from importer.limits import Limits

    from .cells import Cells

ELEMENTS = names("worksheet", "sheetData", "row", "c", "v", "f", "is", "t", "rPh", "col")
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384  # Excel's own limits
REFERENCE = re.compile("([A-Z]{1,3})([0-9]{1,7})")
ROW_NUMBER = re.compile("[0-9]{1,7}")
HIDDEN = ("1", "true")
ROOT, DATA, ROW, CELL, TEXT = 1, 2, 3, 4, 5  # the depth at which <worksheet>, <sheetData>, <row>, <c>, <is> stand

# Row number as Excel shows it, cells from column A on, {column counted from 0: fault}
SheetRow = tuple[int, list[str], dict[int, str]]


class Sheet(RegularPart):
    """Collects rows. <dimension> is not believed, and no room is made for what is not there."""

    def __init__(self, name: str, limits: "Limits", cells: "Cells") -> None:
        super().__init__(name, limits)
        self.cells = cells
        self.width = 0  # columns of the widest row so far
        self.hidden_rows = 0
        self.hidden_columns: set[int] = set()
        self._rows: list[SheetRow] = []
        self._number = 0  # of the last row
        self._inside = 0  # the depth of the innermost of these elements that is open, each within the one before
        self._phonetic = 0  # depth of <rPh>: how to say the text, not part of it

    def taken(self) -> list[SheetRow]:
        """Hand over the rows collected since the last call."""
        rows, self._rows = self._rows, []
        return rows

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        element = ELEMENTS.get(name, "")
        if self._inside < DATA:
            self._begin_outside(element, attributes)
        elif self._inside == CELL:
            self._begin_value(element)
        elif self._inside == TEXT:
            self._begin_run(element)
        elif self.depth == self._inside + 1:  # anything deeper stands in an element of another program
            if element == "row" and self._inside == DATA:
                self._begin_row(attributes)
            elif element == "c" and self._inside == ROW:
                self._begin_cell(attributes)

    def end(self, name: str) -> None:
        if self.depth == self._inside:
            self._inside -= 1
            if self.depth == CELL:
                self._end_cell()
            elif self.depth == ROW:
                self._end_row()
        elif self._inside >= CELL:
            self._end_value(ELEMENTS.get(name, ""))

    def check_number(self, number: int) -> None:
        """Take `number` as the next row's, or refuse the file: rows count up, and Excel has no more than these."""
        if not self._number < number <= LAST_ROW:
            raise Refused("file_bad_reference", reference=f"row {number}")
        self._number = number

    def _begin_outside(self, element: str, attributes: dict[str, str]) -> None:
        if self.depth == ROOT and element != "worksheet":
            raise Refused("file_corrupt")
        if element == "sheetData" and self.depth == DATA:
            self._inside = DATA
        elif element == "col" and attributes.get("hidden") in HIDDEN:
            first, last = (attributes.get(end, "") for end in ("min", "max"))
            if first.isdecimal() and last.isdecimal() and len(first + last) < 12:
                self.hidden_columns.update(range(int(first) - 1, min(int(last), self.limits.columns)))

    def _begin_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r")
        if number is not None and not ROW_NUMBER.fullmatch(number):
            raise Refused("file_bad_reference", reference=f"row {number[:20]}")
        self.check_number(self._number + 1 if number is None else int(number))
        self._cells: list[str] = []
        self._faults: dict[int, str] = {}
        self._column = -1
        self._is_hidden = attributes.get("hidden") in HIDDEN
        self._inside = ROW

    def _end_row(self) -> None:
        self._rows.append((self._number, self._cells, self._faults))
        self.width = max(self.width, len(self._cells))
        self.hidden_rows += self._is_hidden and bool(self._cells)

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._column = self._column_of(attributes.get("r"))
        self._kind = attributes.get("t", "n")
        self._style = attributes.get("s", "")
        self._has_value = self._has_text = self._has_formula = False
        self._inside = CELL
        self.begin_text()

    def _column_of(self, reference: str | None) -> int:
        """Return the cell's column, which must lie behind the last one and in this row."""
        if reference is None:
            return self._column + 1
        match = REFERENCE.fullmatch(reference)
        column = column_of(match[1]) if match and int(match[2]) == self._number else -1
        if not self._column < column < LAST_COLUMN:
            raise Refused("file_bad_reference", reference=reference[:20])
        return column

    def _begin_value(self, element: str) -> None:
        """Take a child of a cell. One that comes twice could be read in two ways."""
        if self.depth != CELL + 1:
            return
        if (element == "v" and self._has_value) or (element == "is" and self._has_text):
            raise Refused("file_corrupt")
        if element == "f":
            self._has_formula = True
        elif element == "is":
            self._has_text = True
            self._inside = TEXT
        elif element == "v":
            self._has_value = True
            if not self._has_text:
                self.parser.CharacterDataHandler = self.add_text

    def _begin_run(self, element: str) -> None:
        if element == "rPh":
            self._phonetic = self.depth
        elif element == "t" and not self._phonetic:
            self.parser.CharacterDataHandler = self.add_text

    def _end_value(self, element: str) -> None:
        if element in ("t", "v"):
            self.parser.CharacterDataHandler = None
        elif element == "rPh" and self._phonetic == self.depth:
            self._phonetic = 0

    def _end_cell(self) -> None:
        kind = "inlineStr" if self._has_text else self._kind
        raw = self.whole_text()
        text, fault = self.cells.read(kind, self._style, raw) if raw else ("", "")
        if self._has_formula:
            is_empty_text = self._kind == "str" and self._has_value
            if not raw and not is_empty_text:
                fault = "cell_formula"
            self.cells.formulas += not fault or fault in RECIPIENT_ONLY
        if text or fault:
            self._put(text, fault)

    def _put(self, text: str, fault: str) -> None:
        if self._column >= self.limits.columns:
            raise Refused("file_too_many_columns", max=self.limits.columns)
        self._cells += [""] * (self._column - len(self._cells))
        self._cells.append(text)
        if fault:
            self._faults[self._column] = fault
