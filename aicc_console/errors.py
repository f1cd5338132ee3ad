"""What a caller sees when there is no answer: a page, or problem+json under /api/."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[int, tuple[str, Any]] = {
    400: ("bad_request", _("The request cannot be understood.")),
    403: ("permission_denied", _("You are not allowed to do this.")),
    404: ("not_found", _("There is nothing here, or it is not yours.")),
    500: ("server_error", _("Something went wrong on our side. Nothing was changed.")),
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


def server_error(request: HttpRequest) -> HttpResponse:
    return _answer(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _answer(request, 403)


def _answer(request: HttpRequest, status: int) -> HttpResponse:
    code, sentence = SENTENCES[status]
    if request.path.startswith("/api/"):
        return problem(status, code=code, detail=str(sentence))
    return render(request, f"{status}.html", {"sentence": sentence}, status=status)
