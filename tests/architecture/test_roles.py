"""Who may do what, at every URL: viewers, API clients without a scope, system administrators, people switched off."""

import pytest
from django.urls import reverse

from marketing.models import Recipient
from tenants.models import User
from tenants.scoping import act_for
from tests import make

from .callers import Caller, other_than
from .endpoints import SIGN_IN, Endpoint, guarded
from .made import digests

ALL = guarded()
OF_THE_TENANT = [endpoint for endpoint in ALL if not endpoint.name.startswith("account_")]
REST = [endpoint for endpoint in ALL if endpoint.is_rest]
PAGES = [endpoint for endpoint in OF_THE_TENANT if not endpoint.is_rest]
WRITING = ("POST", "PUT", "PATCH", "DELETE")
VIEWERS_POST = {  # URL: what a viewer may send there
    "marketing:recipients": "a search: no address stands in an address bar",
    "marketing:address-judge": "a number to be judged, nothing is kept",
    "marketing:opt-outs": "a search: no address stands in an address bar",
    "smartcare:care-task": "a search: no address stands in an address bar",
    "tenants:number-try": "a number to be judged, nothing is kept",
}
OF_EVERYBODY = dict.fromkeys(("home", "importer:home"), "a system administrator's own is another")


def test_a_viewer_changes_nothing(alpha):
    viewer = Caller(alpha.viewer)  # signing in is written down
    before = digests(alpha)

    refused = other_than(viewer.crawl(OF_THE_TENANT, alpha, methods=WRITING), 403, 405)

    assert {answer.endpoint.name for answer in refused} <= set(VIEWERS_POST), refused
    assert {answer.status for answer in refused} <= {200}
    assert digests(alpha) == before


def test_reading_changes_nothing(alpha):
    reader = Caller(alpha.administrator)
    before = digests(alpha)

    answers = list(reader.crawl(OF_THE_TENANT, alpha, methods=("GET", "HEAD", "OPTIONS") * 2))

    assert [answer for answer in answers if answer.status >= 500] == []
    assert digests(alpha) == before


def test_a_viewer_sees_no_whole_address(alpha):
    with act_for(alpha):
        Recipient.objects.update(address="+8613800001234")

    answers = Caller(alpha.viewer).crawl(OF_THE_TENANT, alpha, methods=("GET", "POST"))

    assert [answer for answer in answers if b"13800001234" in answer.body] == []


@pytest.mark.parametrize("how", ["begins", "ends"])
def test_a_viewer_cannot_find_masked_digits_by_searching(alpha, how):
    search = {"how": how, "text": "9999"}  # of nobody

    page = Caller(alpha.viewer).call("POST", reverse("marketing:recipients", args=[alpha.task.pk]), search)

    assert page.context["form"].is_narrowing() is False


def test_a_system_administrator_sees_no_tenant(canary):
    before = digests(canary)
    system_administrator = Caller(User.objects.create_superuser("root", make.PASSWORD))

    refused = other_than(system_administrator.crawl(OF_THE_TENANT, canary), 403, 405)

    assert {answer.endpoint.name for answer in refused} <= set(OF_EVERYBODY), refused
    assert other_than(refused, 200) == []
    assert digests(canary) == before


@pytest.mark.parametrize("methods", [("GET", "HEAD", "OPTIONS"), WRITING], ids=["reading", "writing"])
def test_a_token_without_its_scope_opens_nothing(canary, methods):
    with act_for(canary):
        program = Caller(token=make.token(canary.client))
        before = digests(canary)

    assert other_than(program.crawl(REST, canary, methods=methods), 403, 405) == []

    assert digests(canary) == before


def test_a_token_that_may_read_does_not_write(alpha):
    resources = ("tasks", "imports", "recipients", "parameters", "log", "opt_outs", "webhooks")
    with act_for(alpha):
        program = Caller(token=make.token(alpha.client, *(f"{resource}:read" for resource in resources)))
        before = digests(alpha)

    assert other_than(program.crawl(REST, alpha, methods=WRITING), 403, 405) == []

    assert digests(alpha) == before


def test_a_token_makes_no_page(canary):
    assert other_than(Caller(token=canary.token).crawl(PAGES, canary), 302, 403, 405) == []


def test_a_token_does_not_lend_its_tenant_to_a_session(alpha, canary):
    before = digests(canary)

    mixed = Caller(alpha.administrator, token=canary.token)

    assert other_than(mixed.crawl(PAGES, canary), 302, 403, 405) == []
    assert digests(canary) == before


@pytest.mark.parametrize("switched_off", ["tenant", "administrator"])
def test_who_is_switched_off_is_out_at_once(canary, switched_off):
    person = Caller(canary.administrator)
    switch_off(canary, canary if switched_off == "tenant" else canary.administrator)
    before = digests(canary)

    answers = list(person.crawl(OF_THE_TENANT, canary))

    assert other_than(answers, 302, 401, 403, 405) == []
    assert {answer.goes_to.partition("?")[0] for answer in answers} <= {reverse(SIGN_IN), ""}
    assert digests(canary) == before


@pytest.mark.parametrize("switched_off", ["tenant", "client"])
def test_a_token_of_who_is_switched_off_is_refused(canary, switched_off):
    switch_off(canary, canary if switched_off == "tenant" else canary.client)

    assert other_than(Caller(token=canary.token).crawl(REST, canary), 401, 403, 405) == []


def switch_off(tenant, row) -> None:
    with act_for(tenant):
        row.is_active = False
        row.save(update_fields=["is_active"])


def test_no_session_writes_without_its_csrf_token(alpha):
    person = Caller(alpha.administrator)
    person.client.handler.enforce_csrf_checks = True
    before = digests(alpha)

    answers = person.crawl([*ALL, Endpoint("account_login", ())], alpha, methods=WRITING)

    assert other_than(answers, 403, 405) == []
    assert digests(alpha) == before
