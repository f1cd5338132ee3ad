"""The process that reads a file nobody trusts: standard library only, nothing to open, nothing to steal.

It gets the file as standard input and its task as JSON in its argument, and writes frames to standard output: a
kind (one byte), a length (four bytes, big-endian) and that many bytes of JSON. The parent writes the chunk files.
"""

import contextlib
import gc
import json
import os
import resource
import struct
import sys
from collections.abc import Iterable, Iterator
from json.encoder import encode_basestring
from types import SimpleNamespace, TracebackType
from typing import TYPE_CHECKING, BinaryIO

from .csvfile import CsvSource
from .kind import kind_of
from .refused import Refused
from .sheet import SheetRow
from .workbook import WorkbookSource

if TYPE_CHECKING:
    from importer.limits import Limits

CHUNK, RESULT = b"C", b"R"
FRAME = struct.Struct(">cL")
NO_MEMORY = 77  # exit status
NOBODY = 65_534  # the user and group that own nothing
CHUNK_BYTES = 4 * 1024 * 1024  # a chunk is closed at this size, however few its rows
FIRST_ROWS = 6  # the header and what a page shows below it
SHOWN = 1_000  # characters of a cell of the first rows
CONTENT = {"csv": ("text", "binary"), "xlsx": ("xlsx",)}  # what may be tried, by the ending of the file's name

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Output:
    """Writes rows as chunks, or only counts them; keeps the first ones."""

    def __init__(self, pipe: BinaryIO, task: SimpleNamespace) -> None:
        self.pipe = pipe
        self.chunk_rows = task.chunk_rows
        self.limits = task.limits
        self.chunks = 0
        self.columns = 0  # of the widest row with content, empty cells at its end included
        self.first_rows: list[SheetRow] = []
        self._lines: list[str] = []
        self._size = self._sent = 0  # characters of this chunk, and of all before

    def add(self, row: SheetRow) -> None:
        """Take a row. One long text named by a million cells is a bomb, too, so the sum is bounded."""
        if len(self.first_rows) < FIRST_ROWS:
            self.first_rows.append(row)
        line = line_of(*row)
        self._lines.append(line)
        self._size += len(line)
        if len(self._lines) == self.chunk_rows or self._size > CHUNK_BYTES:
            self.flush()
        if self._sent > self.limits.unpacked_bytes:
            raise Refused("file_too_large_unpacked", megabytes=self.limits.unpacked_bytes >> 20)

    def flush(self) -> None:
        """Send the rows collected as one chunk, if chunks are wanted."""
        if self._lines and self.chunk_rows:
            self.send(CHUNK, "\n".join([*self._lines, ""]).encode())
            self.chunks += 1
        self._sent += self._size
        self._lines, self._size = [], 0

    def send(self, kind: bytes, payload: bytes) -> None:
        self.pipe.write(FRAME.pack(kind, len(payload)))
        self.pipe.write(payload)
        self.pipe.flush()


def line_of(number: int, cells: list[str], faults: dict[int, str]) -> str:
    """Return the row as JSON, by hand: for rows of text that is four times as fast as json.dumps."""
    line = f"[{number},[{','.join(map(encode_basestring, cells))}]"
    return f"{line},{encode(faults)}]" if faults else f"{line}]"


def main() -> None:
    """Read the file of this task and report; the exit status is 0 unless the process itself came to grief."""
    task = SimpleNamespace(**json.loads(sys.argv[-1]))
    task.limits = SimpleNamespace(**task.limits)
    confine(task.limits)
    output = Output(os.fdopen(1, "wb"), task)
    try:
        report = read(os.fdopen(0, "rb"), task, output)
    except Refused as refused:
        report = {"code": refused.code, "params": refused.params}
    except MemoryError:
        os._exit(NO_MEMORY)
    output.send(RESULT, encode(report).encode())


def confine(limits: SimpleNamespace) -> None:
    """Give up everything this process could do but read its input and write its output."""
    sys.excepthook = _tell_without_content
    gc.disable()  # rows hold no cycles, and the process is short
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_NOFILE, 3),  # the standard three are open: no file and no socket after them
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    # One second more for the hard limit: at the soft one the kernel says why it ends the process.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    if os.geteuid() == 0:
        with contextlib.suppress(OSError):  # a container may know no such user
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)


def read(source: BinaryIO, task: SimpleNamespace, output: Output) -> dict[str, object]:
    """Read the source into the output; return what is known of it."""
    opened = open_source(source, task.kind, task.limits)
    rows = copy_rows(opened.rows(), task, output)
    output.flush()
    blank = rows.pop("blank")
    notes = opened.notes() + ([{"code": "blank_rows", "params": {"n": blank}}] if blank else [])
    first_rows = [(number, [cell[:SHOWN] for cell in cells], faults) for number, cells, faults in output.first_rows]
    copied = {"chunks": output.chunks, "columns": output.columns, "first_rows": first_rows}
    return {**rows, **opened.facts, **copied, "notes": notes}


def open_source(source: BinaryIO, kind: str, limits: "Limits") -> CsvSource | WorkbookSource:
    """Open the file as what its name says, "xlsx" or "csv", provided that it is that."""
    size = os.fstat(source.fileno()).st_size
    most = limits.csv_bytes if kind == "csv" else limits.workbook_bytes
    if not size:
        raise Refused("file_empty")
    if size > most:
        raise Refused("file_too_large", megabytes=most >> 20)
    found = kind_of(source, limits)
    if found in ("encrypted", "xlsm"):
        raise Refused("file_encrypted" if found == "encrypted" else "file_macro")
    if found not in CONTENT.get(kind, ()):
        raise Refused("file_type", found=found)
    return CsvSource(source, limits) if kind == "csv" else WorkbookSource(source, limits)


def copy_rows(rows: Iterable[SheetRow], task: SimpleNamespace, output: Output) -> dict[str, int]:
    """Copy the rows that are not blank, and return how many there were of either sort."""
    most = task.limits.max_rows + 1  # and a header
    count = last = 0
    for number, cells, faults in filled(rows, output):
        count, last = count + 1, number
        if count > most:
            raise Refused("file_too_many_rows", max=most - 1)
        if number > task.limits.row_number:
            raise Refused("file_row_too_far", row=number, max=task.limits.row_number)
        if len(cells) > task.limits.columns:
            raise Refused("file_too_many_columns", max=task.limits.columns)
        output.add((number, cells, faults))
        if count == task.stop_after:
            break
    if not count:
        raise Refused("file_no_rows")
    return {"rows": count, "blank": last - count}


def filled(rows: Iterable[SheetRow], output: Output) -> Iterator[SheetRow]:
    """Yield the rows that are not blank, without the empty cells at their ends, which count as columns only."""
    for number, cells, faults in rows:
        width = len(cells)
        while cells and not cells[-1] and len(cells) - 1 not in faults:
            cells.pop()
        if faults or "".join(cells).strip():
            output.columns = max(output.columns, width)
            yield number, cells, faults


def _tell_without_content(kind: type[BaseException], _: BaseException, trace: TracebackType | None) -> None:
    """Write where the program failed and with which class: the message could hold somebody's number."""
    places = []
    while trace:
        places.append(f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}")
        trace = trace.tb_next
    sys.stderr.write(f"{kind.__name__} at {' < '.join(reversed(places))}\n")
