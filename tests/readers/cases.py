"""Rows of the tables of hostile files."""

from collections.abc import Callable

import pytest

from .books import book
from .zips import Entry


def case(what: str, code: str, content: Callable[[], bytes], name: str = "a.xlsx") -> object:
    """Return a row: what the file is, the code it is refused with, a maker of its content, and its name."""
    return pytest.param(code, content, name, id=what)


def added(*entries: Entry) -> Callable[[], bytes]:
    """Return a maker of the good workbook with these entries added, or in the place of its own."""
    return lambda: book(None, *entries)


def changed(part: str, content: str | bytes) -> Callable[[], bytes]:
    """Return a maker of the good workbook with another content of one part."""
    return lambda: book({part: content})
