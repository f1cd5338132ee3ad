"""REST: webhooks and their deliveries; a receiver knows the console as docs/api.md says."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from aicc_console.webhook_schema import DATA
from tenants.models import KeptAnswer, Webhook
from tenants.scoping import act_for
from tenants.webhooks.events import events

from . import make
from .caller import DOCUMENTED, Caller, code_of, errors_of, of
from .consoles import CHECKOUT
from .receiver import Reply, deliver, fresh, told

pytestmark = pytest.mark.django_db
SECTION = (CHECKOUT / "docs/api.md").read_text(encoding="utf-8").partition("## Webhooks")[2]
SNIPPET = re.search(r"^```python\n(.*?)^```", SECTION, re.M | re.S)


@pytest.fixture
def is_genuine() -> Any:
    """The function of the document, as it stands."""
    names: dict[str, Any] = {}
    exec(SNIPPET[1], names)
    return names["is_genuine"]


def typed(crm, **changes):
    return {"name": "CRM", "url": crm.url, "events": ["import.finished"]} | changes


def test_a_webhook_is_made_read_changed_and_deleted(tenant, crm):
    api = of(tenant)

    answer = api.post("api-webhooks", body=typed(crm))
    made = answer.json()
    assert answer.status_code == 201
    assert answer["Location"].endswith(f"/api/v1/webhooks/{made['id']}/")
    with act_for(tenant):
        assert made["secret"] == Webhook.objects.get().secret

    read = api.get("api-webhook", made["id"]).json()
    assert "secret" not in read
    assert read == {name: value for name, value in made.items() if name != "secret"}
    assert [one["id"] for one in api.get("api-webhooks").json()["results"]] == [made["id"]]

    changed = api.patch("api-webhook", made["id"], body={"name": "New", "is_active": False}).json()
    assert (changed["name"], changed["is_active"], changed["url"]) == ("New", False, crm.url)
    assert api.patch("api-webhook", made["id"], body={"is_active": True}).json()["is_active"] is True

    assert api.delete("api-webhook", made["id"]).status_code == 204
    assert api.get("api-webhook", made["id"]).status_code == 404


def test_a_webhook_may_begin_disabled(tenant, crm):
    assert of(tenant).post("api-webhooks", body=typed(crm, is_active=False)).json()["is_active"] is False


def test_values_are_refused_with_their_codes(tenant, crm):
    answer = of(tenant).post("api-webhooks", body={"name": "", "url": "https://hooks.example.com", "events": ["x"]})

    assert errors_of(answer).keys() == {"name"}
    answer = of(tenant).post("api-webhooks", body={"name": " x\u0007", "url": "https://x.example", "events": ["x"]})
    codes = errors_of(answer)
    assert codes["url"] == "address_untrusted"
    assert codes["events"] == "webhook_event_unknown"


def test_a_request_that_is_sent_again_makes_one_webhook_with_one_secret(tenant, crm):
    api = of(tenant)

    api.headers["Idempotency-Key"] = str(uuid4())
    first, second = (api.post("api-webhooks", body=typed(crm)) for _time in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    with act_for(tenant), connection.cursor() as cursor:
        assert Webhook.objects.count() == 1
        assert KeptAnswer.objects.count() == 1
        cursor.execute("SELECT body FROM tenants_keptanswer")
        assert first.json()["secret"] not in cursor.fetchone()[0]


def test_a_rotation_answers_the_new_secret(tenant, hook):
    old = hook.secret

    answer = of(tenant).post("api-webhook-rotate", hook.pk, body={"overlap_hours": 24})

    assert fresh(hook).secrets == [answer.json()["secret"], old]
    assert answer.json()["old_secret_until"] is not None
    assert of(tenant).post("api-webhook-rotate", hook.pk, body={"overlap_hours": 721}).status_code == 400


def test_a_test_answers_what_the_receiver_said(tenant, hook, crm):
    crm.replies = [Reply(503, b"closed")]

    told_of = of(tenant).post("api-webhook-test", hook.pk).json()

    assert (told_of["state"], told_of["status"], told_of["answer"]) == ("failed", 503, "closed")
    assert told_of["error"]["code"] == "webhook_status"
    assert told_of["payload"]["event"] == "webhook.test"
    assert [one["status"] for one in told_of["tries"]] == [503]


def test_tests_have_a_limit(tenant, hook, monkeypatch):
    monkeypatch.setattr("tenants.outbound.turns.LOOKS", 0)

    answer = of(tenant).post("api-webhook-test", hook.pk)

    assert code_of(answer) == (429, "server_looks")


def test_deliveries_are_listed_filtered_read_and_sent_again(tenant, hook, waiting, crm):
    api = of(tenant)
    assert api.get("api-webhook-deliveries", hook.pk, state="delivered").json()["results"] == []
    deliver(hook)

    [listed] = api.get("api-webhook-deliveries", hook.pk, state="delivered", event="import.finished").json()["results"]
    assert (listed["id"], listed["status"], listed["error"]) == (str(waiting.pk), 200, None)
    read = api.get("api-webhook-delivery", hook.pk, waiting.pk).json()
    assert read["payload"] == crm.calls[0].payload

    answer = api.post("api-webhook-redeliver", hook.pk, waiting.pk)
    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    assert code_of(api.post("api-webhook-redeliver", hook.pk, waiting.pk)) == (409, "wrong_state")
    deliver(hook)
    assert crm.calls[1].body == crm.calls[0].body

    api.patch("api-webhook", hook.pk, body={"is_active": False})
    assert code_of(api.post("api-webhook-redeliver", hook.pk, waiting.pk)) == (409, "webhook_disabled")


@pytest.mark.parametrize(
    ("scopes", "method", "status"),
    [
        (["webhooks:read"], "get", 200),
        (["webhooks:read"], "post", 403),
        (["webhooks:write"], "get", 403),
        (["webhooks:write"], "post", 201),
        (["imports:read", "imports:write"], "get", 403),
    ],
)
def test_the_scopes_decide(tenant, crm, scopes, method, status):
    with act_for(tenant):
        api = Caller(make.token(tenant.client, *scopes))

    body = {"body": typed(crm)} if method == "post" else {}
    assert getattr(api, method)("api-webhooks", **body).status_code == status


def test_viewers_do_not_read_them(tenant, hook):
    assert Caller(user=tenant.viewer).get("api-webhooks").status_code == 403


def test_a_receiver_knows_the_console_as_the_document_says(hook, waiting, crm, is_genuine):
    deliver(hook)
    [call] = crm.calls

    assert is_genuine(hook.secret, call.headers, call.body)
    assert not is_genuine(hook.secret, call.headers, call.body + b" ")
    assert not is_genuine("another", call.headers, call.body)


def test_what_was_sent_long_ago_is_not_believed(hook, waiting, crm, is_genuine):
    deliver(hook)
    [call] = crm.calls

    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert not is_genuine(hook.secret, call.headers, call.body)


def test_during_a_rotation_a_receiver_may_know_either_secret(tenant, hook, waiting, crm, is_genuine):
    old = hook.secret
    new = of(tenant).post("api-webhook-rotate", hook.pk, body={"overlap_hours": 1}).json()["secret"]

    deliver(hook)

    [call] = crm.calls
    assert is_genuine(old, call.headers, call.body)
    assert is_genuine(new, call.headers, call.body)


def test_the_document_names_every_field_of_every_event(tenant):
    assert DATA.keys() == events().keys()
    for name, event in events().items():
        assert f"`{name}`" in SECTION
        assert [*DATA[name]] == [*event.data().fields]
        assert [field for field in event.data().fields if f"`{field}`" not in SECTION] == []


def test_every_code_of_a_webhook_is_documented():
    assert {"webhook_count", "webhook_disabled", "webhook_gone", "webhook_status"} <= DOCUMENTED


def test_the_log_of_an_event_is_the_tenants(tenant, other_tenant, hook, waiting):
    api = of(other_tenant)

    assert api.get("api-webhook-deliveries", hook.pk).status_code == 404
    assert api.post("api-webhook-redeliver", hook.pk, waiting.pk).status_code == 404
    assert [one.attempts for one in told(hook)] == [0]
