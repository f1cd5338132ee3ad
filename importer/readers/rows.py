"""The rows of a worksheet as a stream: most by one pattern, the rest by expat, always the same rows.

A workbook's rows are written by programs and nearly all alike. A row that `regular` matches as a whole is read
from the match and never shown to expat; every other byte goes to expat. Both ways give the same (the tests compare
them); the first takes a quarter of the time.
"""

import re
from collections.abc import Iterable, Iterator

from .regular import FIELDS, regular_rows
from .sheet import DATA, Sheet, SheetRow
from .xmlpart import stretches

ROW_END = b"</row>"


class RowStream(Sheet):
    """Reads a worksheet in blocks."""

    def rows(self, blocks: Iterable[bytes]) -> Iterator[SheetRow]:
        """Yield the rows that stand in the sheet, blank ones too; their numbers rise."""
        for stretch in stretches(blocks, ROW_END):
            if not self._is_before_row():
                head, tag, stretch = stretch.partition(ROW_END)
                yield from self._by_expat(head + tag)
            yield from self._mostly_regular(stretch)
        self.feed(b"", last=True)
        yield from self.taken()

    def _mostly_regular(self, stretch: bytes) -> Iterator[SheetRow]:
        text = _decoded(stretch) if self._is_before_row() else ""
        if not text:
            yield from self._by_expat(stretch)
            return
        taken = 0  # characters
        for match in self._pattern().finditer(text):
            if match.start() > taken:
                yield from self._by_expat(text[taken : match.start()].encode())
                taken = match.start()
                if not self._is_before_row():  # the match lies in a comment, or in another element
                    break
            taken = match.end()
            yield self._regular_row(match.groups())
        yield from self._by_expat(text[taken:].encode())

    def _regular_row(self, fields: tuple[str | None, ...]) -> SheetRow:
        number = int(fields[0] or 0)
        self.check_number(number)
        row: list[str] = []
        faults: dict[int, str] = {}
        texts = self.cells.texts
        sound = 0 if self.cells.broken else len(texts)
        for style, index, digits, text in zip(*[iter(fields[1:])] * FIELDS, strict=True):
            if index and (at := int(index)) < sound:
                row.append(texts[at])
            elif text and "_x" not in text:
                row.append(text)
            elif index or digits or text:
                value, fault = self._regular_cell(style, index, digits, text)
                if fault:
                    faults[len(row)] = fault
                row.append(value)
            else:
                row.append("")
        return number, self._measured(row, faults), faults

    def _measured(self, row: list[str], faults: dict[int, str]) -> list[str]:
        """Take away the cells behind the last one that the row has, and note how wide it is."""
        while row and not row[-1] and len(row) - 1 not in faults:
            row.pop()
        self.width = max(self.width, len(row))
        return row

    def _regular_cell(
        self, style: str | None, index: str | None, digits: str | None, text: str | None
    ) -> tuple[str, str]:
        if digits:
            return self.cells.number(digits, style or "")
        return self.cells.read("s", "", index) if index else self.cells.read("inlineStr", "", text or "")

    def _by_expat(self, stretch: bytes) -> Iterator[SheetRow]:
        if stretch:
            self.feed(stretch)
        yield from self.taken()

    def _is_before_row(self) -> bool:
        return self._inside == DATA and self.is_before_child(DATA)

    def _pattern(self) -> re.Pattern[str]:
        """Return the pattern for the widest row so far, in steps: a new width costs a new pattern."""
        columns = 8
        while columns < self.width:
            columns *= 2
        return regular_rows(min(columns, self.limits.columns))


def _decoded(stretch: bytes) -> str:
    """Return the stretch as text; "" if it is not UTF-8, which expat will then say better."""
    try:
        return stretch.decode()
    except UnicodeDecodeError:
        return ""
