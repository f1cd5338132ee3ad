"""Object storage by the S3 API: three signed requests (list, head, get), each to a checked address."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse
from queue import Empty, Full, Queue
from threading import Thread
from time import monotonic
from typing import Any, Self
from urllib.parse import quote, urlencode, urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from django.core.exceptions import ValidationError

from tenants.refusals import refusal

from .paths import is_plain
from .stores import BLOCK, MAX_ENTRIES, SILENT_SECONDS, TICK_SECONDS, Folder, Stored
from .tls import Tls, context_of
from .trust import Destination
from .wire import PinnedConnection, told_in_time

STEP_SECONDS = 10  # for one request without a file's content
ANSWER_BYTES = 4 << 20  # of a listing or an error
NAMESPACE = "{*}"
WRONG_KEYS = frozenset({"InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "AuthorizationHeaderMalformed"})


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where the objects are, and who asks. `prefix`: what every key begins with, "" or "outbound/"."""

    endpoint: str
    name: str
    access_key: str
    secret_key: str
    region: str = "us-east-1"
    prefix: str = ""
    uses_path_style: bool = True

    @property
    def uses_tls(self) -> bool:
        return urlsplit(self.endpoint).scheme == "https"

    @property
    def host(self) -> str:
        """Return the host that is asked, which is what the trustlist must have."""
        host = urlsplit(self.endpoint).hostname or ""
        return host if self.uses_path_style else f"{self.name}.{host}"

    @property
    def port(self) -> int:
        return urlsplit(self.endpoint).port or (443 if self.uses_tls else 80)

    def url(self, key: str = "", **query: str) -> str:
        """Return the address of an object, or of the bucket itself."""
        scheme = "https" if self.uses_tls else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        netloc = host if self.port == (443 if self.uses_tls else 80) else f"{host}:{self.port}"
        path = f"/{self.name}/{key}" if self.uses_path_style else f"/{key}"
        return f"{scheme}://{netloc}{quote(path, safe='/~')}" + (
            f"?{urlencode(query, quote_via=quote)}" if query else ""
        )


class S3Store:
    """One bucket; each request has a connection of its own. `seconds`: for all of it, while a person waits."""

    grows = False  # an object is there whole, or not at all

    def __init__(self, destination: Destination, bucket: Bucket, *, seconds: float | None = None) -> None:
        self.destination, self.bucket = destination, bucket
        self._until = monotonic() + seconds if seconds else None
        self._context = context_of(Tls()) if bucket.uses_tls else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def folder(self, parts: Sequence[str]) -> Folder:
        prefix = self.bucket.prefix + "".join(f"{part}/" for part in parts)
        query = {"list-type": "2", "delimiter": "/", "prefix": prefix, "max-keys": str(MAX_ENTRIES)}
        answer = self._xml("/".join(parts), query)
        found = [*_folders_in(answer, prefix), *_files_in(answer, prefix)]
        is_cut = answer.findtext(f"{NAMESPACE}IsTruncated") == "true"
        return Folder(Folder.of(found).entries, is_cut=is_cut)

    def find(self, parts: Sequence[str]) -> Stored:
        path = "/".join(parts)
        connection = PinnedConnection(self.destination, self._context, timeout=STEP_SECONDS)
        try:
            with told_in_time(connection, self.destination, self._seconds()):
                answer = self._send(connection, "HEAD", self.bucket.url(self.bucket.prefix + path))
        finally:
            connection.close()
        if answer.status != 200:
            raise self._refused(answer.status, "", path)
        size = answer.getheader("Content-Length", "")
        return Stored(parts[-1], int(size) if size.isdecimal() else 0, _date_in(answer), answer.getheader("ETag") or "")

    def blocks(self, parts: Sequence[str], stored: Stored, offset: int) -> Iterator[bytes]:
        path = "/".join(parts)
        connection = PinnedConnection(self.destination, self._context, timeout=SILENT_SECONDS)
        headers = {"Range": f"bytes={offset}-", "If-Match": stored.stamp, "Accept-Encoding": "identity"}
        try:
            with told_in_time(connection, self.destination, self._seconds()):
                answer = self._send(connection, "GET", self.bucket.url(self.bucket.prefix + path), headers)
                if answer.status not in (200, 206) or (offset and answer.status == 200):
                    raise self._refused(answer.status, _code_in(answer), path)
            for block in _pumped(answer, stored.size - offset):
                offset += len(block)
                yield block
        except (OSError, HTTPException):
            raise refusal("connection_cut", host=self.destination.host, n=offset) from None
        finally:
            connection.sever()
            connection.close()

    def _xml(self, path: str, query: dict[str, str]) -> Any:
        """Return the answer of a listing, parsed."""
        connection = PinnedConnection(self.destination, self._context, timeout=STEP_SECONDS)
        try:
            with told_in_time(connection, self.destination, self._seconds()):
                answer = self._send(connection, "GET", self.bucket.url(**query))
                body = answer.read(ANSWER_BYTES)
        finally:
            connection.close()
        if answer.status != 200:
            raise self._refused(answer.status, _code_of(body), path)
        try:
            return fromstring(body)
        except (ParseError, DefusedXmlException):
            raise self._odd("no listing") from None

    def _send(
        self, connection: PinnedConnection, method: str, url: str, headers: dict[str, str] | None = None
    ) -> HTTPResponse:
        request = AWSRequest(method, url, headers=headers or {})
        signer = S3SigV4Auth(Credentials(self.bucket.access_key, self.bucket.secret_key), "s3", self.bucket.region)
        signer.add_auth(request)
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, target, headers=dict(request.headers))
        return connection.getresponse()

    def _seconds(self) -> float:
        return STEP_SECONDS if self._until is None else max(0.1, self._until - monotonic())

    def _refused(self, status: int, code: str, path: str) -> ValidationError:
        host, user = self.destination.host, self.bucket.access_key
        if code in WRONG_KEYS or status == 401:
            return refusal("server_login", host=host, user=user)
        if code == "NoSuchBucket":
            return refusal("server_folder_missing", path=self.bucket.name)
        if status == 403:
            return refusal("server_denied", host=host, user=user, path=path or self.bucket.name)
        if status == 404:
            return refusal("server_file_missing", path=path)
        if status in (412, 416):
            return refusal("source_changing", path=path)
        return refusal("server_slow", host=host) if status in (429, 503) else self._odd(f"HTTP {status}")

    def _odd(self, reason: str) -> ValidationError:
        return refusal("server_protocol", host=self.destination.host, port=self.destination.port, reason=reason)


