"""Whatever bytes come, the answer is rows or a refusal with a code; anything else would be a bug in the child."""

import io
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.limits import Limits
from importer.readers.child import Output, read
from importer.readers.reasons import FILE
from importer.readers.refused import Refused

from . import books
from .books import SHARED, SHEET, STYLES, WORKBOOK, book
from .test_agreement import BETWEEN, CELL_FORMS

LIMITS = Limits.by_file()
GOOD = book()
OUTCOMES = {"rows", "file_type", *FILE}
FEW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(FEW, max_examples=10_000)

# Places and new bytes: a few single bytes of a good file are changed.
CHANGES = st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=4)

# Pieces of XML in any order: some fit, most do not.
PIECES = [
    *CELL_FORMS,
    *BETWEEN,
    '<row r="1">',
    "<row>",
    "</row>",
    "<c>",
    "</c>",
    "<v>",
    "</v>",
    "<is>",
    "</is>",
    "<t>",
    "</t>",
    "<f>",
    "<r>",
    "</r>",
    "<rPh>",
    "</rPh>",
    '<x:a xmlns:x="urn:x">',
    "</x:a>",
    "</sheetData>",
    "<sheetData>",
    "&#xD800;",
    "\ud7ff",
    '<row r="0"/>',
    '<row xmlns="urn:x">',
]
XML = st.lists(st.sampled_from(PIECES), max_size=14).map(lambda pieces: "".join(pieces).replace("{at}", "A1"))
PARTS = st.sampled_from([SHEET, SHARED, STYLES, WORKBOOK, books.WORKBOOK_RELATIONS, "_rels/.rels"])


def outcome(content: bytes, kind: str, folder) -> str:
    """Return "rows", or the code of the refusal, of a file that is read in this process."""
    path = folder / "source"
    path.write_bytes(content)
    task = SimpleNamespace(kind=kind, chunk_rows=2_000, stop_after=0, limits=LIMITS)
    with path.open("rb") as source:
        try:
            read(source, task, Output(io.BytesIO(), task))
        except Refused as refused:
            return refused.code
    return "rows"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


def changed_bytes(changes, folder):
    content = bytearray(GOOD)
    for place, byte in changes:
        content[place] = byte
    assert outcome(bytes(content), "xlsx", folder) in OUTCOMES


def any_rows(rows, folder):
    assert outcome(books.book_of(rows), "xlsx", folder) in OUTCOMES


def any_part(part, xml, folder):
    good = books.parts()[part]
    middle = good.rfind("</")
    assert outcome(book({part: good[:middle] + xml + good[middle:]}), "xlsx", folder) in OUTCOMES


def any_text(content, folder):
    assert outcome(content, "csv", folder) in OUTCOMES


TESTS = [
    (changed_bytes, {"changes": CHANGES}),
    (any_rows, {"rows": XML}),
    (any_part, {"part": PARTS, "xml": XML}),
    (any_text, {"content": st.binary(max_size=300)}),
    (any_text, {"content": st.text('a"\n\r,;\t=é中\0', max_size=60).map(str.encode)}),
]


@pytest.mark.parametrize(("test", "strategies"), TESTS)
def test_nothing_else_can_happen(test, strategies, folder):
    FEW(given(**strategies)(lambda **drawn: test(**drawn, folder=folder)))()


@pytest.mark.soak
@pytest.mark.parametrize(("test", "strategies"), TESTS)
def test_nothing_else_can_happen_for_long(test, strategies, folder):
    MANY(given(**strategies)(lambda **drawn: test(**drawn, folder=folder)))()
