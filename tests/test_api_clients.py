"""API Clients: tokens are issued once, work from where and as long as they may, are rotated without a gap, revoked."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from tenants import api_clients, tokens
from tenants.access import Scope
from tenants.api_clients import Grant
from tenants.models import ApiToken, LogEntry, Role
from tenants.scoping import act_for

from . import make
from .caller import Caller, code_of
from .pages import Person, text_of

READ = Grant(["tasks:read"], days=30)
DEEDS = Q(action__startswith="client.") | Q(action__startswith="token.")
SHOWN = re.compile(r'id="token" value="(aicc_[0-9a-f]{64})"')


@pytest.fixture
def person(tenant) -> Person:
    return Person(tenant.administrator)


@pytest.fixture
def crm(tenant):
    """A client without a token."""
    with act_for(tenant):
        return make.User.objects.create_user("crm", role=Role.API_CLIENT, full_name="CRM")


def token_in(page) -> str:
    assert page.status_code == 200, page
    return SHOWN.search(page.content.decode()).group(1)


def form(**changed):
    return {"name": "Billing", "scopes": ["tasks:read", "tasks:write"], "days": "90", "networks": ""} | changed


def test_a_new_clients_token_is_shown_once_and_works(tenant, person):
    page = person.post("tenants:api-client-create", **form(networks="127.0.0.1\n10.0.0.0/8"))

    token = token_in(page)
    assert page["Cache-Control"] == "no-store"
    assert Caller(token).get("api-tasks").status_code == 200
    assert code_of(Caller(token).get("api-tenant-parameters")) == (403, "scope_missing")
    with act_for(tenant):
        kept = ApiToken.objects.get(user__full_name="Billing")
    assert (kept.scopes, kept.networks) == (["tasks:read", "tasks:write"], ["127.0.0.1/32", "10.0.0.0/8"])
    for view, *args in (["tenants:api-clients"], ["tenants:api-client", kept.user_id]):
        assert token not in person.get(view, *args).content.decode()


def test_what_is_kept_of_a_token_opens_nothing(tenant, crm):
    with act_for(tenant):
        kept, token = api_clients.issue(crm, READ)

    assert token not in json.dumps([kept.digest, kept.token_key, kept.scopes, kept.networks])
    assert token.startswith(kept.token_key)
    assert len(kept.token_key) == 15
    for stolen in (kept.digest, kept.token_key, f"aicc_{kept.digest[:64]}"):
        assert code_of(Caller(stolen).get("api-tasks")) == (401, "token_unknown")


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"name": " "}, "name", "required"),
        ({"name": "a\tb"}, "name", "client_name"),
        ({"name": "demo telecom crm"}, "name", "client_name_taken"),
        ({"scopes": []}, "scopes", "token_scopes"),
        ({"scopes": ["tasks:steal"]}, "scopes", "invalid_choice"),
        ({"days": "0"}, "days", "token_days"),
        ({"days": "366"}, "days", "token_days"),
        ({"days": "many"}, "days", "invalid"),
        ({"networks": "example.com"}, "networks", "token_network"),
        ({"networks": "10.0.0.0/33"}, "networks", "token_network"),
        ({"networks": " ".join(f"10.0.0.{n}" for n in range(21))}, "networks", "token_networks"),
    ],
)
def test_a_client_is_refused_by_its_fields(tenant, person, changed, field, code):
    page = person.post("tenants:api-client-create", **form(**changed))

    assert [error.code for error in page.context["form"].errors.as_data()[field]] == [code]
    with act_for(tenant):
        assert tenant.users.filter(role=Role.API_CLIENT).count() == 1
        assert not LogEntry.objects.filter(DEEDS).exists()


@pytest.mark.parametrize(
    ("networks", "address", "is_allowed"),
    [
        ([], "203.0.113.9", True),
        (["192.0.2.0/24"], "192.0.2.255", True),
        (["192.0.2.0/24"], "192.0.3.0", False),
        (["192.0.2.7/32"], "192.0.2.7", True),
        (["192.0.2.7/32"], "::ffff:192.0.2.7", True),  # a server that listens on IPv6 sees IPv4 so
        (["2001:db8::/32"], "2001:db8::1", True),
        (["2001:db8::/32"], "192.0.2.7", False),
    ],
)
def test_a_token_works_from_its_addresses_only(tenant, crm, networks, address, is_allowed):
    with act_for(tenant):
        token = api_clients.issue(crm, Grant(["tasks:read"], 30, networks))[1]
    api = Caller(token)

    answer = api.client.get(reverse("api-tasks"), headers=api.headers, REMOTE_ADDR=address)

    assert answer.status_code == (200 if is_allowed else 403)
    if not is_allowed:
        assert code_of(answer) == (403, "token_address")
        assert address in answer.json()["detail"]


def test_a_forged_header_opens_no_address(tenant, crm):
    with act_for(tenant):
        token = api_clients.issue(crm, Grant(["tasks:read"], 30, ["192.0.2.7"]))[1]

    api = Caller(token)
    answer = api.client.get(reverse("api-tasks"), headers=api.headers | {"X-Forwarded-For": "192.0.2.7"})

    assert code_of(answer) == (403, "token_address")


def test_the_last_use_is_written_down_once_a_minute(tenant, crm):
    with act_for(tenant):
        kept, token = api_clients.issue(crm, READ)
    uses = []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for seconds in (0, 59, 2):
            clock.shift(seconds)
            Caller(token).get("api-tasks")
            with act_for(tenant):
                kept.refresh_from_db()
            uses.append(kept.last_used_at)

    assert [use - uses[0] for use in uses] == [timedelta(0), timedelta(0), timedelta(seconds=61)]
    assert timedelta(minutes=1) == tokens.USED_EVERY


def test_a_rotated_token_lives_on_for_the_chosen_time(tenant, person, crm):
    with act_for(tenant):
        old, old_text = api_clients.issue(crm, Grant(["tasks:read"], 300, ["127.0.0.1"]))
    page = person.get("tenants:api-token-rotate", crm.pk, old.token_key)
    begun = page.context["form"].initial
    assert (begun["scopes"], begun["networks"], begun["days"]) == (["tasks:read"], "127.0.0.1/32", 300)

    new = token_in(
        person.post("tenants:api-token-rotate", crm.pk, old.token_key, overlap="24", **form(scopes=["tasks:read"]))
    )

    assert Caller(old_text).get("api-tasks").status_code == Caller(new).get("api-tasks").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1)):
        assert code_of(Caller(old_text).get("api-tasks")) == (401, "token_expired")
        assert Caller(new).get("api-tasks").status_code == 200


def test_an_overlap_of_nothing_ends_the_old_token_at_once(tenant, crm):
    with act_for(tenant):
        old, old_text = api_clients.issue(crm, READ)
        new = api_clients.rotate(old, READ, overlap=timedelta(0))[1]

    assert code_of(Caller(old_text).get("api-tasks")) == (401, "token_unknown")
    assert Caller(new).get("api-tasks").status_code == 200


def test_rotation_lengthens_no_life(tenant, crm):
    with act_for(tenant):
        old, _text = api_clients.issue(crm, Grant(["tasks:read"], 1))
        expiry = old.expiry
        api_clients.rotate(old, READ, overlap=timedelta(days=30))
        old.refresh_from_db()

    assert old.expiry == expiry


def test_a_revoked_token_is_dead_on_the_next_request(tenant, person, crm):
    with act_for(tenant):
        kept, token = api_clients.issue(crm, READ)
    assert "Revoke the token" in text_of(person.get("tenants:api-token-revoke", crm.pk, kept.token_key))
    assert Caller(token).get("api-tasks").status_code == 200

    person.post("tenants:api-token-revoke", crm.pk, kept.token_key)

    assert code_of(Caller(token).get("api-tasks")) == (401, "token_unknown")


def test_a_disabled_client_is_out_until_it_is_enabled(tenant, person, crm):
    with act_for(tenant):
        token = api_clients.issue(crm, READ)[1]

    person.post("tenants:api-client-disable", crm.pk)
    assert code_of(Caller(token).get("api-tasks")) == (401, "token_client")
    refused = person.post("tenants:api-token-create", crm.pk, **form())
    assert [error.code for error in refused.context["form"].errors.as_data()["__all__"]] == ["client_disabled"]

    person.post("tenants:api-client-enable", crm.pk)
    assert Caller(token).get("api-tasks").status_code == 200


def test_a_deleted_client_takes_its_tokens_along(tenant, person, crm):
    with act_for(tenant):
        token = api_clients.issue(crm, READ)[1]

    answer = person.post("tenants:api-client-delete", crm.pk)

    assert answer.status_code == 302
    assert code_of(Caller(token).get("api-tasks")) == (401, "token_unknown")
    assert text_of(person.get("tenants:api-clients")).count("CRM") == 3  # the other client's name, link and buttons


def test_people_are_no_clients(tenant, person):
    assert person.get("tenants:api-client", tenant.viewer.pk).status_code == 404
    assert person.post("tenants:api-client-delete", tenant.administrator.pk).status_code == 404


def test_a_viewer_has_no_such_page(tenant):
    viewer = Person(tenant.viewer)

    assert viewer.get("tenants:api-clients").status_code == 403
    assert "API Clients" not in text_of(viewer.get("marketing:tasks"))


def test_every_deed_is_in_the_operation_log_and_no_token(tenant, person):
    token = token_in(person.post("tenants:api-client-create", **form()))
    with act_for(tenant):
        client = tenant.users.get(full_name="Billing")
        begin = client.auth_token_set.get().token_key
    person.post("tenants:api-token-rotate", client.pk, begin, overlap="0", **form())
    person.post("tenants:api-client-disable", client.pk)
    person.post("tenants:api-client-delete", client.pk)

    with act_for(tenant):
        entries = list(LogEntry.objects.filter(DEEDS).order_by("id"))
    assert [entry.action for entry in entries] == [
        "client.create", "token.issue", "token.rotate", "client.disable", "client.delete",
    ]  # fmt: skip
    assert {entry.object_name for entry in entries} == {"Billing"}
    assert {entry.actor_id for entry in entries} == {tenant.administrator.pk}
    assert token not in json.dumps([entry.details for entry in entries])


def test_a_client_has_a_bounded_number_of_tokens(tenant, crm):
    with act_for(tenant):
        for _ in range(api_clients.MAX_TOKENS):
            api_clients.issue(crm, READ)
        with pytest.raises(ValidationError) as refused:
            api_clients.issue(crm, READ)

    assert refused.value.code == "token_count"


def test_what_expired_long_ago_is_forgotten(tenant, crm):
    with act_for(tenant):
        api_clients.issue(crm, READ)
        api_clients.issue(crm, Grant(["tasks:read"], 200))
        with time_machine.travel(timezone.now() + timedelta(days=61)):
            api_clients.forget_expired(tenant)

        assert crm.auth_token_set.count() == 1


def test_all_scopes_say_what_they_open():
    assert all(str(scope.label) != scope.name.replace("_", " ").title() for scope in Scope)
