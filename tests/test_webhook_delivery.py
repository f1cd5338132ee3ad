"""How a webhook's events are delivered: signed, at least once, for a day, and past nobody else's."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from importer import cancellation
from tenants.models import Tenant, TrustedAddress
from tenants.refusals import refusal
from tenants.scoping import act_for
from tenants.webhooks import delivering
from tenants.webhooks import jobs as webhook_jobs
from tenants.webhooks.states import DeliveryState

from . import make, receiver
from .receiver import Reply, deliver, fresh, make_due, told

WAITING, DELIVERED, FAILED = DeliveryState.WAITING, DeliveryState.DELIVERED, DeliveryState.FAILED
DAY = timedelta(hours=24)


def test_it_is_signed_and_named(hook, waiting, crm):
    deliver(hook)

    [call] = crm.calls
    assert call.path == "/hook"
    assert call.headers["X-AICC-Event"] == "import.finished"
    assert call.headers["X-AICC-Delivery"] == str(waiting.pk) == call.payload["id"]
    assert call.headers["Content-Type"].startswith("application/json")
    done = fresh(waiting)
    assert (done.state, done.status, done.attempts, done.answer) == (DELIVERED, 200, 1, "ok")
    assert done.delivered_at is not None


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(500), "webhook_status"),
        (Reply(404), "webhook_status"),
        (Reply(302, headers=(("Location", "http://169.254.169.254/"),)), "http_redirect"),
    ],
    ids=["500", "404", "redirect"],
)
def test_what_was_not_taken_is_tried_again(hook, waiting, crm, reply, code):
    crm.replies = [reply]
    deliver(hook)

    tried = fresh(waiting)
    assert (tried.state, tried.error_code) == (WAITING, code)
    assert timezone.now() < tried.next_try_at < timezone.now() + timedelta(seconds=delivering.FIRST_DELAY)
    make_due(hook)
    deliver(hook)

    done = fresh(waiting)
    assert (done.state, done.attempts, done.error_code) == (DELIVERED, 2, "")
    assert [one["code"] for one in done.tries] == [code, ""]
    assert {call.payload["id"] for call in crm.calls} == {str(waiting.pk)}


def test_a_receiver_that_does_not_answer_is_left_in_time(hook, waiting, crm, monkeypatch):
    monkeypatch.setattr("tenants.webhooks.calling.TOTAL_SECONDS", 0.3)
    crm.replies = [Reply(seconds=2)]

    deliver(hook)

    assert fresh(waiting).error_code == "http_timeout"
    assert fresh(waiting).milliseconds < 1_500


def test_of_a_long_answer_the_beginning_is_kept(hook, waiting, crm):
    crm.replies = [Reply(body=b"x\0" + b"y" * 3_000_000)]

    deliver(hook)

    assert fresh(waiting).state == DELIVERED
    assert fresh(waiting).answer == "x\ufffd" + "y" * 1_022


def test_who_is_gone_is_not_asked_again(hook, waiting, crm):
    crm.replies = [Reply(410)]

    deliver(hook)

    assert (fresh(waiting).state, waiting.error_code, len(crm.calls)) == (FAILED, "webhook_gone", 1)


def test_the_trustlist_is_asked_before_each_try(hook, waiting, crm):
    crm.replies = [Reply(503)]
    deliver(hook)
    TrustedAddress.objects.all().delete()
    make_due(hook)

    deliver(hook)

    assert (fresh(waiting).state, waiting.error_code) == (WAITING, "address_untrusted")
    assert len(crm.calls) == 1
    assert "Address Trustlist" in waiting.error_sentence


def test_without_tls_only_where_the_trustlist_says_so(hook, waiting, crm):
    TrustedAddress.objects.update(allows_http=False)

    deliver(hook)

    assert (fresh(waiting).error_code, crm.calls) == ("address_tls", [])


def test_waits_grow_to_an_hour_and_are_random():
    for attempts, longest in [(0, 10), (1, 20), (5, 320), (9, 3_600), (60, 3_600)]:
        waits = [delivering.next_wait(attempts, 0).total_seconds() for _try in range(200)]
        assert 1 <= min(waits) < longest * 0.2 + 1
        assert longest * 0.8 < max(waits) <= longest


@pytest.mark.parametrize(("said", "seconds"), [("120", 120), ("999999", 3_600), ("soon", 0), ("-5", 0)])
def test_retry_after_is_respected_within_an_hour(hook, waiting, crm, said, seconds):
    crm.replies = [Reply(429, headers=(("Retry-After", said),))]

    deliver(hook)

    wait = (fresh(waiting).next_try_at - timezone.now()).total_seconds()
    assert seconds - 1 <= wait <= max(seconds, delivering.FIRST_DELAY)


def test_after_a_day_it_is_given_up(hook, waiting, crm):
    crm.replies = [Reply(500), Reply(500)]
    with time_machine.travel(waiting.created_at + DAY - timedelta(hours=2)):
        deliver(hook)
    assert fresh(waiting).state == WAITING

    with time_machine.travel(waiting.created_at + DAY + timedelta(seconds=1)):
        make_due(hook)
        deliver(hook)

    assert (fresh(waiting).state, waiting.next_try_at) == (FAILED, None)
    assert fresh(hook).given_up_in_row == 1


def test_what_waited_longer_than_a_day_for_the_console_is_tried_once(hook, waiting, crm):
    with time_machine.travel(waiting.created_at + 3 * DAY):
        deliver(hook)

    assert fresh(waiting).state == DELIVERED


def test_a_webhook_is_in_trouble_until_something_arrives(hook, crm, tenant):
    crm.replies = [Reply(410)] * 3
    with act_for(tenant):
        for _import in range(4):
            cancellation.cancel(make.batch(make.task(), [["13800000001", "Ann"]]))
    for _turn in range(3):
        deliver(hook)
    assert fresh(hook).is_in_trouble
    assert hook.failing_since is not None

    deliver(hook)

    assert (fresh(hook).is_in_trouble, hook.failing_since) == (False, None)


@pytest.mark.django_db(transaction=True)
def test_two_workers_deliver_once_at_a_time(hook, waiting, crm):
    crm.replies = [Reply(seconds=0.3)]

    def work():
        deliver(hook)
        connection.close()

    workers = [threading.Thread(target=work) for _worker in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert (len(crm.calls), crm.most_at_once) == (1, 1)
    assert [one.state for one in told(hook)] == [DELIVERED]


def test_a_worker_that_died_is_relieved_after_its_lease(hook, waiting, crm):
    claimed = delivering._claim(str(hook.tenant_id), str(hook.pk))
    assert claimed is not None
    assert deliver(hook) is False
    assert crm.calls == []

    with time_machine.travel(timezone.now() + delivering.LEASE + timedelta(seconds=1)):
        deliver(hook)

    assert fresh(waiting).state == DELIVERED


def test_what_a_late_worker_found_changes_nothing(hook, waiting, crm):
    seen = told(hook)[0]
    deliver(hook)

    with act_for(hook.tenant_id):
        delivering.settle(seen, delivering.Tried(timezone.now(), 5, refused=refusal("http_cut", host="x")))

    assert (fresh(waiting).state, waiting.attempts) == (DELIVERED, 1)


def test_slow_receivers_of_a_tenant_leave_room_for_others(hook, waiting, crm, tenant, other_tenant):
    with act_for(tenant):
        others = [receiver.webhook(tenant, crm, name=f"Other {number}") for number in range(delivering.AT_ONCE)]
    with act_for(other_tenant):
        theirs = receiver.webhook(other_tenant, crm)
    for one in others:
        assert delivering._claim(str(tenant.pk), str(one.pk)) is not None

    assert delivering._claim(str(tenant.pk), str(hook.pk)) is None
    assert delivering._claim(str(other_tenant.pk), str(theirs.pk)) is not None


def test_no_transaction_is_open_while_the_receiver_thinks(hook, waiting, monkeypatch, django_db_blocker):
    depths = []
    monkeypatch.setattr(delivering, "try_once", lambda *_due: depths.append(depth()) or gone())
    before = depth()

    deliver(hook)

    assert depths == [before]


def depth() -> int:
    return len(connection.savepoint_ids)


def gone() -> delivering.Tried:
    return delivering.Tried(timezone.now(), 1, 410, refused=refusal("webhook_gone", host="x"))


@pytest.fixture
def sent(monkeypatch) -> list[tuple]:
    messages: list[tuple] = []

    def keep(arguments, options, **queue):
        messages.append((arguments, options, queue))

    monkeypatch.setattr(webhook_jobs.deliver, "apply_async", keep)
    return messages


def test_a_turn_is_queued_after_the_commit_for_a_worker_of_its_own(
    hook, tenant, sent, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True), act_for(tenant):
        cancellation.cancel(make.batch(make.task(), [["13800000001", "Ann"]]))

    [(arguments, options, queue)] = sent
    assert (arguments, options) == ((str(hook.pk),), {"tenant_id": str(hook.tenant_id)})  # nothing of the event
    assert queue["queue"].endswith("webhooks")


def test_the_clock_finds_what_lost_its_message_and_believes_its_own(
    hook, waiting, sent, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        assert webhook_jobs.deliver_due() == 1
        assert webhook_jobs.deliver_due() == 0
    assert len(sent) == 1

    with time_machine.travel(timezone.now() + delivering.QUEUED + timedelta(seconds=1)):
        assert webhook_jobs.deliver_due() == 1


def test_nothing_leaves_for_a_disabled_tenant_space(hook, waiting, crm):
    Tenant.objects.filter(pk=hook.tenant_id).update(is_active=False)

    assert webhook_jobs.deliver_due() == 0
    deliver(hook)

    assert (fresh(waiting).state, crm.calls) == (WAITING, [])
