"""The process that judges the next chunk: it answers in order, tells its faults, and never outlives its parent."""

import os
import signal
import time

import psutil
import pytest

from importer.ahead import Ahead
from importer.judging import Judged
from marketing.intake import Incoming


def judge(lines: bytes) -> Judged:
    return Judged(len(lines), lines, Incoming(os.getpid(), b""))


def test_it_answers_each_chunk_from_another_process():
    with Ahead(judge) as ahead:
        for lines in (b"a", b"bc" * 500_000):
            ahead.ask(lines)
            answer = ahead.answer()
            assert (answer.failed, answer.rejected) == (len(lines), lines)
            assert answer.incoming.rows not in (0, os.getpid())


def test_what_the_judge_raises_is_raised_here():
    def fail(lines: bytes) -> Judged:
        raise KeyError("column")

    with Ahead(fail) as ahead:
        ahead.ask(b"")
        with pytest.raises(KeyError, match="column"):
            ahead.answer()


def test_its_sudden_death_is_noticed():
    def die(lines: bytes) -> Judged:
        os._exit(9)

    with Ahead(die) as ahead:
        ahead.ask(b"")
        with pytest.raises(EOFError):
            ahead.answer()


def test_an_answer_that_nobody_takes_does_not_hold_up_the_end():
    with Ahead(judge) as ahead:
        ahead.ask(b"x" * 10_000_000)


def test_it_ends_when_its_parent_is_killed():
    told, tell = os.pipe()
    parent = os.fork()
    if parent == 0:
        try:
            with Ahead(judge) as ahead:
                ahead.ask(b"")
                os.write(tell, str(ahead.answer().incoming.rows).encode())
                time.sleep(60)
        finally:
            os._exit(0)
    child = psutil.Process(int(os.read(told, 20)))
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)

    child.wait(5)
