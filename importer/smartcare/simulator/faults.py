"""What can go wrong on SmartCare's side, on demand: each answers a request in its own bad way.

A fault either changes the page that would be answered (`PAGE_FAULTS`), or takes the connection itself (`WIRE_FAULTS`).
"""

import gzip
import json
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any

Answer = dict[str, Any]
BOMB = gzip.compress(bytes(30_000_000), 1)
SECONDS = 120  # that a slow or dripping answer goes on, unless the caller goes away


def _first(answer: Answer, first: Answer) -> Answer:
    return first


def _twice(answer: Answer, first: Answer) -> Answer:
    return answer | {"data": first["data"]}


def _more(answer: Answer, first: Answer) -> Answer:
    return answer | {"total": answer["total"] + 1}


def _half(answer: Answer, first: Answer) -> Answer:
    return answer | {"data": answer["data"][: len(answer["data"]) // 2]}


def _no_total(answer: Answer, first: Answer) -> Answer:
    return {name: value for name, value in answer.items() if name != "total"}


def _refused(answer: Answer, first: Answer) -> Answer:
    return {"returnCode": 2, "returnMessage": "Invalid parameter: scene"}


def _spoilt(answer: Answer, first: Answer) -> Answer:
    kinds: list[Any] = [None, "text", {}, {"msisdn": 13800000001}, {"msisdn": "13800000001", "qoeScore": "bad"}]
    return answer | {"data": [kinds[number % len(kinds)] for number in range(len(answer["data"]))]}


# name: (the page that was asked for, the first page) -> what is answered
PAGE_FAULTS: Mapping[str, Callable[[Answer, Answer], Answer]] = {
    "page_loop": _first,
    "duplicate_page": _twice,
    "changing_total": _more,
    "half_page": _half,
    "no_total": _no_total,
    "return_code": _refused,
    "bad_rows": _spoilt,
}


class WireFaults:
    """The faults below HTTP, as methods of what holds the connection."""

    def __init__(self, handler: BaseHTTPRequestHandler, *, retry_after: str) -> None:
        self.handler, self.retry_after = handler, retry_after

    def slow(self) -> None:
        time.sleep(SECONDS)

    def drip(self) -> None:
        """One byte a time, just often enough that no read times out."""
        self._head(200, length=1_000_000)
        for _byte in range(SECONDS * 4):
            self.handler.wfile.write(b" ")
            time.sleep(0.25)

    def endless(self) -> None:
        self._head(200, length=10**12)
        while True:
            self.handler.wfile.write(b" " * 65_536)

    def oversized(self) -> None:
        self._head(200, length=64_000_000)
        for _piece in range(1_000):
            self.handler.wfile.write(b" " * 64_000)

    def gzip_bomb(self) -> None:
        self._head(200, length=len(BOMB), more={"Content-Encoding": "gzip"})
        self.handler.wfile.write(BOMB)

    def huge_headers(self) -> None:
        self._head(200, length=0, more={f"X-Filler-{number}": "x" * 8_000 for number in range(50)})

    def unauthorized(self) -> None:
        self._refuse(401)

    def too_many(self) -> None:
        self._refuse(429, {"Retry-After": self.retry_after} if self.retry_after else {})

    def error(self) -> None:
        self._refuse(500)

    def redirect(self) -> None:
        self._refuse(302, {"Location": "http://127.0.0.1/"})

    def bad_json(self) -> None:
        self._answer(b'{"returnCode": 0, "data": [{"msisdn": ')

    def deep_json(self) -> None:
        self._answer(b"[" * 100_000)

    def html(self) -> None:
        self._answer(b"<html><body>Welcome</body></html>", content_type="text/html")

    def cut(self) -> None:
        """End the connection in the middle of the body."""
        self._head(200, length=5_000)
        self.handler.wfile.write(b'{"returnCode": 0,')

    def _refuse(self, status: int, more: Mapping[str, str] | None = None) -> None:
        body = json.dumps({"returnCode": status, "returnMessage": "A scripted fault"}).encode()
        self._head(status, length=len(body), more=more)
        self.handler.wfile.write(body)

    def _answer(self, body: bytes, content_type: str = "application/json") -> None:
        self._head(200, length=len(body), content_type=content_type)
        self.handler.wfile.write(body)

    def _head(
        self,
        status: int,
        *,
        length: int,
        content_type: str = "application/json",
        more: Mapping[str, str] | None = None,
    ) -> None:
        self.handler.send_response(status)
        headers = {"Content-Type": content_type, "Content-Length": str(length), "Connection": "close"}
        for name, value in (headers | dict(more or {})).items():
            self.handler.send_header(name, value)
        self.handler.end_headers()


WIRE_FAULTS = {
    "slow": WireFaults.slow,
    "drip": WireFaults.drip,
    "endless": WireFaults.endless,
    "oversized": WireFaults.oversized,
    "gzip_bomb": WireFaults.gzip_bomb,
    "huge_headers": WireFaults.huge_headers,
    "401": WireFaults.unauthorized,
    "429": WireFaults.too_many,
    "500": WireFaults.error,
    "redirect": WireFaults.redirect,
    "bad_json": WireFaults.bad_json,
    "deep_json": WireFaults.deep_json,
    "html": WireFaults.html,
    "cut": WireFaults.cut,
}
FAULTS = (*PAGE_FAULTS, *WIRE_FAULTS)
