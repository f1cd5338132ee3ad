"""`read_file FILE`: print what the isolated reader sees in a file, cell by cell, and import nothing."""

import errno
import json
import os
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand

from importer.limits import Limits
from importer.readers.reading import RECIPIENT_ONLY, Reading, Row, read, rows_of
from importer.readers.reasons import refusal
from tenants.json_lines import write_lines

LIMITS = {"file": Limits.by_file, "server": Limits.by_server}
encode = json.JSONEncoder(ensure_ascii=False).encode


class Command(BaseCommand):
    help = (
        "Prints the rows of FILE (.xlsx or .csv) as JSON lines, the text of each cell as an import takes it, the "
        "header row included; then a line with the number of rows and the notes. A file that is refused is refused "
        "as a whole: the only line says why, and the exit status is 1."
    )
    requires_system_checks: list[str] = []  # needs neither database nor broker

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--limits", choices=LIMITS, default="server", help="as of which way in; server by default")
        parser.add_argument(
            "--rule", metavar="R", help="the mapping rule FILE is meant for; any rule sees the same rows and columns"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        with tempfile.TemporaryDirectory() as folder:
            try:
                with _opened(file) as source:
                    reading = read(source, name=file.name, into=Path(folder), limits=LIMITS[options["limits"]]())
            except ValidationError as refused:
                write_lines(self.stdout, [encode({"error": {"code": refused.code, "detail": refused.messages[0]}})])
                sys.exit(1)
            write_lines(self.stdout, _lines(reading, Path(folder)))


def _opened(file: Path) -> BinaryIO:
    try:
        if not file.is_file():  # a pipe would wait until somebody writes
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        return file.open("rb")
    except OSError as problem:
        raise refusal("file_unreadable", {"name": str(file), "reason": problem.strerror}) from None


def _lines(reading: Reading, folder: Path) -> Iterator[str]:
    for chunk in sorted(folder.iterdir()):
        yield "\n".join(encode(_shown(row)) for row in rows_of(chunk))
    yield encode({"rows": reading.rows, "notes": reading.notes})


def _shown(row: Row) -> dict[str, Any]:
    """Return the row for printing; a date is no fault here, as nobody has said which column is the recipient's."""
    faults = {str(column): code for column, code in row.faults.items() if code not in RECIPIENT_ONLY}
    shown = {"row": row.number, "cells": row.cells}
    return {**shown, "faults": faults} if faults else shown
