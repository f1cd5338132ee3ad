"""Chunks, first rows and early looks: what the pipeline gets, and what it can rely on."""

import io
import json
from dataclasses import replace
from tempfile import SpooledTemporaryFile, TemporaryFile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile

from importer.limits import Limits
from importer.readers.reading import Row, peek, read, rows_of
from importer.readers.reasons import CELL, FILE, FOUND, NOTE, note_sentence
from importer.readers.regular import letters_of

from . import books
from .books import SHARED, SHEET, STYLES, book

TABLE = "".join(f"{i},中文{i}\n" for i in range(5_000)).encode()
LIMITS = Limits.by_file()


def test_chunks_hold_so_many_rows_in_source_order(tmp_path):
    reading = read(io.BytesIO(TABLE), name="a.csv", into=tmp_path, limits=LIMITS, chunk_rows=2_000)

    names = sorted(path.name for path in tmp_path.iterdir())
    chunks = [list(rows_of(tmp_path / name)) for name in names]
    assert names == ["00000.jsonl", "00001.jsonl", "00002.jsonl"]
    assert [len(chunk) for chunk in chunks] == [2_000, 2_000, 1_000]
    assert [row.number for chunk in chunks for row in chunk] == list(range(1, 5_001))
    assert (reading.rows, reading.chunks, reading.delimiter) == (5_000, 3, ",")


def test_a_chunk_is_a_line_of_json_for_each_row(tmp_path):
    cells = books.row(books.cell("#N/A", "e", at="A7") + books.inline('a"\\\n\u2028中😀', "B7"), 7)
    read(io.BytesIO(books.book_of(cells)), name="a.xlsx", into=tmp_path, limits=LIMITS)

    lines = (tmp_path / "00000.jsonl").read_bytes().decode().split("\n")

    assert [json.loads(line) for line in lines[:-1]] == [[7, ["#N/A", 'a"\\\n\u2028中😀'], {"0": "cell_error"}]]
    assert lines[-1] == ""


def test_a_chunk_of_long_texts_is_closed_early(reads):
    rows, reading = reads(("x" * 20_000 + "\n").encode() * 500, "a.csv")

    assert (len(rows), reading.chunks) == (500, 3)


@pytest.mark.parametrize(("name", "ending"), [("a.txt", ".txt"), ("list", "list"), ("x" * 30, "x" * 20), ("", "")])
def test_a_name_of_another_ending_is_refused_with_how_it_ends(tmp_path, name, ending):
    with pytest.raises(ValidationError) as refused:
        read(io.BytesIO(TABLE), name=name, into=tmp_path, limits=LIMITS)

    assert (refused.value.code, refused.value.params["extension"]) == ("file_type", ending)


def test_a_name_may_be_an_ending_alone(tmp_path):
    assert read(io.BytesIO(TABLE), name=".CSV", into=tmp_path, limits=LIMITS).rows == 5_000


def test_six_first_rows_are_kept(tmp_path):
    reading = read(io.BytesIO(TABLE), name="a.csv", into=tmp_path, limits=LIMITS)

    assert reading.first_rows == [Row(i + 1, [str(i), f"中文{i}"], {}) for i in range(6)]


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        (b"1,2\n1,2,3\n1\n", 3),
        (b"1,2,,\n1,2,3\n", 4),  # empty at the end of a row, and a column
        (b"1,2\n,,,,,\n", 2),  # a blank row is no row
    ],
)
def test_the_widest_row_says_how_many_columns_there_are(tmp_path, content, columns):
    assert read(io.BytesIO(content), name="a.csv", into=tmp_path, limits=LIMITS).columns == columns


@pytest.mark.parametrize("columns", [1, 2, 8, 9, 20])
@pytest.mark.parametrize("attribute", ["", ' x="1"'])  # a row with an unknown attribute is read by expat
def test_a_workbook_is_as_wide_as_its_widest_row(columns, attribute):
    cells = [books.inline("x", f"{letters_of(column)}1") for column in range(columns)]
    rows = books.row("".join(cells)).replace("<row ", f"<row{attribute} ") + "<row r='2'/>"
    hidden = f'<cols><col min="{columns}" max="30" hidden="1"/></cols>'

    reading = peek(io.BytesIO(books.book_of(rows, before=hidden)), name="a.xlsx", limits=LIMITS, count=True)

    assert reading.columns == columns
    assert {"code": "hidden_columns", "params": {"n": 1}} in reading.notes


