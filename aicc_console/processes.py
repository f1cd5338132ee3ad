"""Child processes that stop when asked, leave nothing behind, and do not outlive whoever started them."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

PARENT_DEATH = 1  # PR_SET_PDEATHSIG of Linux's prctl
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded here: a forked child must not load anything


def follow_parent(signal_number: int) -> None:
    """Ask the kernel to send this process `signal_number` when its parent dies, however that happens."""
    if _LIBC:
        _LIBC.prctl(PARENT_DEATH, int(signal_number), 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Program:
    """How one child is started and stopped. `identity` is subprocess' user, group and extra_groups, or nothing."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    folder: Path = Path("/")
    identity: Mapping[str, Any] = field(default_factory=dict)
    before: Callable[[], object] = lambda: None  # run before every start
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10
    is_server: bool = False  # others may fail because it was away


class Child:
    """One program and the process that runs it now; it leads a process group of its own."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0  # monotonic seconds

    @property
    def name(self) -> str:
        return self.program.name

    @property
    def pid(self) -> int:
        """The process's id, also after its end; 0 before the first start."""
        return self.process.pid if self.process else 0

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def was_killed(self) -> bool:
        """Whether a signal ended the process."""
        return self.process is not None and (self.process.poll() or 0) < 0

    @property
    def end_reason(self) -> str:
        """Why the process is no more, in words."""
        code = self.process.returncode if self.process else 0
        return f"signal {-code}" if self.was_killed else f"exit code {code}"

    def start(self) -> None:
        """Start the program, its output appended to its log."""
        self.program.before()
        with self.program.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.program.command,
                env=dict(self.program.environment),
                cwd=self.program.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C in the terminal is ours to pass on, in the right order
                preexec_fn=lambda: follow_parent(self.program.stop_signal),
                **self.program.identity,
            )
        self.started = time.monotonic()

    def ask_to_stop(self) -> None:
        """Send the program's stop signal, if it still runs."""
        if self.process and self.is_running:
            self.process.send_signal(self.program.stop_signal)

    def stop(self) -> None:
        """Stop the program: ask, wait its `stop_seconds`, then kill what is left of its group."""
        self.ask_to_stop()
        if self.process:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(self.program.stop_seconds)
        self.kill()

    def kill(self) -> None:
        """Kill the process with SIGKILL, and whatever is left of its group."""
        if self.process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            self.process.wait()


def end(processes: Iterable[psutil.Process], *, seconds: float) -> None:
    """Wait until the processes, not our children, have ended; kill those that live on after `seconds`."""
    deadline = time.monotonic() + seconds
    alive = [process for process in processes if _is_alive(process)]
    while alive and time.monotonic() < deadline:
        time.sleep(0.05)
        alive = [process for process in alive if _is_alive(process)]
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _is_alive(process: psutil.Process) -> bool:
    """A zombie is not: where nobody reaps it, it stays for ever."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
