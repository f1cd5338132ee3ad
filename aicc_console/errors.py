"""What a caller sees when there is no answer: a page, or problem+json under /api/."""

import errno
import sys
from typing import Any

from django.db.utils import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext_lazy as _

BUSY_SECONDS = 1  # Retry-After
SIGN_IN_SECONDS = 60  # Retry-After of who signs in, or changes a password, too often: allauth counts by the minute
NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})

SENTENCES: dict[int, tuple[str, Any]] = {
    400: ("bad_request", _("The request cannot be understood.")),
    403: ("permission_denied", _("You are not allowed to do this.")),
    404: ("not_found", _("There is nothing here, or it is not yours.")),
    500: ("server_error", _("Something went wrong on our side. Nothing was changed.")),
    507: (
        "storage_full",
        _("The console has no space left to keep files. Nothing was changed; tell the system administrator."),
    ),
    503: ("busy", _("The console is busy. Nothing was changed; send the request again in a moment.")),
}


def problem(status: int, *, code: str, detail: str, **more: Any) -> JsonResponse:
    """Return an RFC 9457 problem: type, title, status, code, detail, and `more` members."""
    body = {"type": "about:blank", "title": HttpResponse(status=status).reason_phrase, "status": status}
    return JsonResponse(
        body | {"code": code, "detail": detail} | more,
        status=status,
        content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False},
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 404)


def too_many(request: HttpRequest) -> HttpResponse:
    """Answer who signs in or changes a password too often; REST counts for itself."""
    return _answer(request, 429, retry_after=SIGN_IN_SECONDS)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer our own bug, a full disk, or that the database was away before a view was reached."""
    if not isinstance(error := sys.exception(), OperationalError):
        return _answer(request, 507 if is_full(error) else 500)
    return _answer(request, 503, retry_after=BUSY_SECONDS)


def is_full(error: BaseException | None) -> bool:
    """Return whether `error` says that there is no space left for a file."""
    return isinstance(error, OSError) and error.errno in NO_SPACE


def csrf_failure(request: Any, reason: str = "") -> HttpResponse:
    """Answer who sends a page that is older than the last sign-in; a stranger's form looks the same."""
    request.refused_as = "form_expired"  # for the operation log
    return _answer(request, 403, page="403_csrf.html")


def _answer(request: HttpRequest, status: int, *, page: str = "", retry_after: int = 0) -> HttpResponse:
    """Answer in the reader's language, also where it was not looked for yet: a thread keeps its last reader's."""
    with translation.override(translation.get_language_from_request(request)):
        answer = _problem(status) if is_rest(request) else render(request, page or f"{status}.html", status=status)
    if retry_after:
        answer.headers["Retry-After"] = str(retry_after)
    return answer


def _problem(status: int) -> HttpResponse:
    code, sentence = SENTENCES[status]
    return problem(status, code=code, detail=str(sentence))


def is_rest(request: HttpRequest) -> bool:
    return f"{request.path}/".startswith("/api/")