def test_a_look_stops_early(tmp_path):
    damaged_later = TABLE + b'"never closed\n'

    reading = peek(io.BytesIO(damaged_later), name="a.csv", limits=LIMITS, rows=3)

    assert (reading.rows, reading.chunks, len(reading.first_rows)) == (3, 0, 3)


def test_a_look_can_count(tmp_path):
    reading = peek(io.BytesIO(TABLE), name="A.CSV", limits=LIMITS, count=True)

    assert (reading.rows, len(reading.first_rows)) == (5_000, 6)


@pytest.mark.parametrize("count", [False, True])
def test_a_look_refuses_what_cannot_be_read(count):
    with pytest.raises(ValidationError) as refused:
        peek(io.BytesIO(b"x"), name="a.xlsx", limits=LIMITS, count=count)

    assert refused.value.code == "file_type"


@pytest.mark.parametrize(
    "opened",
    [
        io.BytesIO,
        lambda content: SimpleUploadedFile("a.csv", content),
        lambda content: filled(TemporaryUploadedFile("a.csv", "text/csv", len(content), None), content),
        lambda content: filled(SpooledTemporaryFile(max_size=10), content),  # noqa: SIM115
        lambda content: filled(SpooledTemporaryFile(max_size=10**9), content),  # noqa: SIM115
        lambda content: filled(TemporaryFile(), content),  # noqa: SIM115
    ],
)
def test_a_source_may_lie_anywhere_and_stays_where_it_was(opened):
    source = opened(TABLE)
    source.seek(3)

    reading = peek(source, name="a.csv", limits=LIMITS, count=True)

    assert reading.rows == 5_000
    assert source.read(4) == TABLE[3:7]


def filled(file, content):
    file.write(content)
    return file


@pytest.mark.parametrize(
    ("changes", "limits", "code"),
    [
        ({SHARED: books.shared(*["<t>x</t>"] * 11)}, {"shared_strings": 10}, "file_too_many_strings"),
        ({SHARED: books.shared(*["<r><t>x</t></r>"] * 11)}, {"shared_strings": 10}, "file_too_many_strings"),
        ({SHARED: books.shared(f"<t>{'x' * 600}</t>")}, {"shared_string_bytes": 600}, "file_too_many_strings"),
        ({STYLES: books.styles(*[14] * 10)}, {"styles": 10}, "file_too_many_styles"),
        ({}, {"unpacked_bytes": 2_000}, "file_too_large_unpacked"),
        ({}, {"part_bytes": 500}, "file_too_large_unpacked"),
        ({"x.bin": bytes(10_000)}, {"ratio_floor": 9_999, "ratio": 10}, "file_too_large_unpacked"),
        ({}, {"workbook_bytes": 1_000}, "file_too_large"),
        ({}, {"entries": 6}, "file_too_many_parts"),
        ({}, {"max_rows": 0}, "file_too_many_rows"),
        ({}, {"row_number": 1}, "file_row_too_far"),
    ],
)
def test_every_limit_is_kept(code_of, changes, limits, code):
    assert code_of(book(changes), "a.xlsx", replace(LIMITS, **limits)) == code


def test_one_header_and_so_many_records_are_allowed(reads):
    _, reading = reads(book(), "a.xlsx", replace(LIMITS, max_rows=1))

    assert reading.rows == 2


def test_a_row_limit_can_be_chosen():
    assert Limits.by_file(50_000).max_rows == 50_000
    assert Limits.by_server(600_000).row_number >= 600_001


def test_every_sentence_ends_and_every_code_is_unique():
    tables = [FILE, CELL, NOTE]

    assert all(str(sentence).endswith(".") for table in tables for sentence in table.values())
    assert len(set().union(*tables)) == sum(map(len, tables))
    assert {f"file_type.{kind}" for kind in FOUND} <= FILE.keys()


def test_a_note_is_a_sentence():
    assert note_sentence({"code": "blank_rows", "params": {"n": 3}}) == "Blank rows that were skipped: 3."


def test_sheet_is_told(reads):
    _, reading = reads(book({SHEET: books.sheet()}))

    assert (reading.sheet, reading.encoding) == ("S1", "")
