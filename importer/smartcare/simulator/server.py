"""The simulator itself: a real HTTPS server that speaks docs/smartcare-interface.md."""

import json
import secrets
import ssl
import threading
import time
from collections import deque
from collections.abc import Iterable
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .authority import Authority, Issued
from .customers import Customers
from .faults import PAGE_FAULTS, WIRE_FAULTS, WireFaults

TOKEN_PATH = "/apigovernance/api/oauth/tokenByAkSk"  # noqa: S105
QUERY_PATH = "/rest/smartcare/v1/querypoorqoeusers"
FAULTS_PATH = "/simulator/faults"
TOKEN_SECONDS = 1_800
MAX_PAGE_SIZE = 5_000
HOSTS = ("127.0.0.1", "localhost")


class Simulator:
    """A SmartCare on this machine; `with Simulator() as smartcare:` serves until the end of the block.

    `faults`: what the next queries are answered with, in order ("" is a good answer); `always`: all after them.
    """

    def __init__(
        self,
        customers: Customers | None = None,
        *,
        port: int = 0,
        app_id: str = "console",
        app_secret: str = "",
        authority: Authority | None = None,
        issued: Issued | None = None,
        client_authority: str = "",
        uses_tls: bool = True,
    ) -> None:
        self.customers = customers or Customers()
        self.app_id, self.app_secret = app_id, app_secret or secrets.token_urlsafe(24)
        self.authority = authority or Authority()
        self.faults: deque[str] = deque()
        self.always = self.retry_after = ""
        self.asked: list[dict[str, Any]] = []  # bodies of the queries so far
        self.tokens: dict[str, float] = {}
        context = _tls(issued or self.authority.issue(*HOSTS), client_authority) if uses_tls else None
        self._server = _Server(("127.0.0.1", port), self, context)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"{'https' if self._server.context else 'http'}://127.0.0.1:{self.port}"

    def script(self, faults: Iterable[str], *, always: str = "", retry_after: str = "") -> None:
        """Say what the next queries are answered with, and what all after them."""
        self.faults, self.always, self.retry_after = deque(faults), always, retry_after

    def next_fault(self) -> str:
        """Take the next fault of the script; "" is a good answer."""
        return self.faults.popleft() if self.faults else self.always

    def serve(self) -> None:
        """Answer until the process ends."""
        self._server.serve_forever(0.2)

    def __enter__(self) -> "Simulator":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], simulator: Simulator, context: ssl.SSLContext | None) -> None:
        self.simulator, self.context = simulator, context
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that goes away in the middle is what faults are for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 30

    def setup(self) -> None:
        if self.server.context:  # here, in the connection's own thread: a slow handshake delays nobody else
            self.request.settimeout(self.timeout)
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def do_POST(self) -> None:
        body = self._body()
        simulator = self.server.simulator
        if self.path == TOKEN_PATH:
            self._token(body)
        elif self.path == FAULTS_PATH:
            simulator.script(body.get("faults", []), always=body.get("always", ""),
                             retry_after=body.get("retryAfter", ""))  # fmt: skip
            self._say(200, {"returnCode": 0})
        elif self.path != QUERY_PATH:
            self._say(404, {"returnCode": 404, "returnMessage": "No such interface"})
        elif not self._is_known():
            self._say(401, {"returnCode": 401, "returnMessage": "The token is unknown or has expired"})
        else:
            simulator.asked.append(body)
            self._query(body, simulator.next_fault())

    def _token(self, body: dict[str, Any]) -> None:
        simulator = self.server.simulator
        if (body.get("app_key"), body.get("app_secret")) != (simulator.app_id, simulator.app_secret):
            self._say(401, {"returnCode": 401, "returnMessage": "The key or the secret is wrong"})
            return
        token = secrets.token_urlsafe(24)
        simulator.tokens[token] = time.monotonic() + TOKEN_SECONDS
        self._say(200, {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS})

    def _is_known(self) -> bool:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        is_current = self.server.simulator.tokens.get(token, 0) > time.monotonic()
        return is_current and self.headers.get("X-APP-Key") == self.server.simulator.app_id

    def _query(self, body: dict[str, Any], fault: str) -> None:
        if fault in WIRE_FAULTS:
            WIRE_FAULTS[fault](WireFaults(self, retry_after=self.server.simulator.retry_after))
            return
        answer = self._page(body, body["pageNo"])
        if fault in PAGE_FAULTS:
            answer = PAGE_FAULTS[fault](answer, self._page(body, 1))
        self._say(200, answer)

    def _page(self, body: dict[str, Any], number: int) -> dict[str, Any]:
        day, size = date.fromisoformat(body["businessDate"]), min(body["pageSize"], MAX_PAGE_SIZE)
        found = self.server.simulator.customers.of(day, body["scene"], body["beginTime"], body["endTime"])
        data = found[(number - 1) * size : number * size]
        code = 0 if found else 1
        return {"returnCode": code, "total": len(found), "pageNo": number, "pageSize": size, "data": data}

    def _body(self) -> dict[str, Any]:
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")

    def _say(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: requests hold secrets."""


def _tls(issued: Issued, client_authority: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with TemporaryDirectory(prefix="simulator-") as folder:
        chain, key = Path(folder, "chain.pem"), Path(folder, "key.pem")
        chain.write_text(issued.certificate)
        key.touch(mode=0o600)
        key.write_text(issued.key)
        context.load_cert_chain(chain, key)
    if client_authority:
        context.load_verify_locations(cadata=client_authority)
        context.verify_mode = ssl.CERT_REQUIRED
    return context
