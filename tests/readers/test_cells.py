"""What each kind of cell becomes: exact text, or text with the fault that its row fails with."""

from time import monotonic

import pytest

from importer.readers.cells import date_text, iso_text, number_text, span_text
from importer.readers.styles import meaning_of
from importer.readers.texts import unescape

from . import books
from .books import SHARED, SHEET, STYLES, book, book_of, cell, inline, row


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("0", "0"),
        ("13800000000", "13800000000"),
        ("007", "7"),
        ("8.613812345678E12", "8613812345678"),
        ("13812345678.0", "13812345678"),
        ("999999999999999", "999999999999999"),
        ("-5", "-5"),
        ("-0", "0"),
        ("+5", "5"),
        ("0.1", "0.1"),
        (".5", "0.5"),
        ("12.50", "12.5"),
        ("0.30000000000000004", "0.3"),  # 0.1 + 0.2
        ("1234567890.12345678", "1234567890.12346"),  # 15 digits, as Excel shows it
        ("1E-7", "0.0000001"),
        ("1.5e-10", "0.00000000015"),
        ("13812345678.000001", "13812345678"),
    ],
)
def test_a_number_is_its_digits(raw, text):
    assert number_text(raw) == (text, "")


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        ("1000000000000000", "number_precision"),
        ("12345678901234567890", "number_precision"),
        ("8.6138E+16", "number_precision"),
        ("999999999999999.9", "number_precision"),
        ("1e999", "number_precision"),
        ("NaN", "cell_unreadable"),
        ("-Infinity", "cell_unreadable"),
        ("1_000", "cell_unreadable"),
        ("1,5", "cell_unreadable"),
        ("0x10", "cell_unreadable"),
        ("٣٤", "cell_unreadable"),
        ("１２", "cell_unreadable"),
        ("²", "cell_unreadable"),
        ("--1", "cell_unreadable"),
    ],
)
def test_a_number_that_is_not_exact_says_so(raw, fault):
    assert number_text(raw) == (raw, fault)


def test_a_cell_of_many_digits_that_is_no_number_takes_no_time():
    """One such cell took longer than a whole file may, which was refused for it."""
    began = monotonic()

    assert number_text("1" * 32_766 + "x")[1] == "cell_unreadable"
    assert monotonic() - began < 1


@pytest.mark.parametrize(
    ("serial", "text"),
    [
        (46096, "2026-03-15"),
        (46096.5, "2026-03-15 12:00:00"),
        (46096.572916666664, "2026-03-15 13:45:00"),
        (0.572916666666667, "13:45:00"),
        (0, "00:00:00"),
        (46095.9999999, "2026-03-15"),  # rounded to the second, as Excel does
        (1, "1900-01-01"),
        (59, "1900-02-28"),
        (60, "1900-02-29"),  # Excel's own day
        (61, "1900-03-01"),
        (2958465, "9999-12-31"),
        (2958466, ""),
        (-1, ""),
        (1e308, ""),
    ],
)
def test_a_date_is_iso_text(serial, text):
    assert date_text(serial, is_1904=False) == text


@pytest.mark.parametrize(
    ("serial", "text"), [(44634, "2026-03-15"), (1, "1904-01-02"), (0.5, "12:00:00"), (2958465, "")]
)
def test_a_date_of_the_1904_system(serial, text):
    assert date_text(serial, is_1904=True) == text


@pytest.mark.parametrize(("serial", "text"), [(1.5, "36:00:00"), (0.0625, "1:30:00"), (-1, "")])
def test_a_span_of_time_may_pass_a_day(serial, text):
    assert span_text(serial) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("2026-03-15", "2026-03-15"),
        ("2026-03-15T00:00:00", "2026-03-15"),
        ("2026-03-15T13:45:00.000Z", "2026-03-15 13:45:00"),
        ("13:45:00", "13:45:00"),
        ("not-a-date", ""),
        ("2026-02-30", ""),
    ],
)
def test_a_date_that_is_written_out(raw, text):
    assert iso_text(raw) == text


