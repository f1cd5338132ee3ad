"""Workbooks that are odd but right are read to the cell, whatever program wrote them."""

import pytest

from importer.readers.reading import Row

from . import books
from .books import MAIN, RELATIONS, SHARED, SHEET, STRICT, WORKBOOK, book, book_of, cell, inline, row
from .zips import STORED, Entry, zipped

NUMBER_AND_RECIPIENT = [["number"], ["13800000000"]]


def cells_of(rows: list[Row]) -> list[list[str]]:
    return [found.cells for found in rows]


def notes_of(reading) -> dict[str, dict[str, object]]:
    return {note["code"]: note["params"] for note in reading.notes}


def strict() -> bytes:
    """Return a workbook as Excel saves it under "Strict Open XML Spreadsheet"."""
    relations = "http://purl.oclc.org/ooxml/officeDocument/relationships"
    changes = books.parts({WORKBOOK: books.workbook(space=STRICT), SHEET: books.sheet(space=STRICT)})
    return book({name: content.replace(RELATIONS, relations) for name, content in changes.items()})


def prefixed() -> str:
    rows = '<x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>number</x:t></x:is></x:c></x:row>'
    rows += '<x:row r="2"><x:c r="A2"><x:v>13800000000</x:v></x:c></x:row>'
    return f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'


def moved() -> bytes:
    """Return a workbook whose parts have other names, one of them in another case than its relation."""
    parts = books.parts()
    parts["_rels/.rels"] = books.relations(books.relation("rId1", "officeDocument", "/book/main.xml"))
    parts["book/main.xml"] = parts.pop(WORKBOOK)
    parts["book/_rels/main.xml.rels"] = books.relations(books.relation("rId1", "worksheet", "../Data/One.xml"))
    parts["data/one.XML"] = parts.pop(SHEET)
    return zipped(books.entries(parts, without=[books.WORKBOOK_RELATIONS, SHARED, books.STYLES]))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(book(), id="nothing odd"),
        pytest.param(strict(), id="Strict Open XML"),
        pytest.param(book({SHEET: prefixed()}), id="prefixed elements"),
        pytest.param(moved(), id="parts of other names"),
        pytest.param(book({SHEET: books.sheet().replace("UTF-8", "UTF-16").encode("utf-16")}), id="UTF-16"),
        pytest.param(book({SHEET: books.sheet().replace("UTF-8", "ISO-8859-1")}), id="Latin 1, declared"),
        pytest.param(book({SHEET: "\ufeff" + books.sheet()}), id="a byte order mark"),
        pytest.param(book_of(books.ROWS, before='<dimension ref="A1"/>'), id="a dimension too small"),  # WPS Office
        pytest.param(book_of(books.ROWS, before='<dimension ref="A1:XFD1048576"/>'), id="a dimension too large"),
        pytest.param(
            book_of(books.ROWS, before='<dimension ref="A1:ZZZZZZ99999999999"/>'), id="a dimension beyond all"
        ),
        pytest.param(book({SHARED: books.shared(count=4_294_967_295)}), id="a false uniqueCount"),  # calamine: SIGABRT
        pytest.param(book_of(books.ROWS.replace(' r="1"', "").replace(' r="A2"', "")), id="no references"),
        pytest.param(book_of(books.ROWS.replace("><", ">\n  <")), id="pretty-printed"),
        pytest.param(book_of(books.ROWS.replace("number", "<![CDATA[number]]>")), id="CDATA"),
        pytest.param(
            book_of(books.ROWS, after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'), id="all is merged"
        ),
        pytest.param(book(None, Entry(SHEET, books.sheet().encode(), method=STORED)), id="a part that is not packed"),
        pytest.param(zipped(books.entries(books.parts()), comment=b"a comment"), id="a comment of the zip"),
        pytest.param(book(None, Entry("xl/media/a.zip", book())), id="a zip inside"),
        pytest.param(
            book(
                {
                    "xl/worksheets/_rels/sheet1.xml.rels": books.relations(
                        books.relation("rId1", "hyperlink", "https://example.com/", ' TargetMode="External"')
                    )
                }
            ),
            id="a hyperlink",
        ),
    ],
)
def test_it_is_read_like_any_other(reads, content):
    rows, _ = reads(content)

    assert cells_of(rows) == NUMBER_AND_RECIPIENT


def test_ten_rows_are_ten_rows_whatever_the_dimension_says(reads):
    lines = "".join(row(cell(str(i), at=f"A{i}") + cell("1", at=f"C{i}"), i) for i in range(1, 11))

    rows, reading = reads(book_of(lines, before='<dimension ref="A1"/>'))

    assert cells_of(rows) == [[str(i), "", "1"] for i in range(1, 11)]
    assert reading.rows == 10


def test_rows_keep_their_numbers_and_columns_their_places(reads):
    lines = row(inline("a", "B3"), 3) + row(inline(" ", "A5"), 5) + row("", 6) + row(inline("b", "C9"), 9) + row("", 12)

    rows, reading = reads(book_of(lines))

    assert rows == [Row(3, ["", "a"], {}), Row(9, ["", "", "b"], {})]
    assert notes_of(reading) == {"blank_rows": {"n": 7}}


