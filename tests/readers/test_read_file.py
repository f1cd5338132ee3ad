"""`manage.py read_file` prints what the reader sees, or why it refuses."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from . import books
from .books import SHEET, STYLES, book, cell, inline, row


def printed(path, *options: str) -> list[dict]:
    output = io.StringIO()
    call_command("read_file", str(path), *options, stdout=output)
    return [json.loads(line) for line in output.getvalue().splitlines()]


def test_it_prints_rows_then_notes(tmp_path):
    cells = inline("中文 A", "A3") + cell("138", at="B3") + cell("#N/A", "e", at="C3") + cell("46096", at="D3", style=1)
    path = tmp_path / "a.xlsx"
    path.write_bytes(book({SHEET: books.sheet(row(inline("number")) + row(cells, 3)), STYLES: books.styles(14)}))

    assert printed(path, "--rule", "any") == [
        {"row": 1, "cells": ["number"]},
        {"row": 3, "cells": ["中文 A", "138", "#N/A", "2026-03-15"], "faults": {"2": "cell_error"}},
        {
            "rows": 2,
            "notes": [
                {"code": "cells_were_numbers", "params": {"n": 1}},
                {"code": "cells_were_dates", "params": {"n": 1}},
                {"code": "blank_rows", "params": {"n": 1}},
            ],
        },
    ]


def test_a_refused_file_is_one_line_and_a_failure(tmp_path, capsys):
    path = tmp_path / "a.csv"
    path.write_bytes(b'a,b\n1,2\n"3,4\n')

    with pytest.raises(SystemExit) as ended:
        call_command("read_file", str(path))

    [line] = capsys.readouterr().out.splitlines()
    assert ended.value.code == 1
    assert json.loads(line)["error"]["code"] == "file_quote"
    assert "line 3" in json.loads(line)["error"]["detail"]


def test_it_reads_with_the_limits_of_either_way(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"1\n" * 10_002)

    assert printed(path)[-1]["rows"] == 10_002
    with pytest.raises(SystemExit):
        printed(path, "--limits", "file")


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(CommandError):
        printed(tmp_path / "none.csv")
