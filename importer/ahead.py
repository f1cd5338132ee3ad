"""A second process that judges the next chunk while this one writes: two threads would share one interpreter."""

import os
import signal
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Self

from .judging import Judge, Judged


class Ahead:
    """Judges one chunk at a time beside this process, during its `with`.

    A fork, for it starts in milliseconds with all that is imported. It touches neither database nor storage,
    whose connections are its parent's, and it ends when its parent does, whatever killed that.
    """

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def __enter__(self) -> Self:
        self._pipe, there = Pipe()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                self._pipe.close()  # or it would never hear of the parent's end
                _serve(there, self._judge)
            finally:
                os._exit(0)  # nothing of the parent's is flushed, closed or rolled back here
        there.close()
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.close()
        os.waitpid(self._pid, 0)

    def ask(self, lines: bytes) -> None:
        """Begin with the lines of a chunk; `answer` must have been called for the one before."""
        self._pipe.send_bytes(lines)

    def answer(self) -> Judged:
        """Return what became of the chunk asked for, or raise what the judge raised. EOFError: the process died."""
        told = self._pipe.recv()
        if isinstance(told, Exception):
            raise told
        return told


def _serve(pipe: Connection, judge: Judge) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while True:
        lines = pipe.recv_bytes()
        try:
            told: Judged | Exception = judge(lines)
        except Exception as error:  # noqa: BLE001 (the parent raises it)
            told = error
        pipe.send(told)
