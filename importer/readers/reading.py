"""Reading a file of rows in a child process that may die: the door to this package."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, BinaryIO, Self

from importer.limits import Limits

from .cells import RECIPIENT_ONLY
from .child import CHUNK
from .process import command, frames, opened
from .reasons import refusal


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as Excel shows it, its cells from column A on, {column counted from 0: fault code}."""

    number: int
    cells: list[str]
    faults: dict[int, str]

    @classmethod
    def of(cls, line: list[Any]) -> Self:
        """Return the row of a chunk's line: [number, cells] or [number, cells, {"column": fault}]."""
        number, cells, *faults = line
        return cls(number, cells, {int(column): fault for column, fault in (faults[0] if faults else {}).items()})

    def fault_of(self, column: int, *, is_recipient: bool) -> str:
        """Return the code of what is wrong with a cell, or "": a date is text for a variable but no address."""
        fault = self.faults.get(column, "")
        return "" if fault in RECIPIENT_ONLY and not is_recipient else fault


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read. `notes` are {"code", "params"}; `reasons.note_sentence` makes sentences of them."""

    rows: int  # rows with content, the header included
    chunks: int  # files written: 00000.jsonl, 00001.jsonl ...
    columns: int  # of the widest of those rows
    first_rows: list[Row]  # six at most
    notes: list[dict[str, Any]]
    sheet: str = ""  # of a workbook
    encoding: str = ""  # of a text table, as people call it
    delimiter: str = ""


def read(source: BinaryIO | Path | str, *, name: str, into: Path, limits: Limits, chunk_rows: int = 2_000) -> Reading:
    """Read the whole file into chunk files in the folder `into`, which exists and is empty.

    `name` is the file's own name and says by its ending what it should be. A file is taken as a whole or refused
    with ValidationError, code one of `reasons.FILE`; what stands in `into` then is nobody's.
    """
    return _run(source, name, limits, into=into, chunk_rows=chunk_rows, stop_after=0)


def peek(source: BinaryIO | Path | str, *, name: str, limits: Limits, rows: int = 6, count: bool = False) -> Reading:
    """Read the first rows, at most six of which are kept; with `count` all rows, for their number and the notes.

    Without `count` the file is not judged beyond those rows, and `Reading.rows` is at most `rows`.
    """
    return _run(source, name, limits, into=None, chunk_rows=0, stop_after=0 if count else rows)


def rows_of(chunk: Path) -> Iterator[Row]:
    """Yield the rows of a chunk file."""
    with chunk.open(encoding="utf-8") as lines:
        for line in lines:
            yield Row.of(json.loads(line))


def _run(
    source: BinaryIO | Path | str, name: str, limits: Limits, *, into: Path | None, chunk_rows: int, stop_after: int
) -> Reading:
    extension = PurePath(f"a{PurePath(name).name}").suffix.lower()[:20]  # ".csv" alone is an ending, too
    task = {"kind": extension[1:], "chunk_rows": chunk_rows, "stop_after": stop_after}
    report: dict[str, Any] = {"code": "parse_crash", "params": {}}
    chunks = 0
    with opened(source) as file, closing(frames(command(task, limits), file, limits.wall_seconds)) as told:
        for kind, payload in told:
            if kind == CHUNK and into:
                (into / f"{chunks:05}.jsonl").write_bytes(payload)
                chunks += 1
            else:
                report = json.loads(payload)
    if "code" in report:
        raise refusal(report["code"], {"extension": extension or name[-20:], **report["params"]})
    return Reading(**{**report, "first_rows": [Row.of(line) for line in report["first_rows"]]})
