"""`manage.py read_file` prints what the reader sees, or why it refuses."""

import io
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from aicc_console import programs

from . import books
from .books import SHEET, STYLES, book, cell, inline, row


def printed(path, *options: str) -> list[dict]:
    output = io.StringIO()
    call_command("read_file", str(path), *options, stdout=output)
    return [json.loads(line) for line in output.getvalue().splitlines()]


def bare(**given: str) -> dict[str, str]:
    """Return an environment that tells nothing of any database, broker or key."""
    return {"PATH": os.environ["PATH"]} | given


def manage(*arguments: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = programs.manage(*map(str, arguments))
    return subprocess.run(command, env=bare(**environment), capture_output=True, check=False)


def manage_piped(*arguments: object) -> subprocess.Popen[bytes]:
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(programs.manage(*map(str, arguments)), env=bare(), **pipes)


def refuse_to_open(*_: object, **__: object) -> None:
    raise PermissionError(13, "Permission denied")


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


@pytest.mark.parametrize("name", ["none.csv", "folder.csv", "pipe.csv", "none/a.csv", "closed.csv"])
def test_what_is_no_file_that_can_be_read_is_refused_like_a_file(tmp_path, monkeypatch, capsys, name):
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "closed.csv").touch()
    monkeypatch.setattr(Path, "open", refuse_to_open)

    with pytest.raises(SystemExit) as ended:
        call_command("read_file", str(tmp_path / name))

    [line] = capsys.readouterr().out.splitlines()
    assert ended.value.code == 1
    assert json.loads(line)["error"]["code"] == "file_unreadable"
    assert name in json.loads(line)["error"]["detail"]


def test_a_line_that_it_prints_is_a_line_for_every_program(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("a\x85b\u2028c\u2029d\n".encode())

    [row, _end] = manage("read_file", path).stdout.decode().splitlines()

    assert json.loads(row)["cells"] == ["a\x85b\u2028c\u2029d"]


def test_what_it_prints_is_utf_8_whatever_the_terminal_speaks(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("名字,😀\n".encode())

    done = manage("read_file", path, PYTHONIOENCODING="ascii", VAR_DIR=str(tmp_path))

    assert done.stdout.decode().splitlines()[0] == '{"row": 1, "cells": ["名字", "😀"]}'
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_reader_who_leaves_early_is_no_error(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"1\n" * 50_000)

    with manage_piped("read_file", path) as command:
        first = command.stdout.readline()
        command.stdout.close()
        said = command.stderr.read()

    assert first == b'{"row": 1, "cells": ["1"]}\n'
    assert (command.returncode, said) == (0, b"")
