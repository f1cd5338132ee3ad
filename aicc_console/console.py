"""The whole console on one machine: servers, preparation, web, workers and clock under one supervisor."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress

import psutil

from . import programs
from .embedded.account import Account, home_of_servers
from .embedded.servers import Servers
from .prepared import Prepared
from .processes import Child, Program
from .run_folder import RunFolder, passwords_of_servers
from .samples import Samples
from .simulated import Simulated
from .supervisor import GaveUp, Supervisor
from .welcome import is_answering, require_free_port, sign_in_lines

SERVER_BY_VARIABLE = {"DATABASE_URL": "postgres", "BROKER_URL": "valkey"}  # ours where the variable is not given
OWNERS_ONLY = "DATABASE_OWNER_URL"  # never in the environment of web, workers or beat
FROM_MAKE = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")
# What a neighbour such as manage.py needs to reach the same servers.
RECORDED = ("DATABASE_URL", "BROKER_URL", "CACHE_URL", "SECRET_KEY", "VAR_DIR", "PORT", "LOOPBACK_PORTS")


def say(line: str) -> None:
    """Show a line to the person at the terminal, if there still is one."""
    with suppress(OSError):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


class Console:
    """One run of everything. `folder` must be claimed."""

    def __init__(self, folder: RunFolder, *, port: int, wants_demo: bool) -> None:
        self.folder, self.port, self.wants_demo = folder, port, wants_demo
        self.url = f"http://127.0.0.1:{port}/"
        self.began = time.monotonic()
        self.supervisor = Supervisor(say, started=self._record)
        names = {server for variable, server in SERVER_BY_VARIABLE.items() if not os.environ.get(variable)}
        home = home_of_servers(folder.path, Account()) if names else folder.path
        self.servers = Servers(home, folder.logs, names=names, passwords=passwords_of_servers(home) if names else {})
        self.prepared = Prepared(home, folder.path / "static")
        self.environment = {name: value for name, value in os.environ.items() if name not in (OWNERS_ONLY, *FROM_MAKE)}
        self.environment |= {"VAR_DIR": str(folder.path), "PORT": str(port), "PYTHONUNBUFFERED": "1"}
        self.environment |= self.servers.addresses()
        self.environment.setdefault("SECRET_KEY", folder.secret_key())
        self.smartcare = Simulated(folder.path, folder.logs) if wants_demo and self.servers.postgres else None
        self.samples = Samples(folder.path / "samples", folder.logs) if wants_demo and self.servers.postgres else None
        own = [one.port for one in (self.smartcare, self.samples) if one]
        if own:
            self.environment["LOOPBACK_PORTS"] = ",".join([*filter(None, [os.environ.get("LOOPBACK_PORTS")]), *own])

    def run(self) -> int:
        """Run until asked to stop; return the exit code."""
        code = 0
        try:
            self._start()
            self.supervisor.watch()
        except KeyboardInterrupt:
            say("Stopping: pages first, then the work in progress, the database last ...")
        except GaveUp as reason:
            say(f"Stopping: {reason}")
            code = 1
        finally:
            self.supervisor.stop(programs.STOP_STAGES)
            self.servers.forget()
        say(f"Stopped. The data is kept in {self.folder.path}.")
        return code

    def _start(self) -> None:
        require_free_port(self.port)
        if self.servers.start(self.supervisor.start):
            self.folder.demo.unlink(missing_ok=True)  # it tells of another database
            self.prepared.forget()
        self._prepare()
        self._start_smartcare()
        self._start_program(programs.web(self.environment, self.folder.logs, port=self.port))
        while not is_answering(self.url):
            self.supervisor.watch_once()
            time.sleep(0.05)
        demo = self.folder.demo if self.servers.postgres else None  # what lies there tells of the bundled database
        if demo and self.wants_demo and not demo.exists():
            self._make_demo()
        if demo and demo.exists():
            self.folder.correct_demo(self.url.rstrip("/"))
        self._start_workers()
        if self.samples and self.samples.is_possible:
            self._start_program(self.samples.program(self.environment))
        elif self.samples:
            say(f"Port {self.samples.port} is taken: the demo's file server is not started.")
        say(f"\nAICC console: {self.url}   (up after {time.monotonic() - self.began:.1f} s; Ctrl-C stops it)")
        say(sign_in_lines(demo))

    def _start_workers(self) -> None:
        for queues in ("interactive", "bulk,interactive"):
            self._start_program(programs.worker(queues, self.environment, self.folder.logs))
        webhooks = programs.worker("webhooks", self.environment, self.folder.logs, threads=programs.WEBHOOK_THREADS)
        self._start_program(webhooks)
        self._start_program(programs.beat(self.environment, self.folder.logs))

    def _start_program(self, program: Program) -> None:
        self.supervisor.start(Child(program))

    def _start_smartcare(self) -> None:
        """Start the demo's SmartCare, unless somebody else has its port meanwhile; the console needs it for nothing."""
        if self.smartcare and self.smartcare.is_possible:
            self._start_program(self.smartcare.program(self.environment))
        elif self.smartcare:
            say(f"Port {self.smartcare.port} is taken: the demo's SmartCare simulator is not started.")

    def _prepare(self) -> None:
        """Bring database and static files up to date. A database that is not ours is looked at every time."""
        if self.servers.postgres and self.prepared.is_current():
            return
        owner = self.servers.owner_addresses() or {OWNERS_ONLY: os.environ.get(OWNERS_ONLY, "")}
        if self._manage("prepare", environment=self.environment | owner):
            raise SystemExit("The console was not started: its database or static files could not be prepared.")
        self.prepared.note()

    def _make_demo(self) -> None:
        say("Making the demo ...")
        told = {name: text for one in (self.smartcare, self.samples) if one for name, text in one.for_demo().items()}
        if self._manage("demo", "--if-missing", environment=self.environment | told):
            say("The demo could not be made; the console goes on without it.")

    def _manage(self, *arguments: str, environment: Mapping[str, str]) -> int:
        """Run a command of manage.py to its end, on this terminal; return its exit code."""
        command = programs.manage(*arguments)
        process = subprocess.Popen(command, env=environment, cwd=programs.CHECKOUT, start_new_session=True)
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            raise

    def _record(self) -> None:
        """Write down what runs now, and since when."""
        children = {child.name: [child.pid, _created(child.pid)] for child in self.supervisor.children}
        self.folder.record(
            {
                "url": self.url,
                "pid": os.getpid(),
                "sockets": str(self.servers.sockets),
                "children": children,
                "environment": {name: self.environment.get(name, "") for name in RECORDED},
            }
        )


def _created(pid: int) -> float:
    """Return when the process began, seconds since 1970; 0 when it has ended already."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return 0
