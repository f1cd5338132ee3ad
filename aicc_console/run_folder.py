"""VAR_DIR: what one console keeps there, and that only one console uses it."""

import errno
import fcntl
import json
import os
import secrets
import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from .processes import end

PASSWORDS = ("postgres", "aicc_owner", "aicc_app", "valkey")


class RunFolder:
    """VAR_DIR. The account that runs the servers may pass through it; only the console's own user may look into it."""

    def __init__(self, path: Path) -> None:
        """Raise SystemExit with a sentence where `path` can be no such folder, or is somebody else's."""
        self.path = path.resolve()
        self.logs = self.path / "log"
        self.state, self.demo = self.path / "run.json", self.path / "demo.json"
        try:
            self._make()
        except OSError as refused:
            raise SystemExit(
                f"VAR_DIR is {self.path}, which cannot be used ({refused.strerror}). "
                "Give a folder of your own: make run VAR_DIR=..."
            ) from None

    def _make(self) -> None:
        if not self.path.exists():
            self.path.mkdir(parents=True)
            self.path.chmod(0o711)
        self.logs.mkdir(mode=0o700, exist_ok=True)
        if not os.access(self.path, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Hold the folder alone, or raise SystemExit with a sentence. A killed console holds it no longer."""
        with (self.path / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                state = self.recorded()
                raise SystemExit(
                    f"A console already runs on {self.path}: {state.get('url')} (process {state.get('pid')}). "
                    "Stop it first, or give another folder: make run VAR_DIR=..."
                ) from None
            self._clear_leftovers()
            try:
                yield
            finally:
                self.state.unlink(missing_ok=True)

    def secret_key(self) -> str:
        """Return the secret key, made at the first start."""
        return kept_secret(self.path / "secret_key", secrets.token_urlsafe(48))

    def record(self, state: Mapping[str, Any]) -> None:
        """Write down what runs, addresses with passwords included, for `recorded` and for people."""
        replacement = self.state.with_suffix(".new")
        replacement.unlink(missing_ok=True)
        kept_secret(replacement, json.dumps(state, indent=1))
        replacement.rename(self.state)

    def correct_demo(self, url: str) -> None:
        """Let demo.json name the address of this run: the port may be another one than when the demo was made."""
        told = json.loads(self.demo.read_text())
        if told["url"] != url:
            self.demo.unlink()
            kept_secret(self.demo, json.dumps(told | {"url": url}, indent=2))

    def recorded(self) -> dict[str, Any]:
        """Return what a console that runs, or was killed, wrote down."""
        try:
            return json.loads(self.state.read_text())
        except (FileNotFoundError, ValueError):
            return {}

    def _clear_leftovers(self) -> None:
        """End what a killed console left behind. Postgres clears up for itself before its start."""
        state = self.recorded()
        for name, (pid, created) in state.get("children", {}).items():
            if name != "postgres":
                _end_group(pid, created)
        if state.get("sockets"):
            shutil.rmtree(state["sockets"], ignore_errors=True)


def kept_secret(path: Path, made: str) -> str:
    """Return what the file at `path` says; `made` is written there, for its owner only, where there is no file."""
    with suppress(FileExistsError), os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(made)
    return path.read_text()


def passwords_of_servers(home: Path) -> Mapping[str, str]:
    """Return the servers' passwords by role. They lie beside the servers' data and share its fate."""
    made = {role: secrets.token_hex(24) for role in PASSWORDS}
    return json.loads(kept_secret(home / "passwords.json", json.dumps(made)))


def _end_group(pid: int, created: float) -> None:
    """End the process `pid`, if it is the one that was created then (seconds since 1970), and its group."""
    with suppress(psutil.NoSuchProcess, ProcessLookupError):
        leader = psutil.Process(pid)
        if leader.create_time() == created:
            leader.terminate()
            end([leader], seconds=10)
            os.killpg(pid, signal.SIGKILL)
