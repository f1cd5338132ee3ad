"""Expansion and Integration > Webhooks: created with a secret that is shown once, tried out, followed, switched."""

import re

import pytest
from django.urls import reverse

from tenants.models import Webhook
from tenants.scoping import act_for
from tenants.webhooks import subscriptions

from . import receiver
from .pages import Person, text_of
from .receiver import Reply, deliver, fresh, make_due, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(tenant) -> Person:
    return Person(tenant.administrator)


def typed(crm, **changes):
    return {"name": "CRM", "url": crm.url, "events": ["import.finished", "care_day.finished"]} | changes


def test_no_webhook_yet_says_what_one_is(person):
    assert "No webhook yet" in text_of(person.get("tenants:webhooks"))


def test_a_webhook_is_created_and_its_secret_is_shown_this_once(person, tenant, crm):
    answer = person.post("tenants:webhook-create", **typed(crm))

    with act_for(tenant):
        made = Webhook.objects.get()
    assert made.events == ["care_day.finished", "import.finished"]
    assert made.secret in answer.content.decode()
    for view in ("tenants:webhook", "tenants:webhook-edit", "tenants:webhook-rotate"):
        assert made.secret not in person.get(view, made.pk).content.decode()
    page = text_of(person.get("tenants:webhooks"))
    assert all(words in page for words in ("CRM", crm.url, "Import finished", "SmartCare day finished", "None yet"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"events": []}, "Choose at least one event"),
        ({"url": "https://hooks.example.com/"}, "is not on the Address Trustlist as a webhook"),
        ({"url": "hooks.example.com"}, "The URL must be https://host"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_it_says_what_is_wrong_and_keeps_what_was_typed(person, tenant, crm, changes, said):
    answer = person.post("tenants:webhook-create", **typed(crm, **changes))

    assert said in text_of(answer)
    assert answer.content.decode().count("checked") == len(typed(crm, **changes)["events"])
    with act_for(tenant):
        assert not Webhook.objects.exists()


def test_a_webhook_is_edited(person, hook, crm):
    answer = person.post("tenants:webhook-edit", hook.pk, **typed(crm, name="New", url=crm.url + "?tenant=1"))

    assert answer["Location"] == reverse("tenants:webhook", args=[hook.pk])
    assert (fresh(hook).name, hook.url) == ("New", crm.url + "?tenant=1")


def test_a_rotated_secret_is_shown_once_and_the_old_one_signs_along(person, hook):
    old = hook.secret

    answer = person.post("tenants:webhook-rotate", hook.pk, overlap=24)

    assert fresh(hook).secrets == [hook.secret, old]
    assert hook.secret in answer.content.decode()
    assert "signs along until" in text_of(person.get("tenants:webhook", hook.pk))


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(204, b""), "The test arrived. The receiver answered with the status 204 in"),
        (Reply(500), "The test did not arrive. 127.0.0.1 answered with the status 500"),
    ],
)
def test_the_test_says_what_the_receiver_answered(person, hook, crm, reply, said):
    crm.replies = [reply]

    answer = person.post("tenants:webhook-test", hook.pk)

    assert said in text_of(answer)
    [delivery] = told(hook)
    assert answer.content.decode().count(reverse("tenants:webhook-delivery", args=[hook.pk, delivery.pk])) == 2


def test_too_many_tests_at_a_time_are_refused(person, hook, monkeypatch):
    monkeypatch.setattr("tenants.outbound.turns.LOOKS", 0)

    assert "Not tested. Other looks" in text_of(person.post("tenants:webhook-test", hook.pk))
    assert told(hook) == []


def test_a_webhook_is_disabled_and_enabled(person, hook, waiting):
    person.post("tenants:webhook-disable", hook.pk)
    assert "This webhook is disabled." in text_of(person.get("tenants:webhook", hook.pk))
    assert fresh(waiting).state == "failed"

    person.post("tenants:webhook-enable", hook.pk)
    assert fresh(hook).is_active


def test_deleting_is_asked_for_and_takes_the_log_along(person, tenant, hook, waiting):
    question = text_of(person.get("tenants:webhook-delete", hook.pk))
    assert "Delete “CRM”?" in question
    assert "delivery log" in question

    person.post("tenants:webhook-delete", hook.pk)

    with act_for(tenant):
        assert not Webhook.objects.exists()


