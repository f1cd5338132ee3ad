"""SFTP: one connection to a pinned host key, and regular files below one folder."""

import asyncio
import stat
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Self, TypeVar

import asyncssh
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tenants.refusals import declare, refusal

from .keys import algorithms_of, fingerprint_of, private_key_of
from .loop import Loop
from .paths import is_plain
from .stores import BLOCK, MAX_ENTRIES, SILENT_SECONDS, TICK_SECONDS, Folder, Stored
from .trust import Destination

Answer = TypeVar("Answer")

STEP_SECONDS = 10  # for one request, once connected
# NoConnection: the loss was noticed before the next request was sent.
LOST = (OSError, asyncssh.ConnectionLost, asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection)
NO_SUCH = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath, asyncssh.SFTPNotADirectory)

declare(
    {
        "host_key_unknown": _(
            "The host key of %(host)s is not accepted yet: %(found)s. Compare it with what whoever runs the server "
            "says, then accept it."
        ),
        "host_key_changed": _(
            "The host key of %(host)s has changed, and nothing was sent: accepted was %(accepted)s, now it shows "
            "%(found)s. Somebody may stand between. Ask whoever runs the server before you accept the new key."
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Account:
    """Who signs in, and to which server: `host_key` is its pinned public key, "" where none was accepted yet."""

    user: str
    password: str = ""
    private_key: str = ""
    passphrase: str = ""
    host_key: str = ""


def host_key_at(destination: Destination, *, seconds: float) -> str:
    """Return the host key that the server shows now, in OpenSSH's form. Nobody signs in."""
    with SftpStore(destination, Account(user="-"), base="/", seconds=seconds) as store:
        return store.shown_host_key()


class SftpStore:
    """A connection, open during its `with`. `base`: the folder nothing leads out of; `seconds`: for all of it."""

    grows = True

    def __init__(self, destination: Destination, account: Account, *, base: str, seconds: float | None = None) -> None:
        self.destination, self.account, self.base = destination, account, base
        self._until = monotonic() + seconds if seconds else None
        self._found: asyncssh.SSHKey | None = None
        self._connection: asyncssh.SSHClientConnection | None = None
        self._sftp: Any = None
        self._root = ""
        self._reading: asyncio.Future[Any] | None = None

    def __enter__(self) -> Self:
        self._loop = Loop()
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection:
            self._loop.soon(self._connection.abort)
        self._loop.close()

    def shown_host_key(self) -> str:
        """Return the server's host key without signing in."""
        try:
            self._do(self._connect(), "")
        except ValidationError:
            if self._found is None:
                raise
        return self._found.export_public_key("openssh").decode().strip() if self._found else ""

    def folder(self, parts: Sequence[str]) -> Folder:
        return self._do(self._list(parts), "/".join(parts))

    def find(self, parts: Sequence[str]) -> Stored:
        return self._do(self._find(parts), "/".join(parts))

    def blocks(self, parts: Sequence[str], stored: Stored, offset: int) -> Iterator[bytes]:
        path = "/".join(parts)
        file = self._do(self._open(parts), path)
        heard = monotonic()
        while offset < stored.size:
            block = self._do(self._next(file, min(BLOCK, stored.size - offset), offset), path, offset)
            if block == b"" or (block is None and monotonic() - heard > SILENT_SECONDS):
                raise refusal("connection_cut", host=self.destination.host, n=offset)
            if block:
                heard = monotonic()
                offset += len(block)
            yield block or b""

    def _do(self, work: Coroutine[Any, Any, Answer], path: str, offset: int = 0) -> Answer:
        """Run `work` within the time that is left; what goes wrong is a refusal."""
        left = STEP_SECONDS if self._until is None else max(0.1, self._until - monotonic())
        try:
            return self._loop.run(asyncio.wait_for(work, left))
        except TimeoutError:
            raise refusal("server_slow", host=self.destination.host) from None
        except (asyncssh.Error, OSError) as error:
            raise self._refused(error, path, offset) from None

    def _refused(self, error: Exception, path: str, offset: int) -> ValidationError:
        host = self.destination.host
        if isinstance(error, asyncssh.HostKeyNotVerifiable | asyncssh.KeyExchangeFailed):
            return self._host_key_refused(error)
        if isinstance(error, asyncssh.PermissionDenied):
            return refusal("server_login", host=host, user=self.account.user)
        if isinstance(error, NO_SUCH):
            return refusal("server_file_missing", path=path)
        if isinstance(error, asyncssh.SFTPPermissionDenied):
            return refusal("server_denied", host=host, user=self.account.user, path=path or self.base)
        if isinstance(error, LOST) or (offset and isinstance(error, asyncssh.DisconnectError)):
            return refusal("connection_cut", host=host, n=offset)
        return refusal("server_protocol", host=host, port=self.destination.port, reason=type(error).__name__)

    def _host_key_refused(self, error: Exception) -> ValidationError:
        host, accepted = self.destination.host, fingerprint_of(self.account.host_key)
        found = self._found.get_fingerprint("sha256") if self._found else "—"
        if accepted:
            return refusal("host_key_changed", host=host, accepted=accepted, found=found)
        if self._found:
            return refusal("host_key_unknown", host=host, found=found)
        return refusal("server_protocol", host=host, port=self.destination.port, reason=type(error).__name__)

    async def _connect(self) -> asyncssh.SSHClientConnection:
        account = self.account
        key = private_key_of(account.private_key, account.passphrase) if account.private_key else None
        self._connection, _client = await asyncssh.create_connection(
            lambda: _Client(self),
            self.destination.host,
            self.destination.port,
            sock=self.destination.connect(),
            known_hosts=([], [], []),  # the client judges; an empty value would read the account's own file
            server_host_key_algs=algorithms_of(account.host_key),
            x509_trusted_certs=None,
            config=None,
            username=account.user,
            password=account.password or None,
            client_keys=[key] if key else None,
            preferred_auth="publickey" if key else "password,keyboard-interactive",
            agent_path=None,
            gss_kex=False,
            gss_auth=False,
            login_timeout=STEP_SECONDS,
        )
        return self._connection

    async def _ready(self) -> Any:
        """Return the SFTP session; the folder of `base` itself may be reached through links of the server's owner."""
        if self._sftp is None:
            self._sftp = await (await self._connect()).start_sftp_client(path_errors="surrogateescape")
            try:
                self._root = await self._sftp.realpath(self.base)
                await self._require_folder(self._root, self.base)
            except NO_SUCH:
                raise refusal("server_folder_missing", path=self.base) from None
        return self._sftp

    async def _require_folder(self, path: str, shown: str) -> None:
        kind = _kind(await self._sftp.lstat(path))
        if kind != stat.S_IFDIR:
            raise refusal("server_link" if kind == stat.S_IFLNK else "server_not_folder", path=shown)

    async def _walk(self, folders: Sequence[str]) -> str:
        """Return the real path of a folder, each step of which is a folder and no link."""
        await self._ready()
        path = self._root.rstrip("/")
        for depth, name in enumerate(folders, start=1):
            path = f"{path}/{name}"
            try:
                await self._require_folder(path, "/".join(folders[:depth]))
            except NO_SUCH:
                raise refusal("server_folder_missing", path="/".join(folders[:depth])) from None
        return path or "/"

    async def _list(self, parts: Sequence[str]) -> Folder:
        path = await self._walk(parts)
        found: list[Stored] = []
        async for entry in self._sftp.scandir(path):
            if (stored := _stored(str(entry.filename), entry.attrs)) is not None:
                found.append(stored)
            if len(found) > MAX_ENTRIES:
                break
        return Folder.of(found)

    async def _find(self, parts: Sequence[str]) -> Stored:
        path = f"{(await self._walk(parts[:-1])).rstrip('/')}/{parts[-1]}"
        attributes = await self._sftp.lstat(path)
        _require_regular(attributes, parts)
        return _of_file(parts[-1], attributes)

    async def _open(self, parts: Sequence[str]) -> Any:
        """Open what `_find` has found, and look at it once more: between the two it may have become a link."""
        found = await self._find(parts)
        path = f"{(await self._walk(parts[:-1])).rstrip('/')}/{parts[-1]}"
        file = await self._sftp.open(path, "rb", block_size=0)
        opened = await file.stat()
        _require_regular(opened, parts)
        real = await self._sftp.realpath(path)
        if real.casefold() != path.casefold():  # Windows may spell it otherwise
            raise refusal("server_link", path="/".join(parts))
        if _of_file(parts[-1], opened).stamp != found.stamp:
            raise refusal("source_changing", path="/".join(parts))
        return file

    async def _next(self, file: Any, size: int, offset: int) -> bytes | None:
        """Return the next bytes, or None when they are not there within a tick."""
        if self._reading is None:
            self._reading = asyncio.ensure_future(file.read(size, offset))
        done, _waiting = await asyncio.wait({self._reading}, timeout=TICK_SECONDS)
        if not done:
            return None
        block, self._reading = self._reading.result(), None
        return block


class _Client(asyncssh.SSHClient):
    """Judges the server's host key, and keeps it to be shown."""

    def __init__(self, store: SftpStore) -> None:
        self._store = store

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        self._store._found = key
        pinned = self._store.account.host_key
        return bool(pinned) and asyncssh.import_public_key(pinned).public_data == key.public_data


def _kind(attributes: asyncssh.SFTPAttrs) -> int:
    """Return the type of file, 0 where the server does not tell."""
    return stat.S_IFMT(attributes.permissions or 0)


def _require_regular(attributes: asyncssh.SFTPAttrs, parts: Sequence[str]) -> None:
    kind = _kind(attributes)
    if kind != stat.S_IFREG:
        raise refusal("server_link" if kind == stat.S_IFLNK else "server_not_regular", path="/".join(parts))


def _stored(name: str, attributes: asyncssh.SFTPAttrs) -> Stored | None:
    """Return an entry of a folder; None for what cannot be read, or has a name that would lead elsewhere."""
    kind = _kind(attributes)
    if name in ("", ".", "..") or "/" in name or not is_plain(name):
        return None
    if kind == stat.S_IFDIR:
        return Stored(name, is_folder=True)
    return _of_file(name, attributes) if kind == stat.S_IFREG else None


def _of_file(name: str, attributes: asyncssh.SFTPAttrs) -> Stored:
    changed = attributes.mtime or 0
    stamp = f"{attributes.size}:{changed}:{attributes.mtime_ns or 0}"
    return Stored(name, attributes.size or 0, datetime.fromtimestamp(changed, UTC), stamp)
