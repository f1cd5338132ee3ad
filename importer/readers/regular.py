"""Rows as programs write them by the thousand, recognised as a whole by one pattern."""

import re
from functools import cache

from .texts import PLAIN

FIELDS = 4  # of each cell: style, number of a shared string, number, text in place
TRUTH = "(?:0|1|false|true)"
# In the order in which Excel, WPS Office, LibreOffice, Google and the usual libraries write them.
ROW_ATTRIBUTES = "".join(
    f"(?: {attribute})?+"
    for attribute in (
        'spans="[0-9:]{1,13}"',
        's="[0-9]{1,5}"',
        f'customFormat="{TRUTH}"',
        'ht="[0-9.]{1,20}"',
        'hidden="(?:0|false)"',
        f'customHeight="{TRUTH}"',
        'outlineLevel="0"',
        'collapsed="(?:0|false)"',
        'x14ac:dyDescent="[0-9.]{1,20}"',
    )
)
CONTENT = (
    ' t="s"><v>([0-9]{1,7})</v></c>'
    '|(?: t="n")?+><v>([0-9.E+-]{1,25})</v></c>'
    f'| t="inlineStr"><is><t(?: xml:space="preserve")?+>({PLAIN}*+)</t></is></c>'
    "|/>"
)


@cache
def regular_rows(columns: int) -> re.Pattern[str]:
    """Return a pattern of a row with at most so many cells, each optional, each naming its column and this row.

    Groups: the row's number, then FIELDS of each column. What it does not match is not wrong, only not regular.
    """
    cells = (f'(?:<c r="{letters_of(column)}\\1"(?: s="([0-9]{{1,5}})")?+(?:{CONTENT}))?+' for column in range(columns))
    return re.compile(f'<row r="([0-9]{{1,7}})"{ROW_ATTRIBUTES}>{"".join(cells)}</row>')


def letters_of(column: int) -> str:
    """Return the letters of a column counted from 0: 0 -> "A", 26 -> "AA"."""
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def column_of(letters: str) -> int:
    """Return the column, counted from 0, that the letters name: "A" -> 0, "AA" -> 26."""
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1
