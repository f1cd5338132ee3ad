"""Text tables: delimiters, quotes, line ends and encodings; what cannot be read exactly is refused."""

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError

from importer.limits import Limits
from importer.readers.reading import Row


@pytest.fixture
def reads_csv(reads):
    """Return a function: bytes or text -> rows, reading."""
    return lambda content: reads(content if isinstance(content, bytes) else content.encode(), "a.csv")


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a;b\n1,5;2\n", [["a", "b"], ["1,5", "2"]]),
        ("a\tb\n1\t2", [["a", "b"], ["1", "2"]]),
        ("a|b\n1|2\n", [["a|b"], ["1|2"]]),  # not a delimiter here
        ("a\n1\n", [["a"], ["1"]]),
        ("sep=;\na,x;b\n", [["a,x", "b"]]),
        ("SEP=\t\r\na,x\tb\n", [["a,x", "b"]]),
        ("\ufeffsep=,\na,b;c;d\n", [["a", "b;c;d"]]),
        ('"a;b;c",d\n1,2\n', [["a;b;c", "d"], ["1", "2"]]),  # what is quoted does not vote
        ("\n\n;a;b\n", [["", "a", "b"]]),  # blank lines do not vote either
        ('"a ""b"" c",d\n', [['a "b" c', "d"]]),
        ('"a\nb\r\nc",d\n', [["a\nb\r\nc", "d"]]),
        ('a"b,5" pipe\n', [['a"b', '5" pipe']]),  # a quote inside an unquoted cell is a quote
        (' a , "b"\n', [[" a ", ' "b"']]),
        ('"",a\n', [["", "a"]]),
        ("a,b,,,\n", [["a", "b"]]),
        ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
        ("a,b\r1,2\r", [["a", "b"], ["1", "2"]]),
        ("a\r\nb\nc\rd", [["a"], ["b"], ["c"], ["d"]]),
        ("a\u2028b,c\x0bd\x0ce\x1cf\x85g\n", [["a\u2028b", "c\x0bd\x0ce\x1cf\x85g"]]),  # no line ends
        ("=1+1,#N/A,TRUE,007,+86138\n", [["=1+1", "#N/A", "TRUE", "007", "+86138"]]),
        (f"{'x' * 32_767},a\n", [["x" * 32_767, "a"]]),
    ],
)
def test_it_is_read_to_the_letter(reads_csv, text, cells):
    rows, _ = reads_csv(text)

    assert [row.cells for row in rows] == cells


def test_rows_are_numbered_as_a_spreadsheet_numbers_them(reads_csv):
    rows, reading = reads_csv('h,i\n\n"1\n2",3\n ,\n\n4,5\n\n\n')

    assert [row.number for row in rows] == [1, 3, 6]
    assert {"code": "blank_rows", "params": {"n": 3}} in reading.notes


def test_a_declaration_is_no_row(reads_csv):
    rows, _ = reads_csv("sep=;\na;b\n")

    assert rows == [Row(1, ["a", "b"], {})]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("号码,姓名\n".encode(), "UTF-8"),
        ("号码,姓名\n".encode("utf-8-sig"), "UTF-8"),
        ("号码,姓名\n".encode("utf-16"), "UTF-16"),
        (b"\xfe\xff" + "号码,姓名\n".encode("utf-16-be"), "UTF-16"),
        ("号码,姓名\n".encode("gb18030"), "GB18030"),
        (
            "号码,姓名\n".encode("gb18030") + "朱镕基,陶喆,李堃\n".encode("gb18030"),
            "GB18030",
        ),  # rare characters of names
        ("号码,姓名\n€ ㈱😀\n".encode("gb18030"), "GB18030"),  # of four bytes, too
    ],
)
def test_the_encoding_is_told(reads_csv, content, name):
    rows, reading = reads_csv(content)

    assert rows[0].cells == ["号码", "姓名"]
    assert reading.encoding == name
    assert {"code": "encoding", "params": {"name": name}} in reading.notes


