"""What administrators do with webhooks, and what is kept of them."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from importer import jobs
from tenants.models import LogEntry, TrustedAddress
from tenants.scoping import act_for
from tenants.webhooks import subscriptions
from tenants.webhooks.states import DeliveryState

from . import receiver
from .receiver import Reply, deliver, fresh, make_due, told

DELIVERED, FAILED = DeliveryState.DELIVERED, DeliveryState.FAILED


def test_during_a_rotation_both_secrets_sign(hook, waiting, crm, tenant):
    old = hook.secret
    with act_for(tenant):
        new = subscriptions.rotate(hook, overlap=timedelta(hours=1))
    crm.replies = [Reply(500)]
    deliver(hook)
    make_due(hook)
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        deliver(hook)

    during, after = (call.headers["X-AICC-Signature"].split(",") for call in crm.calls)
    assert (len(during), len(after)) == (2, 1)
    assert new != old


@pytest.mark.parametrize("days", [-1, 31])
def test_an_overlap_has_bounds(hook, days):
    with act_for(hook.tenant_id), pytest.raises(ValidationError) as refused:
        subscriptions.rotate(hook, overlap=timedelta(days=days))

    assert refused.value.error_dict["overlap"][0].code == "webhook_overlap"


def test_a_disabled_webhook_gives_up_what_waits_and_redelivers_when_it_is_enabled(hook, waiting, crm, tenant):
    with act_for(tenant):
        subscriptions.set_active(hook, False)
        assert (fresh(waiting).state, waiting.error_code) == (FAILED, "webhook_disabled")
        with pytest.raises(ValidationError, match="disabled"):
            subscriptions.redeliver(told(hook)[0])
        subscriptions.set_active(hook, True)
        subscriptions.redeliver(told(hook)[0])

    deliver(hook)

    assert fresh(waiting).state == DELIVERED
    assert crm.calls[0].payload["id"] == str(waiting.pk)


def test_what_was_delivered_is_delivered_again_as_the_same_event(hook, waiting, crm, tenant):
    deliver(hook)
    with act_for(tenant):
        subscriptions.redeliver(told(hook)[0])
        with pytest.raises(ValidationError) as refused:
            subscriptions.redeliver(told(hook)[0])
    assert refused.value.code == "wrong_state"

    deliver(hook)

    assert [call.body for call in crm.calls] == [waiting.body.encode()] * 2
    assert len(fresh(waiting).tries) == 2


def test_a_test_says_what_the_receiver_answered(hook, crm, tenant):
    crm.replies = [Reply(202, b"thanks"), Reply(500, b"oh no")]
    with act_for(tenant):
        good, bad = subscriptions.test(hook), subscriptions.test(hook)

    assert (good.state, good.status, good.answer) == (DELIVERED, 202, "thanks")
    assert (bad.state, bad.status, bad.answer) == (FAILED, 500, "oh no")
    assert crm.calls[0].headers["X-AICC-Event"] == "webhook.test"
    assert fresh(hook).failing_since is None
    with act_for(tenant):
        logged = LogEntry.objects.filter(action="webhook.test").order_by("id")
        assert [entry.refused for entry in logged] == ["", "webhook_status"]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", " ", "webhook_name"),
        ("name", "x" * 101, "webhook_name"),
        ("name", "CRM", "webhook_name_taken"),
        ("url", "ftp://127.0.0.1/", "webhook_url"),
        ("url", "https://user@127.0.0.1/", "webhook_url"),
        ("url", "https://127.0.0.1/#part", "webhook_url"),
        ("url", "https://127.0.0.1/a b", "webhook_url"),
        ("url", "https://127.0.0.1:0/", "webhook_url"),
        ("url", "https://127.0.0.1:99999/", "webhook_url"),
        ("url", "", "webhook_url"),
        ("url", "https://127.0.0.1/" + "x" * 500, "webhook_url_length"),
        ("url", "https://hooks.example.com/", "address_untrusted"),
        ("events", [], "webhook_events"),
        ("events", ["import.begun"], "webhook_event_unknown"),
        ("events", ["webhook.test"], "webhook_event_unknown"),  # nobody subscribes to tests
    ],
)
def test_a_value_is_refused(hook, crm, tenant, field, value, code):
    values = {"name": "Another", "url": crm.url, "events": ["import.finished"]} | {field: value}

    with act_for(tenant), pytest.raises(ValidationError) as refused:
        subscriptions.create(tenant, values)

    assert refused.value.error_dict[field][0].code == code


def test_ten_webhooks_are_enough(hook, crm, tenant):
    with act_for(tenant):
        for number in range(9):
            receiver.webhook(tenant, crm, name=f"{number}")
        with pytest.raises(ValidationError) as refused:
            receiver.webhook(tenant, crm, name="one more")

    assert refused.value.code == "webhook_count"


def test_a_name_can_change_after_the_address_left_the_trustlist(hook, tenant):
    TrustedAddress.objects.all().delete()

    with act_for(tenant):
        subscriptions.save(hook, {"name": "New name"})

    assert fresh(hook).name == "New name"


def test_the_secret_is_nowhere_in_clear(hook, waiting, tenant, crm):
    with act_for(tenant):
        new = subscriptions.rotate(hook, overlap=timedelta(days=1))
        secrets = [hook.old_secret, new]
    deliver(hook)

    with act_for(tenant), connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(w)::text FROM tenants_webhook w")
        kept = cursor.fetchall()
        cursor.execute("SELECT to_jsonb(d)::text FROM tenants_webhookdelivery d")
        kept += cursor.fetchall()
        cursor.execute("SELECT to_jsonb(l)::text FROM tenants_logentry l")
        kept += cursor.fetchall()

    assert len(kept) > 3
    assert not any(secret in text for secret in secrets for (text,) in kept)


def test_the_log_goes_after_thirty_days_and_an_old_secret_when_it_signs_no_more(hook, waiting, tenant):
    with act_for(tenant):
        subscriptions.rotate(hook, overlap=timedelta(days=1))
    jobs.purge()
    assert len(told(hook)) == 1

    with time_machine.travel(timezone.now() + timedelta(days=31)):
        jobs.purge()

    assert told(hook) == []
    assert fresh(hook).old_secret is None