@pytest.mark.parametrize(
    ("number_format", "meaning"),
    [
        ("General", ""),
        ("0.00", ""),
        ("#,##0.00 [$USD-409]", ""),
        ('0 "days"', ""),
        (r"0\d", ""),
        ("[Red]0;[Blue]-0", ""),
        ("_($* #,##0_)", ""),
        ("@", ""),
        ("0.00E+00", ""),
        ("yyyy-mm-dd", "date"),
        ("DD/MM/YY", "date"),
        (r"yyyy\-mm\-dd;@", "date"),
        ('yyyy"年"m"月"d"日"', "date"),
        ("[$-804]yyyy/m/d", "date"),
        ("h:mm AM/PM", "date"),
        ("mm:ss", "date"),
        ("[h]:mm:ss", "span"),
        ("[MM]:ss", "span"),
    ],
)
def test_a_number_format_makes_a_date(number_format, meaning):
    assert meaning_of(number_format) == meaning


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("a_x000D_b", "a\rb"),
        ("_x0041_", "A"),
        ("_x005F_x0041_", "_x0041_"),
        ("_x0041", "_x0041"),
        ("_xZZZZ_", "_xZZZZ_"),
        ("_x4e2d_", "中"),
        ("_xD83D__xDE00_", "😀"),
        ("_x0000_", "\0"),
    ],
)
def test_an_escape_is_its_character(raw, text):
    assert unescape(raw) == text


def shown(reads, cells: str, strings: str = books.shared()) -> tuple[list[str], dict[int, str]]:
    """Return cells and faults of the one row of a workbook that has a date in style 1 and a span in style 2."""
    rows, _ = reads(book({SHEET: books.sheet(row(cells)), SHARED: strings, STYLES: books.styles(14, 46)}))
    return rows[0].cells, rows[0].faults


@pytest.mark.parametrize(
    ("xml", "text", "fault"),
    [
        (cell("text", "str"), "text", ""),
        (inline("  blanks stay \n"), "  blanks stay \n", ""),
        (inline("A&amp;B &lt;x&gt; &#169; &quot;"), 'A&B <x> © "', ""),
        (inline("a_x0007_b"), "a\x07b", ""),  # the rules of the recipient refuse it, and say which character it is
        (inline("_xD800_"), "\ufffd", "cell_unreadable"),
        (inline("a_x0000_b"), "a\ufffdb", "cell_unreadable"),  # NUL is in no database
        (inline("=1+1"), "=1+1", ""),
        (inline("'0138"), "'0138", ""),
        ('<c r="A1" t="inlineStr"><is><r><t>+86 </t></r><r><rPr><b/></rPr><t>138</t></r></is></c>', "+86 138", ""),
        ('<c r="A1" t="inlineStr"><is><t>東</t><rPh sb="0" eb="1"><t>ひがし</t></rPh></is></c>', "東", ""),
        ('<c r="A1" t="inlineStr"><v>in the wrong place</v></c>', "in the wrong place", ""),
        (cell("1", "b"), "TRUE", ""),
        (cell("0", "b"), "FALSE", ""),
        (cell("7", "b"), "7", "cell_unreadable"),
        (cell("#N/A", "e"), "#N/A", "cell_error"),
        (cell("1", "zz"), "1", "cell_unreadable"),
        (cell(" 42 "), "42", ""),
        (cell("13800000000.0"), "13800000000", ""),
        (cell("138000001.5"), "138000001.5", "cell_amount"),  # "." and "-" are separators in a number that is text
        (cell("-13800000000"), "-13800000000", "cell_amount"),
        (cell("2.5", formula="<f>5/2</f>"), "2.5", "cell_amount"),
        (cell("12345678901234567890"), "12345678901234567890", "number_precision"),
        (cell("46096", style=1), "2026-03-15", "cell_date"),
        (cell("1.5", style=2), "36:00:00", "cell_date"),
        (cell("99999999999", style=1), "99999999999", "cell_unreadable"),
        (cell("46096", style=7), "46096", ""),  # no such style
        (cell("2026-03-15T13:45:00", "d"), "2026-03-15 13:45:00", "cell_date"),
        (cell("not-a-date", "d"), "not-a-date", "cell_unreadable"),
        (cell("0", "s"), "first", ""),
        (cell("2", "s"), "2", "cell_unreadable"),
        (cell("-1", "s"), "-1", "cell_unreadable"),
        (cell("99999999999", "s"), "99999999999", "cell_unreadable"),
        (cell("2", formula="<f>1+1</f>"), "2", ""),
        (cell("text", "str", formula="<f>A2</f>"), "text", ""),
        (cell("#REF!", "e", formula="<f>A2</f>"), "#REF!", "cell_error"),
        (cell("", formula="<f>1+1</f>"), "", "cell_formula"),
        ('<c r="A1"><f>WEBSERVICE("http://127.0.0.1:9/")</f></c>', "", "cell_formula"),
        ('<c r="A1"><f t="shared" si="0"/><v>3</v></c>', "3", ""),
    ],
)
def test_a_cell_is_its_text(reads, xml, text, fault):
    strings = books.shared("<t>first</t>", "<t>last</t>")

    assert shown(reads, xml + inline("end", "B1"), strings) == ([text, "end"], {0: fault} if fault else {})


