"""One bounded HTTP call to a destination that the trustlist named: SmartCare, webhooks.

Bounded in every direction: connecting, each read and the whole call in time, headers and body in bytes. No redirect is
followed, no proxy of the environment used, nothing decompressed; TLS 1.2 or newer, always verified. What goes wrong
is a ValidationError with a code of its own; the caller decides what is worth another try (`RETRYABLE`).
"""

import io
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse
from time import monotonic
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tenants.refusals import declare, refusal

from .tls import Tls, context_of, tls_refusal
from .trust import Destination

CONNECT_SECONDS = 3
READ_SECONDS = 10  # without a byte
TOTAL_SECONDS = 60
MAX_HEADERS = 64_000  # bytes
MAX_BODY = 20_000_000  # bytes
PIECE = 65_536  # bytes of a read

RETRYABLE = frozenset(
    {"address_unreachable", "address_closed", "address_unknown", "http_timeout", "http_cut", "http_format", "tls_cut"}
)

declare(
    {
        "http_timeout": _("%(host)s did not answer in time: up to %(seconds)s seconds are allowed for one call."),
        "http_cut": _("%(host)s ended the connection before its answer was complete."),
        "http_format": _("%(host)s answered with something that is not HTTP. Check the port."),
        "http_redirect": _("%(host)s wants to send the console to another address. Enter that address itself."),
        "http_too_large": _("%(host)s sent an answer of more than %(high)s MB, which is not read."),
        "http_headers": _("%(host)s sent headers of more than %(high)s kB, which are not read."),
        "http_encoding": _("%(host)s sent a compressed answer, although the console takes none."),
        "http_content_type": _("%(host)s answered with “%(found)s”; “%(wanted)s” is needed. Check the address."),
    }
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may take: seconds and bytes. `is_cut`: of a longer body the beginning is taken, as it is."""

    read_seconds: float = READ_SECONDS
    total_seconds: float = TOTAL_SECONDS
    body: int = MAX_BODY
    is_cut: bool = False


class Call(NamedTuple):
    """What is sent. `wants`: the content type that an answer of 200 must have; empty: any."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    wants: str = ""


class Answer(NamedTuple):
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def send(destination: Destination, call: Call, *, tls: Tls | None, limits: Limits | None = None) -> Answer:
    """Make `call` at the addresses of `destination`; `tls` None: plain http.

    ValidationError: http_*, tls_*, address_unreachable, address_closed.
    """
    limits = limits or Limits()
    until = monotonic() + limits.total_seconds
    connection = destination.connect(min(CONNECT_SECONDS, limits.total_seconds))
    try:
        with _secured(connection, destination.host, tls, limits) as line:
            return _exchange(_Line(line, until, limits), destination, call, limits, is_tls=tls is not None)
    except _TooMuch:
        raise refusal("http_headers", host=destination.host, high=MAX_HEADERS // 1_000) from None
    except ssl.SSLError as error:
        raise tls_refusal(error, destination.host) from None
    except TimeoutError:
        raise refusal("http_timeout", host=destination.host, seconds=round(limits.total_seconds)) from None
    except OSError:  # a server that refuses our certificate does so after the handshake, and may reset the line
        raise refusal("http_cut" if tls is None else "tls_cut", host=destination.host) from None
    except HTTPException as error:
        raise _protocol_refusal(error, destination.host) from None
    finally:
        connection.close()


def is_retryable(refused: ValidationError) -> bool:
    """Return whether another try may well succeed without anybody mending anything."""
    return refused.code in RETRYABLE


def seconds_to_wait(text: str, *, high: int) -> int:
    """Return what Retry-After says, 0 to `high`: seconds, or a date; 0 also for what is neither."""
    if text.isascii() and text.isdecimal():
        return min(int(text[:9]), high)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return 0
    left = moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)
    return round(min(max(left.total_seconds(), 0), high))


def _secured(connection: socket.socket, host: str, tls: Tls | None, limits: Limits) -> socket.socket:
    connection.settimeout(min(limits.read_seconds, limits.total_seconds))
    return connection if tls is None else context_of(tls).wrap_socket(connection, server_hostname=host)


def _exchange(line: "_Line", destination: Destination, call: Call, limits: Limits, *, is_tls: bool) -> Answer:
    client = HTTPConnection(destination.host, destination.port)
    client.sock = line
    client.default_port = 443 if is_tls else 80
    client.auto_open = 0
    headers = {"Accept-Encoding": "identity", "Connection": "close", "User-Agent": "AICC-Console"} | dict(call.headers)
    client.request(call.method, call.path, call.body, headers)
    answer = HTTPResponse(line, method=call.method)  # type: ignore[arg-type]
    answer.begin()
    line.count_no_more()
    _require_readable(answer, destination.host, call.wants, takes_packed=limits.is_cut)
    body = answer.read(limits.body) if limits.is_cut else _body_of(answer, destination.host, limits.body)
    return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body)


def _require_readable(answer: HTTPResponse, host: str, wants: str, *, takes_packed: bool) -> None:
    if 300 <= answer.status < 400:
        raise refusal("http_redirect", host=host)
    if not takes_packed and (answer.getheader("Content-Encoding") or "identity").lower() != "identity":
        raise refusal("http_encoding", host=host)
    found = answer.headers.get_content_type()
    if wants and answer.status == 200 and found != wants:
        raise refusal("http_content_type", host=host, found=found[:100], wanted=wants)


def _body_of(answer: HTTPResponse, host: str, high: int) -> bytes:
    too_large = refusal("http_too_large", host=host, high=round(high / 1_000_000))
    if (answer.length or 0) > high:
        raise too_large
    body = bytearray()
    while piece := answer.read(min(PIECE, high + 1 - len(body))):
        body += piece
        if len(body) > high:
            raise too_large
    if answer.length:  # read(n) does not tell a body that was cut from one that is over
        raise refusal("http_cut", host=host)
    return bytes(body)


def _protocol_refusal(error: HTTPException, host: str) -> ValidationError:
    is_cut = isinstance(error, ConnectionError) or type(error).__name__ in ("IncompleteRead", "RemoteDisconnected")
    return refusal("http_cut" if is_cut else "http_format", host=host)


class _TooMuch(Exception):  # noqa: N818
    """More bytes came than may."""


class _Line(io.RawIOBase):
    """A connection whose every read keeps to the call's deadline; http.client takes it for its socket."""

    def __init__(self, connection: socket.socket, until: float, limits: Limits) -> None:
        self.connection, self.until, self.limits = connection, until, limits
        self.left: float = MAX_HEADERS

    def count_no_more(self) -> None:
        """The headers are read; the body has a limit of its own."""
        self.left = float("inf")

    def sendall(self, content: bytes) -> None:
        self._keep_time()
        self.connection.sendall(content)

    def makefile(self, *_mode: Any) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.left <= 0:
            raise _TooMuch
        self._keep_time()
        count = self.connection.recv_into(buffer)
        self.left -= count
        return count

    def _keep_time(self) -> None:
        seconds = min(self.limits.read_seconds, self.until - monotonic())
        if seconds <= 0:
            raise TimeoutError
        self.connection.settimeout(seconds)
