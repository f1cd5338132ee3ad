"""The reader agrees with others on good workbooks, and with itself however a row is written.

openpyxl and calamine are the second and third judge. Where they are known to be wrong (rich text, escapes, errors,
17 digits), test_cells.py decides.
"""

import io
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from importer.limits import Limits
from importer.readers.cells import Cells
from importer.readers.child import filled
from importer.readers.container import Part
from importer.readers.rows import RowStream
from importer.readers.sharedstrings import SharedStrings
from importer.readers.workbook import WorkbookSource

from . import books

LIMITS = Limits.by_file()
FEW = settings(max_examples=40, deadline=None)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=12).filter(
    lambda text: "_x" not in text and text.strip() == text  # escapes, and blanks at the ends, are read in three ways
)
CELL = st.one_of(
    TEXT,
    st.integers(-(10**14), 10**14),
    st.floats(-1e9, 1e9).map(lambda number: round(number, 6)),
    st.booleans(),
    st.datetimes(datetime(1901, 1, 1), datetime(2099, 1, 1)).map(lambda moment: moment.replace(microsecond=0)),
    st.none(),
)
GRID = st.lists(st.lists(CELL, max_size=7), min_size=1, max_size=12).filter(
    lambda grid: any(cell is not None for row in grid for cell in row)
)


def read_rows(content: bytes) -> dict[int, list[str]]:
    """Return {row number: cells}, read in this process."""
    rows = WorkbookSource(io.BytesIO(content), LIMITS).rows()
    return {number: cells for number, cells, _ in filled(rows, SimpleNamespace(columns=0))}


def trimmed(rows: dict[int, list[str]]) -> dict[int, list[str]]:
    for cells in rows.values():
        while cells and not cells[-1]:
            cells.pop()
    return {number: cells for number, cells in rows.items() if cells}


