"""Text for a spreadsheet program: what no file can hold is replaced, and nothing becomes a formula."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

CELL_LENGTH = 32_767  # characters that a cell can hold
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
FORMULA = re.compile(r"'*[=+\-@\t\r\n]")


def csv_lines(lines: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield CSV text, with a byte order mark so that spreadsheet programs read it as UTF-8."""
    echo: Any = _Echo()
    writer = csv.writer(echo)
    yield "\ufeff"
    for line in lines:
        yield writer.writerow([guard(clean(text)) for text in line])


def guard(text: str) -> str:
    """Put ' before what a spreadsheet program would take for a formula; an import takes it off again."""
    return f"'{text}" if FORMULA.match(text) else text


def clean(text: str) -> str:
    """Replace what a file cannot hold by U+FFFD."""
    return UNWRITABLE.sub("\ufffd", text)[:CELL_LENGTH]


class _Echo:
    """A file whose `write` returns the text, so that csv.writer yields lines."""

    def write(self, text: str) -> str:
        return text
