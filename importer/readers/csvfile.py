"""A .csv file as a source of rows: RFC 4180 to the letter, so that no quote swallows half a file."""

import csv
import io
import itertools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from .encoding import encoding_of
from .refused import Refused

if TYPE_CHECKING:
    from importer.limits import Limits

    from .sheet import SheetRow
    from .workbook import Note

DELIMITERS = (",", ";", "\t")
DECLARATION = re.compile("sep=(.)(?:\r\n?|\n)?", re.IGNORECASE)
MARK = "\ufeff"
QUOTED = re.compile('"[^"]*"?')
LAST_ROW = 1_048_576  # Excel's own limit
FIRST_LINES = 20  # looked at for one that is not blank


class CsvSource:
    """Opens the file; its encoding is proven to the last byte by then."""

    def __init__(self, source: BinaryIO, limits: "Limits") -> None:
        self._limits = limits
        encoding = encoding_of(source)
        source.seek(0)
        self._text = io.TextIOWrapper(source, encoding.codec, newline="")
        self._line = 0  # lines taken from the file
        self._declarations = 0  # lines taken by "sep=", which no reader of rows sees
        self._delimiter, self._lines = self._opened()
        self.facts: dict[str, str] = {"encoding": encoding.name, "delimiter": self._delimiter}

    def rows(self) -> "Iterator[SheetRow]":
        """Yield the records that are not blank lines, numbered as the rows of a spreadsheet that opens the file."""
        csv.field_size_limit(self._limits.cell_characters)
        reader = csv.reader(self._lines, delimiter=self._delimiter, strict=True)
        complete = 0  # lines of all complete records
        try:
            for number, cells in enumerate(reader, 1):
                complete = reader.line_num
                if number > LAST_ROW:
                    raise Refused("file_row_too_far", row=number, max=self._limits.row_number)
                if cells:
                    yield number, cells, {}
        except csv.Error as problem:
            if "field limit" in str(problem) and reader.line_num == complete + 1:
                raise Refused("file_text_too_long", max=self._limits.cell_characters) from problem
            # A field over many lines is a quote that somebody forgot to close.
            raise Refused("file_quote", line=self._declarations + complete + 1) from problem

    def notes(self) -> "list[Note]":
        """Return the notes: which encoding was read."""
        return [{"code": "encoding", "params": {"name": self.facts["encoding"]}}]

    def _opened(self) -> tuple[str, Iterator[str]]:
        """Return the delimiter, declared by "sep=;" or told by the first line, and the lines to read."""
        lines = self._checked_lines()
        first = next(lines, "").removeprefix(MARK)
        declared = DECLARATION.fullmatch(first)
        if declared:
            if declared[1] not in DELIMITERS:
                raise Refused("file_delimiter", delimiter=declared[1])
            self._declarations = 1
            return declared[1], lines
        begin = [first, *itertools.islice(lines, FIRST_LINES - 1)]
        telling = QUOTED.sub("", next((line for line in begin if line.strip()), ""))
        return max(DELIMITERS, key=telling.count), itertools.chain(begin, lines)

    def _checked_lines(self) -> Iterator[str]:
        """Yield the lines, ended by LF, CR or CRLF and nothing else."""
        longest = self._limits.line_characters
        while line := self._text.readline(longest + 1):
            if len(line) > longest:
                raise self._too_long(line)
            self._line += 1
            yield line

    def _too_long(self, line: str) -> Refused:
        if max(map(line.count, DELIMITERS)) > self._limits.columns:
            return Refused("file_too_many_columns", max=self._limits.columns)
        return Refused("file_line_too_long", line=self._line + 1, max=self._limits.line_characters)
