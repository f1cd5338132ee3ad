"""The console's real web server beside the test's own database, and a bare socket to speak to it."""

import json
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path
from typing import NamedTuple

from aicc_console import programs
from aicc_console.processes import Child
from aicc_console.welcome import free_port, is_answering

from . import beside

START_SECONDS = 60


class Answer(NamedTuple):
    """What came back: status, headers by lower-case name, and the body."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def problem(self) -> tuple[int, str]:
        """The status and the code of a problem, which is whole and says the same status."""
        assert self.headers["content-type"] == "application/problem+json", self
        body = json.loads(self.content)
        assert set(body) >= {"type", "title", "status", "code", "detail"}
        assert body["status"] == self.status
        return self.status, body["code"]


class Web:
    """A running web server. `send` writes bytes as they stand, so that they may be no HTTP at all."""

    def __init__(self, port: int) -> None:
        self.port = port

    def send(self, pieces: Iterable[bytes], *, ends: bool = True) -> Answer | None:
        """Return the answer to `pieces`; `ends` False: close the connection without reading one."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connected:
            try:
                for piece in pieces:
                    connected.sendall(piece)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it was refused before all of it was sent; the answer is there already
            return _read(connected) if ends else None

    def ask(self, head: str, *body: bytes, **headers: str) -> Answer:
        """Return the answer to a request line ("POST /api/v1/"), headers (Content_Type=...) and body."""
        lines = [f"{head} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {text}" for name, text in headers.items()]
        answer = self.send([("\r\n".join([*lines, "", ""])).encode("latin-1"), *body])
        assert answer
        return answer


def chunks_of(content: bytes, size: int) -> list[bytes]:
    """Return `content` as Transfer-Encoding: chunked sends it, the end included."""
    pieces = [content[start : start + size] for start in range(0, len(content), size)]
    return [*(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces), b"0\r\n\r\n"]


@contextmanager
def running_web(folder: Path) -> Iterator[Web]:
    """Run the web server beside the database of the tests, its log and storage below `folder`."""
    port = free_port()
    child = Child(programs.web(beside.environment(folder), folder, port=port))
    child.start()
    try:
        until = time.monotonic() + START_SECONDS
        while not is_answering(f"http://127.0.0.1:{port}"):
            assert child.is_running, (folder / "web.log").read_text()
            assert time.monotonic() < until
            time.sleep(0.1)
        yield Web(port)
    finally:
        child.stop()


def _read(connected: socket.socket) -> Answer:
    response = HTTPResponse(connected)
    response.begin()
    return Answer(response.status, {name.lower(): text for name, text in response.getheaders()}, response.read())
