"""The bundled Valkey: broker and cache on a socket, its queue kept through a crash."""

import os
import socket
import time
from pathlib import Path

from aicc_console.processes import Child, Program

from .account import Account
from .binaries import valkey_program

START_SECONDS = 300
SETTINGS = """port 0
unixsocket {socket}
unixsocketperm 700
requirepass {password}
dir {folder}
daemonize no
appendonly yes
appendfsync {sync}
save ""
maxmemory-policy noeviction
"""


class Valkey:
    """One server in `home`/valkey: database 0 is the broker's, 1 the cache's."""

    def __init__(self, home: Path, sockets: Path, account: Account, *, password: str, durable: bool = True) -> None:
        self.folder = home / "valkey"
        self.socket = sockets / "valkey.sock"
        self.account, self.password, self.durable = account, password, durable
        self.server = valkey_program(account, home)

    @property
    def broker_url(self) -> str:
        return f"redis+socket://:{self.password}@{self.socket}?virtual_host=0"

    @property
    def cache_url(self) -> str:
        return f"unix://:{self.password}@{self.socket}?db=1"

    def make(self) -> None:
        """Make its folder and its configuration, which only its account may read."""
        self.account.own(self.folder)
        sync = "everysec" if self.durable else "no"
        settings = SETTINGS.format(socket=self.socket, password=self.password, folder=f'"{self.folder}"', sync=sync)
        self.account.keep(self.folder / "valkey.conf", settings)

    def program(self, log: Path) -> Program:
        """Describe the server as a child."""
        return Program(
            name="valkey",
            command=[str(self.server), str(self.folder / "valkey.conf")],
            environment={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            log=log,
            identity=self.account.identity,
            stop_seconds=30,
            is_server=True,
        )

    def wait_until_ready(self, server: Child) -> None:
        """Return when the server answers; it loads its queue first."""
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if time.monotonic() > deadline or not server.is_running:
                raise SystemExit(f"Valkey did not start; {server.program.log} tells why.")
            time.sleep(0.02)

    def _answers(self) -> bool:
        """Ask by hand: a client library takes longer to load than the server to start."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            try:
                line.connect(str(self.socket))
                line.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                replies = line.makefile("rb")
                return [replies.readline(), replies.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
            except OSError:
                return False
