"""Parts of workbooks that nobody saved with a spreadsheet program, each with its code.

What calamine and openpyxl make of them: docs/adr/0002-own-workbook-reader.md.
"""

from collections.abc import Callable

from . import books
from .books import HEAD, MAIN, SHARED, SHEET, STYLES, WORKBOOK, book, book_of, cell, row
from .cases import added, case, changed
from .zips import repeated

LAUGHTER = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
LAUGHS = f'<!DOCTYPE l [<!ENTITY a0 "ha">{LAUGHTER}]>'
QUADRATIC = f'<!DOCTYPE l [<!ENTITY q "{"A" * 100_000}">]>'


def attributes(count: int) -> str:
    return " ".join(f'a{i}="1"' for i in range(count))


def in_sheet(prolog: str, text: str = "&a9;") -> Callable[[], bytes]:
    return lambda: book({SHEET: books.sheet(row(books.inline(text)), prolog=prolog)})


def entity(declaration: str) -> str:
    return f"<!DOCTYPE w [{declaration}]>"


XML = [
    case("a billion laughs in the sheet", "file_doctype", in_sheet(LAUGHS)),
    case(
        "a billion laughs in the shared strings",
        "file_doctype",
        changed(SHARED, books.shared("<t>&a9;</t>", prolog=LAUGHS)),
    ),
    case("a billion laughs in the workbook", "file_doctype", changed(WORKBOOK, books.workbook(prolog=LAUGHS))),
    case("a billion laughs in the styles", "file_doctype", changed(STYLES, books.styles(prolog=LAUGHS))),
    case(
        "a billion laughs in the content types",
        "file_doctype",
        changed("[Content_Types].xml", books.content_types("&a9;", LAUGHS)),
    ),
    case(
        "a billion laughs in a part that nobody reads",
        "file_doctype",
        changed("docProps/core.xml", f"{HEAD}{LAUGHS}<core>&a9;</core>"),
    ),
    case("quadratic growth to 2 GB", "file_doctype", in_sheet(QUADRATIC, "&q;" * 20_000)),
    case("quadratic growth below expat's own limit", "file_doctype", in_sheet(QUADRATIC, "&q;" * 70)),
    case("a file as entity", "file_doctype", in_sheet(entity('<!ENTITY x SYSTEM "file:///etc/passwd">'), "&x;")),
    case("an address as entity", "file_doctype", in_sheet(entity('<!ENTITY x SYSTEM "http://127.0.0.1:9/">'))),
    case(
        "a parameter entity",
        "file_doctype",
        in_sheet(entity('<!ENTITY % p SYSTEM "http://127.0.0.1:9/"> %p;')),
    ),
    case("a DTD elsewhere", "file_doctype", in_sheet('<!DOCTYPE w SYSTEM "http://127.0.0.1:9/d.dtd">')),
    case("a harmless DOCTYPE", "file_doctype", in_sheet("<!DOCTYPE worksheet>", "x")),
    case("an entity that nobody declared", "file_bad_xml", in_sheet("", "&nbsp;")),
    case(
        "50,000 nested elements",
        "file_xml_depth",
        lambda: book_of(row(f'<c r="A1"><v>{"<z>" * 50_000}{"</z>" * 50_000}</v></c>')),
    ),
    case(
        "400,000 attributes",
        "file_xml_attributes",
        lambda: book_of(f"<row {attributes(400_000)}/>"),
    ),
    case(
        "65 attributes",
        "file_xml_attributes",
        lambda: book_of(f"<row {attributes(65)}/>"),
    ),
    case("NUL in a text", "file_bad_xml", lambda: book_of(row(books.inline("a\0b")))),
    case("NUL as a reference", "file_bad_xml", lambda: book_of(row(books.inline("a&#0;b")))),
    case("U+FFFE in a text", "file_bad_xml", lambda: book_of(row(books.inline("a\ufffeb")))),
    case(
        "bytes that are not UTF-8",
        "file_bad_xml",
        lambda: book({SHEET: books.sheet(row(books.inline("@@"))).encode().replace(b"@@", b"\xff\xfe\xc0\x80")}),
    ),
    case("UTF-7", "file_bad_xml", lambda: book({SHEET: books.sheet().replace("UTF-8", "UTF-7")})),
    case("XML that breaks off", "file_bad_xml", lambda: book({SHEET: books.sheet()[:-150]})),
    case("XML that goes on behind its end", "file_bad_xml", lambda: book({SHEET: books.sheet() + "<x/>"})),
    case("another root", "file_corrupt", lambda: book({SHEET: books.sheet().replace("worksheet", "chartsheet")})),
    case("another namespace", "file_corrupt", lambda: book({SHEET: books.sheet(space="urn:x")})),
]

