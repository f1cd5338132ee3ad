"""An SFTP server on loopback with scripted faults, for as long as a test needs it; openssh_server.py is a real one."""

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

from tenants.models import AddressType, TrustedAddress

USER, PASSWORD = "importer", "correct-horse-battery"


@dataclass
class Faults:
    """What goes wrong: set while the server runs. `cut_after`: bytes of the next transfer, then the line is dead."""

    cut_after: int | None = None
    seconds_per_read: float = 0.0
    before_read: Callable[[], None] = lambda: None
    bytes_read: int = 0
    offsets: list[int] = field(default_factory=list)
    sign_ins: int = 0
    names: list[bytes] = field(default_factory=list)  # shown in each folder besides what is there


class Files(asyncssh.SFTPServer):
    faults: Faults
    root: Path

    def __init__(self, channel: Any) -> None:
        super().__init__(channel, chroot=os.fsencode(self.root))

    async def read(self, file_obj: Any, offset: int, size: int) -> bytes:
        self.faults.before_read()
        self.faults.offsets.append(offset)
        if self.faults.seconds_per_read:
            await asyncio.sleep(self.faults.seconds_per_read)
        if self.faults.cut_after is not None and offset + size > self.faults.cut_after:
            self.faults.cut_after = None
            self.channel.get_connection().abort()
            raise ConnectionResetError
        block = super().read(file_obj, offset, size)
        self.faults.bytes_read += len(block)
        return block

    async def scandir(self, path: bytes) -> Any:
        async for entry in super().scandir(path):
            yield entry
        for name in self.faults.names:
            yield asyncssh.SFTPName(name, attrs=asyncssh.SFTPAttrs(permissions=0o100644, size=1))


class Door(asyncssh.SSHServer):
    faults: Faults
    keys: list[Any]

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        self.faults.sign_ins += 1
        return (username, password) == (USER, PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: Any) -> bool:
        self.faults.sign_ins += 1
        return username == USER and any(key.public_data == one.public_data for one in self.keys)


class SftpServer:
    """Serves the folder `root` on a port of its own; `host_key` may be replaced by `show_another_host_key`."""

    def __init__(self, root: Path) -> None:
        self.root, self.faults = root, Faults()
        self.client_key = asyncssh.generate_private_key("ssh-ed25519")
        self.host_keys = [asyncssh.generate_private_key("ssh-ed25519")]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = 0
        self._listen()

    @property
    def host_key(self) -> str:
        return self.host_keys[0].export_public_key("openssh").decode().strip()

    @property
    def fingerprint(self) -> str:
        return self.host_keys[0].get_fingerprint("sha256")

    def show_another_host_key(self, kind: str = "ssh-ed25519") -> None:
        self.host_keys = [asyncssh.generate_private_key(kind)]
        self.listen_again()

    def listen_again(self) -> None:
        self.stop_listening()
        self._listen()

    def stop_listening(self) -> None:
        self._call(self._close())

    def stop(self) -> None:
        self.stop_listening()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _open(self, door: Any, files: Any) -> Any:
        return await asyncssh.create_server(
            door, "127.0.0.1", self.port, server_host_keys=self.host_keys, sftp_factory=files, reuse_address=True
        )

    async def _close(self) -> None:
        self._server.close()

    def _listen(self) -> None:
        files = type("FilesHere", (Files,), {"faults": self.faults, "root": self.root})
        door = type("DoorHere", (Door,), {"faults": self.faults, "keys": [self.client_key]})
        self._server = self._call(self._open(door, files))
        self.port = self._server.sockets[0].getsockname()[1]

    def _call(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)


@contextmanager
def serving(root: Path) -> Iterator[SftpServer]:
    root.mkdir(exist_ok=True, parents=True)
    server = SftpServer(root)
    try:
        yield server
    finally:
        server.stop()


def trust(port: int, settings: Any) -> None:
    """Put 127.0.0.1 with `port` on the trustlist, as `make run` does for its own servers."""
    settings.LOOPBACK_PORTS = settings.LOOPBACK_PORTS | {port}
    TrustedAddress.objects.create(address_type=AddressType.FILE_SERVER, host="127.0.0.1", port=port, allows_http=True)
