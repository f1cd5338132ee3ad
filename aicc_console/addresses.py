"""An address that is not quite the one that was meant leads to it: the slash at its end, or the page above a form's."""

from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.middleware.common import CommonMiddleware
from django.urls import Resolver404, resolve

from .errors import is_rest


class SentOn(HttpResponsePermanentRedirect):
    """308, unlike 301: a POST stays a POST. Else a caller would read a list where it meant to create."""

    status_code = 308


class AddressMiddleware(CommonMiddleware):
    """Django's own, for the slash and for hosts that are not ours; and for who opens what only takes a form.

    People get there by signing in again after a form was sent too late, by switching the language on what a form
    answered, or by loading that again.
    """

    response_redirect_class = SentOn

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        if response.status_code == 405 and request.method == "GET" and not is_rest(request):
            return HttpResponseRedirect(page_above(request.path_info), headers={"Allow": response.headers["Allow"]})
        return super().process_response(request, response)


def page_above(path: str) -> str:
    """Return the nearest address above `path` that exists: of /tenant-parameter/save/ it is /tenant-parameter/."""
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        with suppress(Resolver404):
            resolve(path)
            break
    return path
