"""Starting the child process, listening to it, and ending it."""

import contextlib
import json
import logging
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO, cast

from importer.limits import Limits

from .child import FRAME, NO_MEMORY
from .reasons import refusal

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]  # the folder that holds the package `importer`
START = "import sys; sys.path.insert(0, sys.argv[1]); from importer.readers.child import main; main()"
READ_SIZE = 1024 * 1024  # bytes
LONGEST_FRAME = 64 * 1024 * 1024  # bytes; a chunk has a few million characters at most


def command(task: dict[str, object], limits: Limits) -> list[str]:
    """Return the command line of a child; `task` has kind, chunk_rows (0: no chunks) and stop_after (0: never).

    -I keeps environment and user packages out, -S all installed ones.
    """
    return [sys.executable, "-I", "-S", "-c", START, str(ROOT), json.dumps({**task, "limits": asdict(limits)})]


def frames(arguments: list[str], source: BinaryIO, wall_seconds: float) -> Generator[tuple[bytes, bytes], None, None]:
    """Run the child on the open file and yield its frames as (kind, JSON).

    However the child ends, this process goes on: codes parse_crash, parse_timeout, parse_memory.
    """
    deadline = time.monotonic() + wall_seconds
    with _started(arguments, source) as child:
        yield from _parsed(_output_of(child, deadline))
        _check_end(child, deadline)


@contextlib.contextmanager
def _started(arguments: list[str], source: BinaryIO) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        arguments,
        stdin=source,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={},
        cwd="/",
        start_new_session=True,
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def _output_of(child: subprocess.Popen[bytes], deadline: float) -> Iterator[bytes]:
    """Yield what the child writes, until it closes its output."""
    pipe = cast(BinaryIO, child.stdout).fileno()
    listener = select.poll()
    listener.register(pipe, select.POLLIN)
    while listener.poll(max(0.0, deadline - time.monotonic()) * 1000):
        written = os.read(pipe, READ_SIZE)
        if not written:
            return
        yield written
    raise refusal("parse_timeout", {})


def _parsed(output: Iterator[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield whole frames; half a frame at the end is dropped, as the child's end will say why."""
    content = bytearray()
    for written in output:
        content += written
        while len(content) >= FRAME.size:
            kind, size = FRAME.unpack_from(content)
            if size > LONGEST_FRAME:
                raise refusal("parse_crash", {})
            if len(content) < FRAME.size + size:
                break
            yield kind, bytes(content[FRAME.size : FRAME.size + size])
            del content[: FRAME.size + size]


def _check_end(child: subprocess.Popen[bytes], deadline: float) -> None:
    try:
        status = child.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired as expired:
        raise refusal("parse_timeout", {}) from expired
    if status == 0:
        return
    last_words = cast(BinaryIO, child.stderr).read(4_000).decode("ascii", "replace")
    logger.error("Reader child ended with status %d: %s", status, last_words)
    if status == -signal.SIGXCPU:
        raise refusal("parse_timeout", {})
    # Nobody but the kernel, short of memory, sends SIGKILL here.
    raise refusal("parse_memory" if status in (NO_MEMORY, -signal.SIGKILL) else "parse_crash", {})


@contextlib.contextmanager
def opened(source: BinaryIO | Path | str) -> Iterator[BinaryIO]:
    """Open `source` as a real file, for a child can inherit nothing else; what is only in memory is copied."""
    if isinstance(source, Path | str):
        with open(source, "rb") as file:
            yield file
        return
    position = source.tell()
    source.seek(0)  # what was written into it is in the file after that
    try:
        with contextlib.ExitStack() as stack:
            yield source if _is_file(source) else stack.enter_context(_copied(source))
    finally:
        source.seek(position)


def _is_file(source: BinaryIO) -> bool:
    try:
        source.fileno()
    except (AttributeError, OSError):
        return False
    return True


@contextlib.contextmanager
def _copied(source: BinaryIO) -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as file:
        shutil.copyfileobj(source, file, READ_SIZE)
        file.flush()
        yield file
