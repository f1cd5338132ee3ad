"""Postgres and Valkey together, for the console on one machine and for the tests."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from aicc_console.processes import Child

from .account import Account, short_folder
from .postgres import OWNER, SUPERUSER, Postgres
from .valkey import Valkey


class Servers:
    """The bundled servers whose data is below `home`, and a new short folder for their sockets.

    `names` is any of postgres and valkey; `passwords` are keyed by role and "valkey".
    """

    def __init__(
        self, home: Path, logs: Path, *, names: set[str], passwords: Mapping[str, str], durable: bool = True
    ) -> None:
        account = Account()
        self.logs = logs
        self.sockets = short_folder(account)
        self.postgres = self.valkey = None
        if "postgres" in names:
            self.postgres = Postgres(home, self.sockets, account, passwords=passwords, durable=durable)
        if "valkey" in names:
            self.valkey = Valkey(home, self.sockets, account, password=passwords["valkey"], durable=durable)

    def start(self, start: Callable[[Child], None]) -> bool:
        """Make and start them with `start`, wait until they answer, and tell whether the database is a new one."""
        is_new = self.postgres is not None and self.postgres.make()
        children = self._children()
        for child in children:
            start(child)
        for child in children:
            self.wait_for(child)
        return is_new

    def wait_for(self, child: Child) -> None:
        """Return when the started server answers and has what the application needs."""
        if self.postgres and child.name == "postgres":
            self.postgres.provide_database(child)
        if self.valkey and child.name == "valkey":
            self.valkey.wait_until_ready(child)

    def _children(self) -> list[Child]:
        children = []
        if self.postgres:
            children.append(Child(self.postgres.program(self.logs / "postgres.log")))
        if self.valkey:
            self.valkey.make()
            children.append(Child(self.valkey.program(self.logs / "valkey.log")))
        return children

    def addresses(self) -> dict[str, str]:
        """Return what the application needs to reach them, by the name of the variable."""
        found = {}
        if self.postgres:
            found["DATABASE_URL"] = self.postgres.url()
        if self.valkey:
            found |= {"BROKER_URL": self.valkey.broker_url, "CACHE_URL": self.valkey.cache_url}
        return found

    def owner_addresses(self) -> dict[str, str]:
        """Return the address that only `migrate` and the tests are given."""
        return {"DATABASE_OWNER_URL": self.postgres.url(OWNER)} if self.postgres else {}

    def superuser_url(self) -> str:
        """Return the superuser's address of the application's database, for backups and tests."""
        return self.postgres.url(SUPERUSER) if self.postgres else ""

    def forget(self) -> None:
        """Remove the folder of the sockets, after the servers have ended."""
        shutil.rmtree(self.sockets, ignore_errors=True)
