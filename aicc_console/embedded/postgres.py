"""The bundled Postgres: one cluster with the two roles, on a socket that only its own account may open."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from aicc_console.processes import Child, Program, end

from .account import Account
from .binaries import postgres_programs

DATABASE = "aicc"
OWNER, APPLICATION, SUPERUSER = "aicc_owner", "aicc_app", "postgres"
START_SECONDS = 300  # recovery after a crash is part of a start
SETTINGS = {
    "listen_addresses": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",  # two cores, shared with the workers; and containers have a small /dev/shm
    "log_error_verbosity": "terse",  # DETAIL and STATEMENT lines would carry recipients' numbers
    "log_min_error_statement": "panic",
}
THROW_AWAY = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "128MB"}  # a killed server keeps its rows
ROLES = {OWNER: "NOSUPERUSER NOBYPASSRLS CREATEDB", APPLICATION: "NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"}


class Postgres:
    """One cluster in `home`/postgres. `passwords` are keyed by role; not `durable` is fast, and lost in a power cut."""

    def __init__(
        self, home: Path, sockets: Path, account: Account, *, passwords: Mapping[str, str], durable: bool = True
    ) -> None:
        self.data = home / "postgres" / "data"
        self.sockets, self.account, self.passwords, self.durable = sockets, account, passwords, durable
        self.programs = postgres_programs(account, home)

    def program(self, log: Path) -> Program:
        """Describe the server as a child: a fast shutdown is asked for by SIGINT."""
        settings = SETTINGS | ({} if self.durable else THROW_AWAY)
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            command=[str(self.programs / "postgres"), "-D", str(self.data), "-k", str(self.sockets), *options],
            environment=_environment(),
            log=log,
            identity=self.account.identity,
            before=self.clear_leftovers,
            stop_signal=signal.SIGINT,
            stop_seconds=60,
            is_server=True,
        )

    def make(self) -> bool:
        """Make the cluster where there is none, and tell whether that was so."""
        self.account.own(self.data.parent)
        if self.data.exists():
            self._require_same_version()
            return False
        unfinished = self.data.with_name("unfinished")  # only a whole cluster gets the name `data`
        shutil.rmtree(unfinished, ignore_errors=True)
        self._initdb(unfinished)
        unfinished.rename(self.data)
        return True

    def provide_database(self, server: Child) -> None:
        """Wait until the server answers, then make the roles and the database where they are missing."""
        with self._connect_patiently(server) as superuser:
            for role, rights in ROLES.items():
                known = superuser.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone()
                verb = sql.SQL("ALTER" if known is not None else "CREATE")
                superuser.execute(
                    sql.SQL("{} ROLE {} LOGIN {} PASSWORD {}").format(
                        verb, sql.Identifier(role), sql.SQL(rights), sql.Literal(self.passwords[role])
                    )
                )
            if superuser.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
                superuser.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")

    def url(self, role: str = APPLICATION, database: str = DATABASE) -> str:
        """Return the address as `role`, as DATABASE_URL wants it."""
        return f"postgresql://{role}:{self.passwords[role]}@/{database}?host={quote(str(self.sockets))}"

    def clear_leftovers(self) -> None:
        """End what a killed server left: its backends, and a lock file whose process is a zombie or another program.

        A lock file whose process is gone stays: Postgres judges it better, by the shared memory it names.
        """
        lock = self.data / "postmaster.pid"
        postmaster = _first_number(lock)
        leftovers = _processes_in(self.data)
        for process in leftovers:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGINT if process.pid == postmaster else signal.SIGQUIT)
        end(leftovers, seconds=10)
        if psutil.pid_exists(postmaster):
            lock.unlink(missing_ok=True)

    def _require_same_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if made_by != str(self._version()):
            raise SystemExit(
                f"The database in {self.data} is of PostgreSQL {made_by}, the programs in {self.programs} are of "
                f"{self._version()}. Set PG_BIN to programs of {made_by}, or VAR_DIR to another folder."
            )

    def _version(self) -> int:
        answer = subprocess.run([self.programs / "postgres", "--version"], check=True, capture_output=True, text=True)
        return int(answer.stdout.split()[2].split(".")[0])

    def _initdb(self, data: Path) -> None:
        builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]  # one sort order on every machine
        options = builtin if self._version() >= 17 else ["--locale=C.UTF-8"]
        options += [] if self.durable else ["--no-sync"]
        password = self.data.with_name("password")
        self.account.keep(password, self.passwords[SUPERUSER])
        initdb = [*_with_a_name(), str(self.programs / "initdb"), "-D", str(data), "-U", SUPERUSER]
        made = subprocess.run(
            [*initdb, f"--pwfile={password}", "-A", "scram-sha-256", "-E", "UTF8", *options],
            cwd="/",
            env=_environment(),
            capture_output=True,
            text=True,
            start_new_session=True,
            **self.account.identity,
        )
        password.unlink()
        if made.returncode:
            raise SystemExit(f"Postgres could not make its database in {data}:\n{made.stderr.strip()}")

    def _connect_patiently(self, server: Child) -> psycopg.Connection:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True, connect_timeout=5)
            except psycopg.OperationalError as refused:
                if time.monotonic() > deadline or not server.is_running:
                    raise SystemExit(f"Postgres did not start; {server.program.log} tells why. {refused}") from None
            time.sleep(0.05)


def _environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _with_a_name() -> list[str]:
    """Return what to run initdb through: it refuses a user id without a name, as containers have them."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return ["unshare", "--user", "--map-user=65534", "--map-group=65534"] if shutil.which("unshare") else []
    return []


def _first_number(path: Path) -> int:
    """Return the process id on the first line, or one that no process has."""
    try:
        return int(path.read_text().split()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return -1


def _processes_in(data: Path) -> list[psutil.Process]:
    """Return the living server processes whose working folder is `data`: Postgres' all have it."""
    found = []
    for process in psutil.process_iter(["name", "cwd"]):
        if process.info["name"] == "postgres" and process.info["cwd"] == str(data):
            found.append(process)
    return found