def test_the_log_is_filtered_and_leads_to_each_delivery(person, tenant, hook, waiting, crm):
    deliver(hook)
    crm.replies = [Reply(500)]
    with act_for(tenant):
        subscriptions.test(hook)

    page = person.get("tenants:webhook", hook.pk)
    assert "2 deliveries, latest first" in text_of(page)
    assert str(waiting.pk) in page.content.decode()
    for chosen, count in [({"state": "delivered"}, 1), ({"event": "webhook.test"}, 1), ({"state": "x"}, 0)]:
        found = person.get("tenants:webhook", hook.pk, **chosen).content.decode()
        assert len(set(re.findall(r"deliveries/([0-9a-f-]{36})/", found))) == count, chosen
    assert "No delivery that fits" in text_of(person.get("tenants:webhook", hook.pk, state="waiting"))


def test_a_long_log_has_pages(person, hook, tenant, crm):
    with act_for(tenant):
        for _test in range(21):
            subscriptions.test(hook)

    first = person.get("tenants:webhook", hook.pk)
    following = re.search(r'href="[^"]*(\?cursor=[^"]+)"', first.content.decode())
    second = person.client.get(reverse("tenants:webhook", args=[hook.pk]) + following[1])

    assert len(set(re.findall(r"deliveries/([0-9a-f-]{36})/", second.content.decode()))) == 1


def test_a_delivery_shows_what_was_sent_and_each_attempt(person, hook, waiting, crm):
    crm.replies = [Reply(500, b"<b>oh no</b>"), Reply(200, b"thanks")]
    deliver(hook)
    make_due(hook)
    deliver(hook)

    answer = person.get("tenants:webhook-delivery", hook.pk, waiting.pk)

    page = text_of(answer)
    assert "Import finished" in page
    assert '"status": "cancelled"' in page
    assert "127.0.0.1 answered with the status 500" in page
    assert "thanks" in page
    assert "<b>oh no" not in answer.content.decode()


def test_an_answer_is_shown_as_text(person, hook, waiting, crm):
    crm.replies = [Reply(500, b"<script>alert(1)</script>")]
    deliver(hook)

    page = person.get("tenants:webhook-delivery", hook.pk, waiting.pk)

    assert "<script>alert" not in page.content.decode()
    assert "&lt;script&gt;alert" in page.content.decode()


def test_it_redelivers_and_says_why_it_does_not(person, hook, waiting, crm):
    deliver(hook)

    answer = person.post("tenants:webhook-redeliver", hook.pk, waiting.pk)
    assert "The event is delivered again" in text_of(person.client.get(answer["Location"]))
    answer = person.post("tenants:webhook-redeliver", hook.pk, waiting.pk)
    assert "This is not possible in the state “Waiting”" in text_of(person.client.get(answer["Location"]))

    deliver(hook)
    assert len(crm.calls) == 2


def test_home_names_a_webhook_at_which_nothing_arrives(person, tenant, hook):
    assert "Nothing arrives at the webhook" not in text_of(person.get("importer:home"))
    with act_for(tenant):
        Webhook.objects.filter(pk=hook.pk).update(given_up_in_row=3, failing_since=hook.created_at)

    page = person.get("importer:home")

    assert "Nothing arrives at the webhook “CRM”" in text_of(page)
    assert reverse("tenants:webhook", args=[hook.pk]) in page.content.decode()
    assert "Not reached" in text_of(person.get("tenants:webhooks"))


def test_a_viewer_does_not_get_in(tenant, hook):
    viewer = Person(tenant.viewer)

    assert viewer.get("tenants:webhooks").status_code == 403
    assert "Webhooks" not in text_of(viewer.get("importer:home"))


def test_anothers_webhook_is_not_there(other_tenant, hook, waiting):
    stranger = Person(other_tenant.administrator)

    assert stranger.get("tenants:webhook", hook.pk).status_code == 404
    assert stranger.get("tenants:webhook-delivery", hook.pk, waiting.pk).status_code == 404


def test_a_delivery_belongs_to_its_webhook(person, tenant, hook, waiting, crm):
    with act_for(tenant):
        other = receiver.webhook(tenant, crm, name="Other")

    assert person.get("tenants:webhook-delivery", other.pk, waiting.pk).status_code == 404
