"""`docs/api.md` has a line for every page of a tenant space, and the REST calls that do what is done there."""

import re

import pytest
from django.urls import get_resolver

from .callers import Caller
from .endpoints import endpoints, routes
from .sources import CHECKOUT

TABLE = (CHECKOUT / "docs/api.md").read_text(encoding="utf-8").partition("## What a page does")[2]
LINES = [[cell.strip() for cell in line.split("|")[1:-1]] for line in TABLE.splitlines() if line.startswith("| `/")]
CALLS = sorted({call for line in LINES for call in re.findall(r"`([A-Z]+ \S+/)`", line[2])})
OF_NOBODY = ("/api/", "/accounts/", "/i18n/", "/healthz", "/readyz", "/call-center/")
NAMES = {
    re.sub(r"<\w+:(\w+?)(_id)?>", r"{\1}", f"/{route}"): endpoint
    for route, endpoint in zip(routes(get_resolver().url_patterns), endpoints(), strict=True)
}


def test_every_page_has_its_line():
    """With REST calls, or in the last column why there are none."""
    pages = {path for path in NAMES if not path.startswith(OF_NOBODY)}
    named = [line[0].strip("`") for line in LINES]
    without = [line[0].strip("`") for line in LINES if not line[2]]

    assert {page for page in pages if not page.startswith(tuple(without))} == set(named) - set(without)
    assert len(named) == len(set(named))
    assert all(line[3] for line in LINES if not line[2])


@pytest.mark.parametrize("call", CALLS)
def test_its_calls_exist(alpha, call):
    method, path = call.split(" ")
    endpoint = NAMES[f"/api/v1/{path}"]

    answer = Caller(alpha.administrator).call("OPTIONS", endpoint.url(alpha) if endpoint.objects else endpoint.url())

    assert method in answer.headers["Allow"]


def test_every_call_is_named_that_a_tenant_has():
    of_tenants = {
        path for path, endpoint in NAMES.items() if endpoint.name.startswith("api-") and not endpoint.is_system
    }

    assert {path.removeprefix("/api/v1/") for path in of_tenants if path.startswith("/api/v1/")} == {
        call.split(" ")[1] for call in CALLS
    }
