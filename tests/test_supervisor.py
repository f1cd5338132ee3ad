"""Children that die come back; those that are told to go are gone, with all of theirs."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from aicc_console import log_tail, supervisor
from aicc_console.log_tail import LogTail
from aicc_console.processes import Child, Program
from aicc_console.programs import CHECKOUT
from aicc_console.supervisor import GaveUp, Supervisor

SLEEP = "import time; time.sleep(60)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
TELLS = "import os, sys; os.system('sleep 60 & echo $!'); sys.stdout.flush(); import time; time.sleep(60)"
SAYS_WHEN = """
import signal, sys, time
def leave(*_):
    print(time.monotonic(), flush=True)
    time.sleep(0.2)
    sys.exit()
signal.signal(signal.SIGTERM, leave)
print("up", flush=True)
time.sleep(60)
"""


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def kept(said):
    """A supervisor; whatever it still runs is killed after the test."""
    kept = Supervisor(said.append)
    yield kept
    for child in kept.children:
        child.kill()


def python(code: str, folder: Path, name: str = "child", **options: float) -> Child:
    command = [sys.executable, "-c", code]
    return Child(Program(name, command, dict(os.environ), folder / f"{name}.log", **{"stop_seconds": 5} | options))


def wait_for(text: str, child: Child) -> str:
    until = time.monotonic() + 20
    while text not in (written := child.program.log.read_text()):
        assert time.monotonic() < until, written
        time.sleep(0.02)
    return written


def watch_until(kept: Supervisor, condition) -> None:
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until
        kept.watch_once()
        time.sleep(0.02)


def test_a_killed_child_starts_again(kept, said, tmp_path):
    child = python(SLEEP, tmp_path)
    kept.start(child)
    first = child.pid

    os.kill(first, signal.SIGKILL)
    watch_until(kept, lambda: child.pid != first)

    assert child.is_running
    assert said == ["child ended unexpectedly (signal 9); it starts again in 0.2 s."]


def test_a_child_that_fails_at_once_is_given_more_time_each_time_and_then_given_up(kept, said, tmp_path, monkeypatch):
    monkeypatch.setattr(supervisor, "MOST_FAILURES", 3)
    monkeypatch.setattr(supervisor, "LONGEST_DELAY", 0.5)
    kept.start(python("raise SystemExit(3)", tmp_path))

    with pytest.raises(GaveUp, match=r"child failed 3 times in a row. Its log: .*child\.log"):
        watch_until(kept, lambda: False)

    assert said == [f"child ended unexpectedly (exit code 3); it starts again in {d} s." for d in ("0.2", "0.4", "0.5")]


def test_a_child_that_is_killed_again_and_again_still_comes_back_at_once(kept, said, tmp_path, monkeypatch):
    monkeypatch.setattr(supervisor, "YOUNG_WHEN_KILLED", 0)
    monkeypatch.setattr(supervisor, "MOST_FAILURES", 1)
    child = python(SLEEP, tmp_path)
    kept.start(child)

    for _ in range(3):
        pid = child.pid
        os.kill(pid, signal.SIGKILL)
        watch_until(kept, lambda pid=pid: child.pid != pid)

    assert said == ["child ended unexpectedly (signal 9); it starts again in 0.2 s."] * 3


def test_a_failure_for_want_of_a_server_is_forgiven_when_the_server_is_back(kept, said, tmp_path):
    server = python(SLEEP, tmp_path, "postgres", is_server=True)
    failing = python("raise SystemExit(1)", tmp_path)
    for child in (server, failing):
        kept.start(child)
    watch_until(kept, lambda: len(said) == 2)  # once more after 0.2 s, and then after 0.4 s

    os.kill(server.pid, signal.SIGKILL)
    watch_until(kept, lambda: len(said) == 4)

    assert said[-1] == "child ended unexpectedly (exit code 1); it starts again in 0.2 s."


def test_stages_stop_one_after_the_other(kept, tmp_path):
    for name in ("postgres", "web", "beat"):
        kept.start(python(SAYS_WHEN, tmp_path, name))
    for child in kept.children:
        wait_for("up", child)

    kept.stop([("web", "beat"), ("postgres",)])

    told = {child.name: float(child.program.log.read_text().split()[1]) for child in kept.children}
    assert abs(told["web"] - told["beat"]) < 0.15  # together
    assert told["postgres"] > max(told["web"], told["beat"]) + 0.15  # after both had ended
    assert not any(child.is_running for child in kept.children)


def test_a_deaf_child_is_killed_when_its_time_is_over(tmp_path):
    child = python(DEAF, tmp_path, stop_seconds=0.3)
    child.start()
    wait_for("deaf", child)

    child.stop()

    assert child.end_reason == "signal 9"


def test_the_children_of_a_killed_child_end_with_it(tmp_path):
    child = python(TELLS, tmp_path)
    child.start()
    grandchild = psutil.Process(int(wait_for("\n", child)))

    child.kill()

    assert _has_ended(grandchild)


def test_children_do_not_outlive_a_supervisor_that_is_killed(tmp_path):
    parent = textwrap.dedent(f"""
        import os, signal, sys
        from pathlib import Path
        from aicc_console.processes import Child, Program
        child = Child(Program("child", ["sleep", "60"], dict(os.environ), Path({str(tmp_path / "log")!r})))
        child.start()
        print(child.pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """)

    told = subprocess.run([sys.executable, "-c", parent], cwd=CHECKOUT, capture_output=True, text=True, check=False)

    assert psutil.pid_exists(int(told.stdout)) is False or _has_ended(psutil.Process(int(told.stdout)))


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('{"level": "info", "event": "import started", "logger": "importer"}', []),
        ('{"level": "warning", "event": "broker away", "logger": "importer"}', ["warning: broker away"]),
        ('{"level": "error", "event": "boom", "logger": "django.request"}', ["error: boom"]),
        ('{"level": "warning", "event": "Not Found: /x", "logger": "django.request"}', []),  # the visitor's mistake
        ('{"level": "warning", "event": "^", "logger": "celery.redirected"}', []),
        ("2026-11-22 10:00:00 UTC [7] LOG:  database system is ready", []),
        ("2026-11-22 10:00:00 UTC [7] FATAL:  no space", ["2026-11-22 10:00:00 UTC [7] FATAL:  no space"]),
        ("2026-11-22 10:00:00 UTC [7] FATAL:  the database system is starting up", []),
        ('{"level": "warn', []),
        ("PANIC" + "x" * 500, ["PANIC" + "x" * 295]),
    ],
)
def test_only_what_wants_a_person_reaches_the_terminal(tmp_path, line, shown):
    log = tmp_path / "log"
    log.write_text("FATAL of an earlier run\n")
    tail = LogTail(log)
    with log.open("a") as file:
        file.write(line + "\n")

    assert tail.warnings() == shown
    assert tail.warnings() == []


def test_half_a_line_waits_for_its_other_half(tmp_path):
    log = tmp_path / "log"
    log.write_text("")
    tail = LogTail(log)

    log.write_text("FATAL: half")
    assert tail.warnings() == []

    log.write_text("FATAL: half and half\n")
    assert tail.warnings() == ["FATAL: half and half"]


def test_a_log_is_bounded_while_its_child_writes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(log_tail, "LOG_BYTES", 1000)
    path = tmp_path / "child.log"
    with path.open("ab", buffering=0) as log:
        tail = LogTail(path)
        log.write(b"x" * 1500 + b"\n")
        tail.warnings()
        tail.bound()
        log.write(b"FATAL: after\n")

    assert path.read_text() == "FATAL: after\n"
    assert (tmp_path / "child.log.old").stat().st_size == 1501
    assert tail.warnings() == ["FATAL: after"]


def _has_ended(process: psutil.Process) -> bool:
    """A zombie has: where nobody reaps it, it stays."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False
