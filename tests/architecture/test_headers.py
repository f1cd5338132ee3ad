"""What every answer tells the browser, be it a page, a refusal, a redirect, a download or REST."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from .callers import Caller
from .made import CANARY, body_of

ANSWERS = {  # what: (view, arguments by name, caller, status)
    "a page": ("marketing:task", ["task"], "person", 200),
    "a list": ("marketing:tasks", [], "person", 200),
    "a redirect": ("marketing:tasks", [], "nobody", 302),
    "sign-in": ("account_login", [], "nobody", 200),
    "a refusal": ("marketing:task-create", [], "viewer", 403),
    "a template": ("importer:import-template", ["task"], "person", 200),
    "a download": ("importer:rows-download", ["task", "batch", "failed", "csv"], "person", 200),
    "REST": ("api-task", ["task"], "program", 200),
    "a REST refusal": ("api-task", ["task"], "nobody", 401),
    "a REST download": ("api-import-template", ["task"], "program", 200),
    "the schema": ("api-schema", [], "nobody", 200),
    "the schema's reader": ("api-docs", [], "nobody", 200),
    "health": ("healthz", [], "nobody", 200),
}


def fault(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("canary")


urlpatterns = [path("fault/", fault), path("api/v1/fault/", fault)]
handler500 = "aicc_console.errors.server_error"


@pytest.fixture
def callers(alpha) -> dict[str, Caller]:
    return {
        "person": Caller(alpha.administrator),
        "viewer": Caller(alpha.viewer),
        "program": Caller(token=alpha.token),
        "nobody": Caller(),
    }


def require_headers(answer: Any) -> None:
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    for directive in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'self'"):
        assert directive in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Server" not in answer.headers


@pytest.mark.parametrize("what", ANSWERS)
def test_every_answer_is_framed_cached_and_scripted_by_nobody(alpha, callers, what):
    view, names, who, status = ANSWERS[what]
    arguments = [getattr(alpha, name).pk if hasattr(alpha, name) else name for name in names]

    answer = callers[who].call("GET", reverse(view, args=arguments))

    assert answer.status_code == status
    require_headers(answer)


@pytest.mark.parametrize("url", ["/nothing-here/", "/api/v1/nothing-here/"])
def test_an_answer_of_nothing_too(callers, url):
    answer = callers["person"].call("GET", url)

    assert answer.status_code == 404
    require_headers(answer)


@pytest.mark.parametrize("url", ["/fault/", "/api/v1/fault/"])
def test_an_error_of_ours_tells_nothing_of_it(callers, settings, url):
    settings.ROOT_URLCONF = __name__

    answer = callers["nobody"].call("GET", url)

    assert answer.status_code == 500
    assert CANARY not in body_of(answer)
    assert "Traceback" not in body_of(answer).decode()
    require_headers(answer)


@pytest.mark.parametrize("what", ["a template", "a download", "a REST download"])
def test_a_download_is_never_shown_in_place(alpha, callers, what):
    view, names, who, _status = ANSWERS[what]
    arguments = [getattr(alpha, name).pk if hasattr(alpha, name) else name for name in names]

    answer = callers[who].call("GET", reverse(view, args=arguments))

    assert answer.headers["Content-Disposition"].startswith("attachment;")


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(alpha, callers):
    client = callers["nobody"].client
    client.get(reverse("account_login"))
    client.post(reverse("account_login"), {"login": "alpha-administrator", "password": "correct-horse-battery"})
    client.post(reverse("set_language"), {"language": "zh-hans"})

    assert {"session", "csrf", "language"} <= set(client.cookies)
    for cookie in client.cookies.values():
        assert (cookie["httponly"], cookie["samesite"], cookie["domain"], cookie["path"]) == (True, "Lax", "", "/")


def test_signing_in_changes_the_session_s_key(alpha, callers):
    client = callers["nobody"].client
    client.get(reverse("account_login"))
    before = client.session.session_key

    client.post(reverse("account_login"), {"login": "alpha-administrator", "password": "correct-horse-battery"})

    assert client.session.session_key not in (None, before)
