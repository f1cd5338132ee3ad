"""Nothing that a view answers stays in a browser's or a proxy's cache: almost all of it is personal data."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

View = Callable[[HttpRequest], HttpResponseBase]


def keep_nothing(get_response: View) -> View:
    """Middleware: say no-store wherever the view itself said nothing."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer
