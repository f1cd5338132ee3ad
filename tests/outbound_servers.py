"""Servers that misbehave below the level of an interface: raw bytes over TCP or TLS."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from importer.smartcare.simulator.authority import Issued
from tenants.outbound.trust import Destination

Reply = Callable[[socket.socket], None]


@contextmanager
def server(
    reply: Reply | bytes, context: ssl.SSLContext | None = None, *, received: list[bytes] | None = None
) -> Iterator[Destination]:
    """Answer every connection on a free port by `reply`: bytes, or what is done with the socket."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        arguments = (listener, reply, context, [] if received is None else received)
        threading.Thread(target=_accept, args=arguments, daemon=True).start()
        yield Destination("127.0.0.1", listener.getsockname()[1], ("127.0.0.1",))


def _accept(listener: socket.socket, *answer: Any) -> None:
    with suppress(OSError):
        while True:
            connection, _address = listener.accept()
            threading.Thread(target=_answer, args=(connection, *answer), daemon=True).start()


def _answer(
    connection: socket.socket, reply: Reply | bytes, context: ssl.SSLContext | None, received: list[bytes]
) -> None:
    with suppress(OSError), connection:
        line = context.wrap_socket(connection, server_side=True) if context else connection
        with line:
            line.settimeout(20)
            received.append(line.recv(65_536))
            if isinstance(reply, bytes):
                line.sendall(reply)
            else:
                reply(line)


def serving(issued: Issued, *, highest: ssl.TLSVersion | None = None, client_authority: str = "") -> ssl.SSLContext:
    """Return the TLS side of such a server; `highest`: the newest version that it speaks."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if highest:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = highest
    with TemporaryDirectory() as folder:
        chain, key = Path(folder, "chain.pem"), Path(folder, "key.pem")
        chain.write_text(issued.certificate)
        key.write_text(issued.key)
        context.load_cert_chain(chain, key)
    if client_authority:
        context.load_verify_locations(cadata=client_authority)
        context.verify_mode = ssl.CERT_REQUIRED
    return context
