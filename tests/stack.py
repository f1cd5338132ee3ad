"""A throw-away Postgres and Valkey, and the console's real processes beside them, to be killed at will."""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aicc_console import programs
from aicc_console.embedded.servers import Servers
from aicc_console.processes import Child, Program
from aicc_console.run_folder import PASSWORDS

NOT_FOR_PROGRAMS = "DATABASE_OWNER_URL"


class Stack:
    """Both servers in a temporary folder, without fsync. A test that kills them starts one of its own:

    with running_stack() as stack:
        stack.manage("migrate")
        worker = stack.start(programs.worker("bulk,interactive", stack.environment(), stack.logs))
        worker.kill()              # SIGKILL to the worker and its children
        worker.start()
        stack.kill("postgres")     # SIGKILL to the postmaster
        stack.revive("postgres")   # returns when it answers again
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="aicc-test-")).resolve()
        self.folder.chmod(0o711)  # the servers' account passes through
        self.logs, self.var = self.folder / "log", self.folder / "var"
        self.logs.mkdir(mode=0o700)
        self.var.mkdir(mode=0o700)
        self.secret_key = secrets.token_hex(32)
        self.children: dict[str, Child] = {}
        passwords = {role: secrets.token_hex(8) for role in PASSWORDS}
        self.servers = Servers(self.folder, self.logs, names={"postgres", "valkey"}, passwords=passwords, durable=False)

    def start_servers(self) -> None:
        self.servers.start(self._keep)

    def environment(self) -> dict[str, str]:
        """Return what web, worker and beat are started with: without the owner's address."""
        inherited = {name: value for name, value in os.environ.items() if name != NOT_FOR_PROGRAMS}
        return inherited | self.addresses()

    def addresses(self) -> dict[str, str]:
        """Return the settings that make a process use this stack."""
        return {"SECRET_KEY": self.secret_key, "VAR_DIR": str(self.var)} | self.servers.addresses()

    def manage(self, *arguments: str) -> str:
        """Run manage.py as the owner of the database, and return what it printed."""
        environment = self.environment() | self.servers.owner_addresses()
        command = programs.manage(*arguments)
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    def start(self, program: Program) -> Child:
        """Start a program of the console; it is stopped with the stack at the latest."""
        child = Child(program)
        self._keep(child)
        return child

    def kill(self, name: str) -> None:
        """Send SIGKILL to a child by its name ("postgres", "valkey", "worker-bulk", ...), and reap it."""
        self.children[name].kill()

    def revive(self, name: str) -> None:
        """Start a killed child again. A server answers again when this returns."""
        self.children[name].start()
        self.servers.wait_for(self.children[name])

    def log(self, name: str) -> str:
        return (self.logs / f"{name}.log").read_text()

    def stop(self) -> None:
        """End everything, the servers last, and remove the folder."""
        for child in reversed(self.children.values()):
            child.stop()
        self.servers.forget()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _keep(self, child: Child) -> None:
        self.children[child.name] = child
        child.start()


@contextmanager
def running_stack() -> Iterator[Stack]:
    """Run a stack of one's own; starting takes about a second."""
    stack = Stack()
    try:
        stack.start_servers()
        yield stack
    finally:
        stack.stop()
