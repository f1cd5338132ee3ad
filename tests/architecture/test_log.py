"""Every deed is in the operation log, whichever door it came by; none of its entries tells an address."""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest

from tenants.log_words import has_words
from tenants.models import LogEntry, User
from tenants.scoping import act_for

from .callers import Caller
from .deeds import ADDRESS, DEEDS, NO_DEEDS, Deed
from .endpoints import Endpoint, endpoints

ENDPOINTS = {endpoint.name: endpoint for endpoint in endpoints()}
WRITING = {"POST", "PUT", "PATCH", "DELETE"}


def written(caller: Caller, endpoint: Endpoint, tenant: Any) -> Iterator[tuple[str, str]]:
    """Yield (URL, method) of the methods that change something there; a form is posted."""
    answer = caller.call("OPTIONS", endpoint.url(tenant) if endpoint.objects else endpoint.url())
    allowed = answer.headers.get("Allow", "POST").split(", ")
    methods = WRITING if endpoint.is_rest else {"POST"}
    yield from ((endpoint.name, method) for method in allowed if method in methods)


def do(caller: Caller, deed: Deed, tenant: Any) -> Any:
    endpoint, body = ENDPOINTS[deed.url], deed.body(tenant)
    url = endpoint.url(tenant) if endpoint.objects else endpoint.url()
    if "file" in body:
        return caller.client.post(url, body)
    return caller.call(deed.method, url, body)


def test_every_url_that_changes_something_has_its_deed(alpha):
    """Or add it to DEEDS or NO_DEEDS in deeds.py."""
    callers = {False: Caller(alpha.administrator), True: Caller(User.objects.create_superuser("root"))}
    all_written = {one for each in ENDPOINTS.values() for one in written(callers[each.is_system], each, alpha)}

    named = {(deed.url, deed.method) for deed in DEEDS}
    assert {one for one in all_written if one[0] not in NO_DEEDS} == named
    assert set(NO_DEEDS) <= set(ENDPOINTS)


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: f"{deed.method} {deed.url}")
def test_a_deed_is_written_down_with_who_did_it_and_without_an_address(alpha, deed):
    is_system = ENDPOINTS[deed.url].is_system
    person = User.objects.create_superuser("root") if is_system else alpha.administrator
    held, caller = alpha.recipient.address, Caller(person)
    with nullcontext() if is_system else act_for(alpha):
        deed.prepare(alpha)
        before = LogEntry.objects.count()

    answer = do(caller, deed, alpha)

    assert answer.status_code in (200, 201, 202, 204, 302), answer.content
    with nullcontext() if is_system else act_for(alpha):
        entry = LogEntry.objects.order_by("-id")[0]
        assert LogEntry.objects.count() == before + deed.entries
        assert (entry.action, entry.actor_id, entry.refused) == (deed.action, person.pk, "")
        assert entry.address == "127.0.0.1"
        assert [key for key in entry.details if not has_words(key)] == []  # or add it by log_words.declare_words
        texts = [str(value) for value in LogEntry.objects.filter(pk=entry.pk).values().get().values()]
        assert [text for text in texts if ADDRESS[-9:] in text or held in text] == []


def test_a_stranger_leaves_nothing_in_anothers_log(alpha, canary):
    with act_for(canary):
        before = LogEntry.objects.count()

    list(Caller(alpha.administrator).crawl(ENDPOINTS.values(), canary, methods=sorted(WRITING)))

    with act_for(canary):
        assert LogEntry.objects.count() == before


def test_who_is_not_let_in_is_written_down_once_a_minute(alpha):
    viewer = Caller(alpha.viewer)

    for _again in range(3):
        assert viewer.call("POST", ENDPOINTS["marketing:task-create"].url()).status_code == 403

    with act_for(alpha):
        [entry] = LogEntry.objects.filter(action="access.refuse")
    assert (entry.actor_id, entry.refused, entry.object_name) == (
        alpha.viewer.pk,
        "access_denied",
        "marketing:task-create",
    )


@pytest.mark.parametrize("url", ["marketing:task-suspend", "api-task-suspend"])
def test_a_move_that_the_state_forbids_is_written_down_though_all_else_is_undone(alpha, url):
    Caller(alpha.administrator).call("POST", ENDPOINTS[url].url(alpha))

    with act_for(alpha):
        [entry] = LogEntry.objects.filter(action="task.suspend")
    assert (entry.refused, entry.details) == ("action_state", {"params": {"variant": "suspend"}})
    assert entry.object_name == "alpha spring"