def text_of(value: object) -> str:
    """Return the text that the reader must give for a value of Python."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        text = f"{value:.15f}".rstrip("0").rstrip(".") if abs(value) < 1 else f"{value:.15g}"
        return "0" if text == "-0" else text
    return str(value)


def expected(grid: list[list[object]]) -> dict[int, list[str]]:
    return trimmed({number: [text_of(value) for value in row] for number, row in enumerate(grid, 1)})


def saved_by_openpyxl(grid: list[list[object]]) -> bytes:
    workbook = openpyxl.Workbook()
    for number, row in enumerate(grid, 1):
        for column, value in enumerate(row, 1):
            cell = workbook.active.cell(number, column, value)
            if isinstance(value, str):
                cell.data_type = "s"  # "=1" is a text
    return saved(workbook.save)


def saved_by_xlsxwriter(grid: list[list[object]], *, in_place: bool) -> bytes:
    """Save with shared strings, as Excel does, or with the texts in place."""
    content = io.BytesIO()
    workbook = xlsxwriter.Workbook(content, {"in_memory": True, "constant_memory": in_place})
    sheet, dated = workbook.add_worksheet(), workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    for number, row in enumerate(grid):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, column, value)
            elif isinstance(value, datetime):
                sheet.write_datetime(number, column, value, dated)
            elif value is not None:
                sheet.write(number, column, value)
    workbook.close()
    return content.getvalue()


def saved(save) -> bytes:
    content = io.BytesIO()
    save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    "save",
    [
        pytest.param(saved_by_openpyxl, id="openpyxl"),
        pytest.param(lambda grid: saved_by_xlsxwriter(grid, in_place=False), id="xlsxwriter"),
        pytest.param(lambda grid: saved_by_xlsxwriter(grid, in_place=True), id="xlsxwriter in place"),
    ],
)
@FEW
@given(grid=GRID)
def test_what_was_saved_is_read(save, grid):
    assert read_rows(save(grid)) == expected(grid)


@FEW
@given(grid=GRID)
def test_three_readers_agree(grid):
    content = saved_by_xlsxwriter(grid, in_place=False)

    by_openpyxl = openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
    by_calamine = (
        CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    )

    mine = read_rows(content)
    assert mine == expected([list(map(rounded, row)) for row in by_openpyxl])
    assert mine == expected([list(map(rounded, row)) for row in by_calamine])


def rounded(value: object) -> object:
    """Return a moment to the second: the others keep what floating point left of it."""
    if isinstance(value, datetime):
        return (value + timedelta(milliseconds=500)).replace(microsecond=0)
    return value


CELL_FORMS = [
    '<c r="{at}" t="s"><v>0</v></c>',
    '<c r="{at}" s="1" t="s"><v>3</v></c>',
    '<c r="{at}" t="s"><v>4</v></c>',
    '<c r="{at}" t="s"><v>9</v></c>',  # out of range
    '<c r="{at}"><v>138</v></c>',
    '<c r="{at}" t="n"><v>1.5E3</v></c>',
    '<c r="{at}" s="1"><v>46096.5</v></c>',
    '<c r="{at}" t="n"><v>1.2.3</v></c>',
    '<c r="{at}"><v>12345678901234567890</v></c>',
    '<c r="{at}" t="inlineStr"><is><t>in place</t></is></c>',
    '<c r="{at}" t="inlineStr"><is><t xml:space="preserve"> 中 _x0041_ </t></is></c>',
    '<c r="{at}" t="inlineStr"><is><t>&amp;_x0042__xD800_</t></is></c>',
    '<c r="{at}" t="inlineStr"><is><t>_xD800_</t></is></c>',
    '<c r="{at}" t="inlineStr"><is><r><t>rich</t></r></is></c>',
    '<c r="{at}" t="inlineStr"><is><t>a\r\nb</t></is></c>',
    '<c r="{at}"><f>1+1</f><v>2</v></c>',
    '<c r="{at}" t="e"><v>#N/A</v></c>',
    '<c t="b" r="{at}"><v>1</v></c>',
    '<c r="{at}" s="1"/>',
    "",
]
ROW_FORMS = [
    '<row r="{number}">',
    '<row r="{number}" spans="1:6" ht="15.5" customHeight="1">',
    '<row r="{number}" hidden="1">',
    "<row r='{number}' >",
]
STRING_FORMS = [
    "<si><t>plain</t></si>",
    '<si><t xml:space="preserve"> blanks </t></si>',
    "<si><t>A&amp;B &lt;</t></si>",
    "<si><t>_x0041_</t></si>",
    "<si><t>_xD800_</t></si>",
    "<si><t>a\r\nb</t></si>",
    "<si><r><t>rich </t></r><r><t>text</t></r></si>",
    "<si><t>東</t><rPh sb='0' eb='1'><t>ひがし</t></rPh></si>",
    "<si/>",
    "<si><t/></si>",
]
BETWEEN = ["", "", "", "\n", "<!-- <row r='1'></row><si></si> -->", "<?pi </row></si>?>", "<![CDATA[</row>]]>"]


@st.composite
def sheets(draw: st.DrawFn) -> str:
    """Return the rows of a sheet: some as the pattern wants them, some not, some nearly."""
    rows, number = [], 0
    for _ in range(draw(st.integers(1, 12))):
        number += draw(st.integers(1, 3))
        forms = draw(st.lists(st.sampled_from(CELL_FORMS), max_size=10))
        cells = "".join(form.format(at=f"{letter}{number}") for letter, form in zip("ABCDEFGHIJ", forms, strict=False))
        rows += [
            draw(st.sampled_from(ROW_FORMS)).format(number=number),
            cells,
            "</row>",
            draw(st.sampled_from(BETWEEN)),
        ]
    return "".join(rows)


STRINGS = st.lists(st.sampled_from(STRING_FORMS + BETWEEN[3:]), max_size=12).map("".join)


def read_in_blocks(rows: str, strings: str, size: int) -> tuple[object, ...]:
    """Return all that the reader knows of these rows and strings when they come in blocks of so many bytes."""
    content = books.shared().replace("</sst>", f"{strings}</sst>").encode()
    shared = SharedStrings(Part("strings", 0, 0, 0, len(content), 0), LIMITS)
    shared.read(blocks_of(content, size))
    cells = Cells(shared, {"1": "date"}, is_1904=False)
    stream = RowStream("sheet", LIMITS, cells)
    found = list(filled(stream.rows(blocks_of(books.sheet(rows).encode(), size)), SimpleNamespace(columns=0)))
    return found, shared.texts, shared.broken, stream.hidden_rows, cells.numbers, cells.dates, cells.formulas


def blocks_of(content: bytes, size: int) -> list[bytes]:
    return [content[begin : begin + size] for begin in range(0, len(content), size)]


@settings(max_examples=200, deadline=None)
@given(rows=sheets(), strings=STRINGS, size=st.integers(1, 400))
def test_the_pattern_and_expat_read_the_same(rows, strings, size):
    off = "<![CDATA[]]>"  # nothing, but the reader gives its pattern up for the rest of the part

    assert read_in_blocks(rows, strings, size) == read_in_blocks(off + rows, off + strings, 10**9)
