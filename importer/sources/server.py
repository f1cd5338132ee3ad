"""A file server as the import sees it: trusted, opened, looked at."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from importer.server_models import FileServer
from importer.submission import FILE_TYPES
from tenants.models import AddressType
from tenants.outbound.paths import parts_of
from tenants.outbound.s3 import Bucket, S3Store
from tenants.outbound.sftp import Account, SftpStore, host_key_at
from tenants.outbound.stores import TEST_SECONDS, Folder, Store
from tenants.outbound.trust import Destination, trusted
from tenants.refusals import declare, refusal

declare(
    {
        "endpoint_format": _(
            "An endpoint is https:// (or http://), a host and perhaps a port, such as https://obs.example.com."
        ),
        "server_unknown": _("There is no such file server."),
    }
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a test of a server found. `refused`: why it cannot be used, or None; `new_host_key`: to be accepted."""

    folder: Folder = field(default_factory=lambda: Folder([]))
    milliseconds: int = 0
    refused: ValidationError | None = None
    new_host_key: str = ""

    @property
    def importable(self) -> int:
        """Return how many of the files have an ending that can be imported."""
        return sum(one.name.lower().endswith(FILE_TYPES) for one in self.folder.files)


def destination_of(server: FileServer) -> Destination:
    """Return where `server` may be connected to now, or raise ValidationError: asked before each connection."""
    if server.is_sftp:
        return trusted(AddressType.FILE_SERVER, server.host, server.port or 0)
    bucket = bucket_of(server)
    return trusted(AddressType.FILE_SERVER, bucket.host, bucket.port, uses_tls=bucket.uses_tls)


@contextmanager
def opened(server: FileServer, *, seconds: float | None = None) -> Iterator[Store]:
    """Hold a connection to `server`; `seconds`: for all that is done with it, while a person waits."""
    destination = destination_of(server)
    store: Store
    if server.is_sftp:
        store = SftpStore(destination, account_of(server), base=server.default_path or "/", seconds=seconds)
    else:
        store = S3Store(destination, bucket_of(server), seconds=seconds)
    with store:
        yield store


def look_into(server: FileServer, path: str) -> Folder:
    """Return what lies in the folder `path` below the default path, or raise ValidationError."""
    parts = parts_of(path)
    with opened(server, seconds=TEST_SECONDS) as store:
        return store.folder(parts)


def try_out(server: FileServer) -> Found:
    """Connect, sign in and look into the default path, as an import would; never raises a refusal."""
    began = monotonic()
    try:
        folder = look_into(server, "")
    except ValidationError as refused:
        is_about_key = refused.code in ("host_key_unknown", "host_key_changed")
        return Found(refused=refused, new_host_key=shown_host_key(server) if is_about_key else "")
    return Found(folder, milliseconds=round(1_000 * (monotonic() - began)))


def shown_host_key(server: FileServer) -> str:
    """Return the host key that the server shows now, or "" where it shows none any more."""
    try:
        return host_key_at(destination_of(server), seconds=TEST_SECONDS / 2)
    except ValidationError:
        return ""


def account_of(server: FileServer) -> Account:
    """Return who signs in at an SFTP server."""
    return Account(
        user=server.username,
        password=server.password or "",
        private_key=server.private_key or "",
        passphrase=server.passphrase or "",
        host_key=server.host_key,
    )


def bucket_of(server: FileServer) -> Bucket:
    """Return the bucket of an object store, or raise ValidationError (endpoint_format)."""
    check_endpoint(server.endpoint)
    prefix = server.prefix.strip("/")
    return Bucket(
        endpoint=server.endpoint,
        name=server.bucket,
        access_key=server.access_key,
        secret_key=server.secret_key or "",
        region=server.region or "us-east-1",
        prefix=f"{prefix}/" if prefix else "",
        uses_path_style=server.path_style,
    )


def check_endpoint(text: str) -> None:
    """Raise ValidationError (endpoint_format) unless `text` is a scheme and a host, and nothing else."""
    try:
        parts = urlsplit(text)
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise refusal("endpoint_format") from None
    has_more = parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc
    if not is_whole or has_more or "\\" in text or text != text.strip():
        raise refusal("endpoint_format")