def _folders_in(answer: Any, prefix: str) -> Iterator[Stored]:
    for found in answer.iterfind(f"{NAMESPACE}CommonPrefixes"):
        name = (found.findtext(f"{NAMESPACE}Prefix") or "")[len(prefix) :].rstrip("/")
        if _is_name(name):
            yield Stored(name, is_folder=True)


def _files_in(answer: Any, prefix: str) -> Iterator[Stored]:
    for found in answer.iterfind(f"{NAMESPACE}Contents"):
        name = (found.findtext(f"{NAMESPACE}Key") or "")[len(prefix) :]
        size, changed = found.findtext(f"{NAMESPACE}Size") or "", found.findtext(f"{NAMESPACE}LastModified") or ""
        if _is_name(name) and size.isdecimal():
            yield Stored(name, int(size), _moment(changed), found.findtext(f"{NAMESPACE}ETag") or "")


def _is_name(name: str) -> bool:
    return name not in ("", ".", "..") and "/" not in name and is_plain(name)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _date_in(answer: HTTPResponse) -> datetime | None:
    try:
        return parsedate_to_datetime(answer.getheader("Last-Modified", ""))
    except ValueError:
        return None


def _code_in(answer: HTTPResponse) -> str:
    return _code_of(answer.read(ANSWER_BYTES))


def _code_of(body: bytes) -> str:
    """Return the code of an error's document, "" where there is none."""
    try:
        return fromstring(body).findtext(f"{NAMESPACE}Code") or fromstring(body).findtext("Code") or ""
    except (ParseError, DefusedXmlException):
        return ""


def _pumped(answer: HTTPResponse, size: int) -> Iterator[bytes]:
    """Yield the content in blocks, b"" each tick without one; OSError where it ends too early.

    A thread reads: a socket that timed out once cannot be read again, so a timeout is no tick.
    """
    blocks: Queue[bytes | Exception] = Queue(maxsize=2)
    Thread(target=_read_into, args=(answer, size, blocks), daemon=True).start()
    left = size
    while left > 0:
        try:
            block = blocks.get(timeout=TICK_SECONDS)
        except Empty:
            block = b""
        if isinstance(block, Exception):
            raise block
        left -= len(block)
        yield block


def _read_into(answer: HTTPResponse, size: int, blocks: "Queue[bytes | Exception]") -> None:
    while size > 0:
        try:
            block: bytes | Exception = answer.read(min(BLOCK, size)) or OSError("ended too early")
        except (OSError, HTTPException, ValueError) as error:  # ValueError: closed meanwhile
            block = OSError(str(error))
        try:
            blocks.put(block, timeout=SILENT_SECONDS * 4)
        except Full:
            return  # nobody reads any more
        if isinstance(block, Exception):
            return
        size -= len(block)