GRID = [
    case(
        "the corners of the grid",  # calamine: SIGABRT
        "file_too_many_columns",
        lambda: book_of(row(cell("1")) + row(cell("2", at="XFD1048576"), 1_048_576)),
    ),
    case("a value in column CW", "file_too_many_columns", lambda: book_of(row(cell("1", at="CW1")))),
    case(
        "101 values without a reference",
        "file_too_many_columns",
        lambda: book_of(row("<c><v>1</v></c>" * 101)),
    ),
    case(
        "the last row of the grid",
        "file_row_too_far",
        lambda: book_of(row(cell("1")) + row(cell("2", at="A1048576"), 1_048_576)),
    ),
    case(
        "a row beyond the grid",  # calamine: SIGABRT
        "file_bad_reference",
        lambda: book_of(row(cell("1", at="A1048577"), 1_048_577)),
    ),
    case("row 999,999,999", "file_bad_reference", lambda: book_of(row("", 999_999_999))),
    case("row 0", "file_bad_reference", lambda: book_of(row(cell("1", at="A0"), 0))),
    case("row -5", "file_bad_reference", lambda: book_of(row(cell("1", at="A-5"), -5))),
    case("column AAAAAAA", "file_bad_reference", lambda: book_of(row(cell("1", at="AAAAAAA1")))),  # SIGABRT, too
    case("column ZZZ", "file_bad_reference", lambda: book_of(row(cell("1", at="ZZZ1")))),
    case("a cell of another row", "file_bad_reference", lambda: book_of(row(cell("1", at="A2")))),
    case("rows that count down", "file_bad_reference", lambda: book_of(row("", 9) + row("", 2))),
    case("a row twice", "file_bad_reference", lambda: book_of(row(cell("1")) + row(cell("1")))),
    case("a cell twice", "file_bad_reference", lambda: book_of(row(cell("1") + cell("2")))),
    case("cells that count down", "file_bad_reference", lambda: book_of(row(cell("1", at="B1") + cell("2")))),
    case("two values in a cell", "file_corrupt", lambda: book_of(row('<c r="A1"><v>1</v><v>2</v></c>'))),
    case("21 sheets", "file_too_many_sheets", lambda: book(sheets=21)),
    case("no sheet", "file_no_sheet", changed(WORKBOOK, f'<workbook xmlns="{MAIN}"><sheets/></workbook>')),
    case("hidden sheets only", "file_no_sheet", changed(WORKBOOK, books.workbook('name="S" state="hidden"'))),
    case("no rows", "file_no_rows", lambda: book_of("")),
    case("blank rows only", "file_no_rows", lambda: book_of(row(books.inline(" \u00a0\u3000")))),
    case(
        "10,002 rows",
        "file_too_many_rows",
        lambda: book_of("".join(row(cell(str(i), at=f"A{i}"), i) for i in range(1, 10_003))),
    ),
    case("500,000 styles", "file_too_large_unpacked", lambda: book({STYLES: books.styles(*[14] * 500_000)})),
    case("a long number format", "file_format_too_long", changed(STYLES, books.styles("[a" * 128))),
    case("a number format to choke on", "file_xml_attributes", changed(STYLES, books.styles("[a" * 200_000))),
]

STRINGS = [
    case(
        "5 million strings",
        "file_too_large_unpacked",
        added(repeated(SHARED, b"", b"<si><t>abcdefgh</t></si>", 5_000_000)),
    ),
    case(
        "a string of 32,768 characters",
        "file_text_too_long",
        changed(SHARED, books.shared(f"<t>{'B' * 32_768}</t>")),
    ),
    case(
        "a megabyte that 20,000 cells show",  # calamine copies it: SIGABRT
        "file_text_too_long",
        lambda: book(
            {
                SHARED: books.shared(f"<t>{'B' * 1_000_000}</t>"),
                SHEET: books.sheet("".join(row(cell("0", "s", at=f"A{i}"), i) for i in range(1, 20_001))),
            }
        ),
    ),
    case(
        "a long text that a million cells show",
        "file_too_large_unpacked",
        lambda: book(
            {
                SHARED: books.shared(f"<t>{'B' * 32_767}</t>"),
                SHEET: books.sheet(("<row>" + '<c t="s"><v>0</v></c>' * 100 + "</row>") * 10_000),
            }
        ),
    ),
    case(
        "rich text of a million runs",
        "file_too_large_unpacked",
        lambda: book({SHARED: books.shared("<r><rPr><b/></rPr><t>x</t></r>" * 1_000_000)}),
    ),
    case("3 MB of digits", "file_too_large_unpacked", lambda: book_of(row(cell("9" * 3_000_000)))),
    case("40,000 digits", "file_text_too_long", lambda: book_of(row(cell("9" * 40_000)))),
    case("a cell of 32,768 characters", "file_text_too_long", lambda: book_of(row(books.inline("B" * 32_768)))),
]