@pytest.mark.parametrize(
    ("content", "offset"),
    [
        ("number,name\n138,Müller\n".encode("cp1252"), 17),
        ("number,name\n138,Müllerstraße 5,Zoë\n".encode("cp1252"), 17),
        ("Größe,Straße,Füße,Bäcker\n".encode("cp1252"), 2),
        ("It’s “quoted” text\n".encode("cp1252"), 2),
        ("Привет, мир\nномер\n".encode("cp1251"), 0),
        ("電話號碼,姓名,地址\n王小明,陳大文,中文\n".encode("big5"), 0),
        ("名前,電話番号\nやまだ,たろう\n".encode("shift_jis"), 0),
        ("a,é\n".encode("latin-1"), 2),
        ("a,b\n".encode("utf-16-le"), 0),  # without its mark
        ("a,b\n".encode("utf-16")[:-1], 8),
        (b"\xff\xfe\x00\xd8a\x00", 2),  # half a character
        (b"a,b\n\xff\n", 4),
        ("号码,".encode() + b"\xff" + "姓名\n".encode(), 7),
        ("第一行有很多汉字\n".encode() + b"\xb0\n", 25),  # UTF-8 that was damaged is not GB18030
        ("号".encode()[:2], 0),  # cut in the middle
        ("用户\ue000\n".encode("gb18030"), 0),  # a private character of somebody's font
    ],
)
def test_no_encoding_is_guessed(reads_csv, content, offset):
    with pytest.raises(ValidationError) as refused:
        reads_csv(content)

    assert (refused.value.code, refused.value.params["offset"]) == ("file_encoding", offset)


@pytest.mark.parametrize(
    ("content", "code", "params"),
    [
        (b"", "file_empty", {}),
        (b"\xef\xbb\xbf", "file_no_rows", {}),
        (b"\n\r\n , ,\n", "file_no_rows", {}),
        (b"sep=;\n", "file_no_rows", {}),
        (b"a,b\nc\0d,e\n", "file_nul", {"offset": 5}),
        ("a\0b".encode("utf-16"), "file_nul", {"offset": 4}),
        (b'a,b\n1,2\n"3,4\n5,6\n7,8\n', "file_quote", {"line": 3}),
        (b'a,b\n"1"x,2\n', "file_quote", {"line": 2}),
        (b'a,b\n"1" ,2\n', "file_quote", {"line": 2}),
        (b'sep=,\na,b\n"1\n2"x,3\n', "file_quote", {"line": 3}),
        (b'a,b\n"1\n' + b"2,3\n" * 20_000, "file_quote", {"line": 2}),  # never closed
        (b"sep=|\na|b\n", "file_delimiter", {"delimiter": "|"}),
        (b"a" * 32_768, "file_text_too_long", {"max": 32_767}),
        (b"a\n" + b"b" * 70_000, "file_line_too_long", {"line": 2, "max": 65_536}),
        (b"," * 1_000_000, "file_too_many_columns", {"max": 100}),
        (b"," * 100 + b"x", "file_too_many_columns", {"max": 100}),
        (b"x\n" * 10_002, "file_too_many_rows", {"max": 10_000}),
        (b"x" + b"\n" * 20_000 + b"y", "file_row_too_far", {"row": 20_001, "max": 20_000}),
        (b"\n" * 1_100_000 + b"x", "file_row_too_far", {"max": 20_000}),
    ],
)
def test_it_is_refused(reads_csv, content, code, params):
    with pytest.raises(ValidationError) as refused:
        reads_csv(content)

    assert refused.value.code == code
    assert params.items() <= refused.value.params.items()


def test_trailing_blank_lines_are_no_records(reads):
    rows, reading = reads(b"h\n" + b"1\n" * 10 + b"\n" * 15_000, "a.csv", replace(Limits.by_file(), max_rows=10))

    assert (len(rows), reading.rows) == (11, 11)
    assert reading.notes == [{"code": "encoding", "params": {"name": "UTF-8"}}]


def test_a_large_file_is_refused_before_it_is_read(code_of):
    assert code_of(b"1,2,3\n" * 2_000_000, "a.csv") == "file_too_large"