def test_blank_cells_may_lie_anywhere(reads):
    far = '<c r="B1" s="1"/><c r="AMJ1" s="1"/>'  # LibreOffice formats 1,024 columns
    last = '<row r="1048576" s="1" customFormat="1"/>'

    rows, _ = reads(book_of(row(inline("a") + far) + last))

    assert rows == [Row(1, ["a"], {})]


@pytest.mark.parametrize(
    ("sheets", "notes"),
    [
        (['name="A"'], {}),
        (['name="A"', 'name="B"'], {"only_first_sheet": {"sheet": "A"}}),
        (['name="A"', 'name="B" state="hidden"'], {}),
        (['name="A" state="veryHidden"', 'name="B"'], {"hidden_sheets": {"n": 1}}),
        (
            ['name="A" state="hidden"', 'name="B" state="visible"', 'name="C"'],
            {"hidden_sheets": {"n": 1}, "only_first_sheet": {"sheet": "B"}},
        ),
    ],
)
def test_the_first_visible_sheet_is_read(reads, sheets, notes):
    own = {f"xl/worksheets/sheet{i}.xml": books.sheet(row(inline(f"sheet {i}"))) for i in range(1, len(sheets) + 1)}
    first = next(i for i, sheet in enumerate(sheets, 1) if "idden" not in sheet)

    rows, reading = reads(book({WORKBOOK: books.workbook(*sheets), **own}, sheets=len(sheets)))

    assert cells_of(rows) == [[f"sheet {first}"]]
    assert notes_of(reading) == notes


def test_an_empty_second_sheet_is_not_worth_a_note(reads):
    _, reading = reads(book({"xl/worksheets/sheet2.xml": books.sheet(row('<c r="A1" s="1"/>'))}, sheets=2))

    assert reading.notes == []


def test_a_chart_sheet_is_passed_over(reads):
    chart = books.relation("rId1", "chartsheet", "chartsheets/sheet1.xml")
    own = books.relations(chart, books.relation("rId2", "worksheet", "worksheets/sheet1.xml"))

    rows, _ = reads(book({WORKBOOK: books.workbook('name="Chart"', 'name="A"'), books.WORKBOOK_RELATIONS: own}))

    assert cells_of(rows) == NUMBER_AND_RECIPIENT


def test_hidden_rows_and_columns_are_read_and_counted(reads):
    columns = '<cols><col min="2" max="3" hidden="1"/><col min="4" max="16384" hidden="1"/></cols>'
    hidden = '<row r="2" hidden="1"><c r="A2"><v>2</v></c></row><row r="3" hidden="1"/>'

    rows, reading = reads(book_of(row(cell("1") + cell("2", at="D1")) + hidden, before=columns))

    assert cells_of(rows) == [["1", "", "", "2"], ["2"]]
    assert notes_of(reading) == {
        "cells_were_numbers": {"n": 3},
        "hidden_rows": {"n": 1},
        "hidden_columns": {"n": 3},
    }


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("<!-- ", " -->"),
        ("<![CDATA[", "]]>"),
        ("<?x ", "?>"),
        ('<x:a xmlns:x="urn:x">', "</x:a>"),
        ('<x:a xmlns:x="urn:x"><c r="A2" t="str"><v>ghost</v></c>', "</x:a>"),
        ('<x:a xmlns:x="urn:x"><is><t>ghost</t></is>', "</x:a>"),
        ('<c r="A2"><v>1</v></c><row r="2"><c r="A2"><f>', "</f></c></row>"),
    ],
)
def test_what_looks_like_a_row_may_be_none(reads, begin, end):
    plain = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
    ghost = plain.replace(">a<", ">ghost<").replace("1", "2")

    rows, _ = reads(book_of(f"{plain}{begin}{ghost}{end}{plain.replace('1', '3')}"))

    assert [row.cells for row in rows if row.number != 2] == [["a"], ["a"]]
    assert "ghost" not in str(rows)


@pytest.mark.parametrize(
    ("begin", "end"), [("<!-- ", " -->"), ("<![CDATA[", "]]>"), ('<x:a xmlns:x="urn:x">', "</x:a>")]
)
def test_what_looks_like_a_shared_string_may_be_none(reads, begin, end):
    strings = books.shared("<t>0</t>").replace("</sst>", f"{begin}<si><t>ghost</t></si>{end}<si><t>1</t></si></sst>")

    rows, _ = reads(book({SHARED: strings, SHEET: books.sheet(row(cell("1", "s")))}))

    assert cells_of(rows) == [["1"]]


def test_elements_of_other_programs_are_passed_over(reads):
    foreign = '<x:row xmlns:x="urn:x" r="1"><x:c r="A1"><x:v>ghost</x:v></x:c></x:row>'
    other = '<row xmlns="urn:x" r="1"><c r="A1"><v>7</v></c></row>'

    rows, _ = reads(book_of(f"{foreign}{other}{books.ROWS}"))

    assert cells_of(rows) == NUMBER_AND_RECIPIENT
