"""The web server's worker: what is refused before Django sees it is problem+json too, like everything under /api/."""

from contextlib import suppress
from typing import Any

from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException, UnsupportedTransferCoding
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import ThreadWorker

from .errors import SENTENCES, problem

TOO_MUCH: dict[type[ParseException], tuple[int, str, Any]] = {
    LimitRequestLine: (414, "address_too_long", _("The address has more than 4,094 characters.")),
    LimitRequestHeaders: (431, "headers_too_large", _("There are more than 100 headers, or one is above 8 KB.")),
    UnsupportedTransferCoding: (501, "transfer_coding", _("Of the transfer codings only chunked is taken.")),
}


class Worker(ThreadWorker):
    """gunicorn's worker with threads. Its own answer to what is not HTTP would be a page that quotes the request."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what could not be read as a request; its headers are not known, so neither is the language."""
        if not isinstance(exc, ParseException):
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("A request that is not HTTP as it is taken here: %s", type(exc).__name__)
        status, code, detail = TOO_MUCH.get(type(exc), (400, *SENTENCES[400]))
        with translation.override("en"), suppress(OSError):
            write_nonblock(client, _as_http(problem(status, code=code, detail=str(detail))))


def _as_http(answer: HttpResponse) -> bytes:
    head = {"Connection": "close", "Content-Length": str(len(answer.content)), **answer.headers}
    lines = [
        f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}",
        *(f"{name}: {text}" for name, text in head.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + answer.content
