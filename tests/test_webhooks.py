"""What webhooks are told of: each end once, whoever ended it and however often it is tried."""

from contextlib import suppress
from datetime import time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from importer import approval, cancellation, holding, jobs, pipeline, schedule_runs
from importer.models import ImportBatch
from importer.smartcare import collecting, planning
from importer.smartcare.calendar import Calendar
from importer.smartcare.models import CareDay
from importer.states import ImportState
from marketing.states import TaskState
from tenants.models import Tenant
from tenants.refusals import refusal
from tenants.scoping import act_for
from tenants.webhooks.models import Webhook

from . import care, make, receiver
from .receiver import told


@pytest.fixture
def batch(tenant) -> ImportBatch:
    with act_for(tenant):
        return make.batch(make.task(), [["13800000001", "Ann"], ["138", "Bo"], ["13800000003", "Cai"]])


def test_a_complete_import_is_told_of_with_its_counts_and_links(hook, batch, settings):
    settings.PUBLIC_URL = "https://console.example"

    pipeline.run_to_the_end(batch)

    [delivery] = told(hook)
    payload = delivery.payload
    assert payload["id"] == str(delivery.pk)
    assert payload["event"] == "import.finished"
    assert payload["created_at"].endswith("Z")
    data = payload["data"]
    assert data["ended_at"].endswith("Z")
    assert (data["id"], data["status"], data["error"]) == (str(batch.pk), "complete", None)
    assert data["counts"] == {
        "total": 3, "created": 2, "failed": 1, "duplicate": 0, "suppressed": 0, "unprocessed": 0,
    }  # fmt: skip
    assert data["api_url"] == f"https://console.example/api/v1/imports/{batch.pk}/"
    assert data["url"].startswith(f"https://console.example/outbound-call/mmarketing/{batch.task_id}/")
    assert "13800000001" not in delivery.body


def fail(batch):
    holding.give_up(batch, refusal("source_missing"))


def cancel(batch):
    with act_for(batch.tenant):
        cancellation.cancel(batch)


def discard(batch):
    with act_for(batch.tenant):
        executing = ImportBatch.objects.filter(pk=batch.pk, state="executing")
        executing.update(state="preparing", held_code="source_missing")
        approval.discard(batch)


def stop(batch):
    with act_for(batch.tenant):
        batch.task.move(TaskState.RUNNING)
    pipeline.run_to_the_end(batch)


def be_disabled(batch):
    Tenant.objects.filter(pk=batch.tenant_id).update(is_active=False)
    pipeline.run_to_the_end(batch)


def get_stuck(batch):
    with act_for(batch.tenant):
        ImportBatch.objects.filter(pk=batch.pk).update(attempts=holding.MAX_ATTEMPTS)
    pipeline.run_to_the_end(batch)


ENDS = [
    (pipeline.run_to_the_end, "complete"),
    (fail, "failed"),
    (cancel, "cancelled"),
    (discard, "cancelled"),
    (stop, "stopped"),
    (be_disabled, "stopped"),
    (get_stuck, "failed"),
]


@pytest.mark.parametrize(("end", "status"), ENDS, ids=[end.__name__ for end, _status in ENDS])
def test_each_way_to_end_is_told_of_once_however_often_it_is_tried(hook, batch, end, status):
    end(batch)
    again(end, batch)
    jobs.run_import(str(batch.pk), 0, 3, tenant_id=str(batch.tenant_id))

    assert [one.payload["data"]["status"] for one in told(hook)] == [status]


def again(end, batch):
    with suppress(ValidationError):  # it has ended already, and says so
        end(batch)


def test_a_doubled_message_of_the_last_chunk_tells_once(hook, batch):
    following = pipeline.run_chunk(str(batch.tenant_id), str(batch.pk), 0)

    for _message in range(2):
        pipeline.run_chunk(str(batch.tenant_id), str(batch.pk), following)

    assert len(told(hook)) == 1


def test_what_was_undone_is_told_to_nobody(hook, batch):
    with act_for(batch.tenant), suppress(ZeroDivisionError), transaction.atomic():
        cancellation.cancel(batch)
        raise ZeroDivisionError

    assert told(hook) == []


def test_the_end_of_an_import_costs_one_query_where_nobody_listens(batch, django_assert_num_queries):
    with act_for(batch.tenant), django_assert_num_queries(2):  # the end itself, and the look for webhooks
        holding.end_for(batch, ImportState.FAILED, refusal("source_missing"))


@pytest.mark.parametrize("changes", [{"is_active": False}, {"events": ["care_day.finished"]}])
def test_who_did_not_ask_is_not_told(hook, batch, changes):
    with act_for(hook.tenant_id):
        Webhook.objects.filter(pk=hook.pk).update(**changes)

    pipeline.run_to_the_end(batch)

    assert told(hook) == []


def test_an_event_of_one_tenant_is_told_to_no_other(hook, other_tenant, crm):
    with act_for(other_tenant):
        theirs = receiver.webhook(other_tenant, crm)
        other = make.batch(make.task(), [["13800000001", "Ann"]])

    pipeline.run_to_the_end(other)

    assert (len(told(hook)), len(told(theirs))) == (0, 1)


def test_a_care_day_is_told_of_at_each_end_of_its_run(tenant, crm):
    with act_for(tenant):
        hook = receiver.webhook(tenant, crm, "care_day.finished")
        task = care.task()
        [day] = [CareDay.objects.get(pk=pk) for pk in planning.make_days(task, [care.YESTERDAY])]
        planning.begin(day, Calendar.of(tenant), timezone.now())
        collecting.stop(day, refusal("tenant_disabled"))
        day.refresh_from_db()
        planning._give_up_old(Calendar.of(tenant), timezone.now() + timedelta(days=30))

    stopped, missed = (one.payload["data"] for one in told(hook))
    assert (stopped["status"], stopped["error"]["code"]) == ("stopped", "tenant_disabled")
    assert (missed["status"], missed["business_date"], missed["scenario"]) == ("missed", "2026-11-21", "voice")
    assert missed["url"].endswith(f"/{task.pk}/care/")


def test_days_that_nobody_could_collect_are_told_of_once(tenant, crm):
    with act_for(tenant):
        hook = receiver.webhook(tenant, crm, "care_day.finished")
        task = care.task()
        planning.make_days(task, [care.YESTERDAY - timedelta(days=100)])
        for _clock in range(2):
            planning.prepare(tenant, care.NOON)

    told_of = [(one.payload["data"]["business_date"], one.payload["data"]["status"]) for one in told(hook)]
    assert len(told_of) == len(set(told_of)) > 50
    assert {status for _day, status in told_of} == {"missed"}


def test_a_missing_file_is_told_of_once(tenant, crm):
    with act_for(tenant):
        hook = receiver.webhook(tenant, crm, "server_import.missed")
        schedule = make.schedule(rhythm="daily", at=time(1), missing_by=time(7))
        for _clock in range(2):
            schedule_runs.begin_due((timezone.now() + timedelta(days=2)).replace(hour=8))

    [delivery] = told(hook)
    data = delivery.payload["data"]
    assert (data["id"], data["path"], data["missing_by"]) == (str(schedule.pk), "*.csv", "07:00")
    assert data["file_server"] == "crm-sftp"
    assert data["last_file_at"] is None