@pytest.mark.parametrize("blank", ['<c r="A1"/>', '<c r="A1" t="s"/>', '<c r="A1" t="str"><f>""</f><v></v></c>'])
def test_a_cell_without_content_is_empty(reads, blank):
    assert shown(reads, blank + inline("end", "B1")) == (["", "end"], {})


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ("<t>plain</t>", "plain"),
        ('<t xml:space="preserve"> blanks </t>', " blanks "),
        ("<t> blanks </t>", " blanks "),
        ("<r><t>+86 </t></r><r><t> 138</t></r>", "+86  138"),
        ("<t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh><phoneticPr fontId='1'/>", "東京"),
        ("<t>A&amp;B &#x4e2d;</t>", "A&B 中"),
        ("<t>a_x000D__x000A_b</t>", "a\r\nb"),
        ("<t>a\r\nb\rc</t>", "a\nb\nc"),  # XML makes one newline of each
        (f"<t>{'x' * 32_767}</t>", "x" * 32_767),
    ],
)
def test_a_shared_string_is_its_text(reads, item, text):
    strings = books.shared("<t>before</t>", item, "<t>after</t>")

    cells, faults = shown(reads, cell("1", "s") + cell("2", "s", at="B1"), strings)

    assert (cells, faults) == ([text, "after"], {})


def test_half_a_character_in_a_shared_string_is_a_fault_where_it_is_shown(reads):
    strings = books.shared("<t>whole</t>", "<t>_xD800_</t>")

    assert shown(reads, cell("0", "s") + cell("1", "s", at="B1"), strings) == (
        ["whole", "\ufffd"],
        {1: "cell_unreadable"},
    )


def test_what_was_not_text_is_counted(reads):
    cells = cell("1") + cell("2", at="B1", formula="<f>A1*2</f>") + cell("46096", at="C1", style=1) + cell("3", at="D1")

    _, reading = reads(book({SHEET: books.sheet(row(cells)), STYLES: books.styles(14)}))

    assert [(note["code"], note["params"]["n"]) for note in reading.notes] == [
        ("cells_were_numbers", 3),
        ("cells_were_dates", 1),
        ("cells_were_formulas", 1),
    ]


def test_a_row_of_faults_alone_is_not_blank(reads):
    rows, _ = reads(book_of(row(cell("", formula="<f>1</f>"))))

    assert (rows[0].cells, rows[0].faults) == ([""], {0: "cell_formula"})


def test_the_1904_system_is_the_workbooks(reads):
    rows, _ = reads(
        book(
            {
                books.WORKBOOK: books.workbook(properties='date1904="1"'),
                SHEET: books.sheet(row(cell("44634", style=1))),
            }
        )
    )

    assert rows[0].cells == ["2026-03-15"]


def test_a_date_is_a_fault_for_a_recipient_only(reads):
    rows, _ = reads(book_of(row(cell("46096", style=1))))

    assert rows[0].fault_of(0, is_recipient=True) == "cell_date"
    assert rows[0].fault_of(0, is_recipient=False) == ""
