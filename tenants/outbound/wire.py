"""One HTTP connection to a checked destination: no second resolution, no redirect, no proxy, an end in time."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from socket import SHUT_RDWR
from threading import Timer

from tenants.refusals import refusal

from .tls import tls_refusal
from .trust import Destination


class PinnedConnection(HTTPConnection):
    """Speaks to the addresses of `destination` alone; `context` None: without TLS."""

    def __init__(self, destination: Destination, context: ssl.SSLContext | None, *, timeout: float) -> None:
        super().__init__(destination.host, destination.port, timeout=timeout)
        self._destination, self._context = destination, context
        self.default_port = 443 if context else 80  # for the Host header

    def connect(self) -> None:
        """Connect to what was judged, certificate and name verified. ValidationError: tls_..., address_..."""
        self.sock = self._destination.connect()
        self.sock.settimeout(self.timeout)
        if self._context is None:
            return
        try:
            self.sock = self._context.wrap_socket(self.sock, server_hostname=self._destination.host)
        except ssl.SSLError as error:
            raise tls_refusal(error, self.host) from None

    def sever(self) -> None:
        """End the connection from another thread: whoever reads from it gets an error at once."""
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(SHUT_RDWR)


@contextmanager
def told_in_time(connection: PinnedConnection, destination: Destination, seconds: float) -> Iterator[None]:
    """Sever the connection after `seconds`, however slowly it drips; what goes wrong is server_slow or connection_cut.

    A timeout of the socket alone would begin anew with every byte.
    """
    timer = Timer(seconds, connection.sever)
    timer.daemon = True
    timer.start()
    try:
        yield
        if timer.finished.is_set():  # half an answer looks like a whole one that is short
            raise TimeoutError
    except TimeoutError:
        raise refusal("server_slow", host=destination.host) from None
    except (OSError, HTTPException):
        is_late = timer.finished.is_set()
        raise refusal("server_slow" if is_late else "connection_cut", host=destination.host, n=0) from None
    finally:
        timer.cancel()
