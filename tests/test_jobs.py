"""Jobs: a message is a hint, sent after the commit; what lost its worker is picked up; what is old goes for good."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from importer import jobs, pipeline, spool
from importer.models import ImportBatch
from importer.smartcare import jobs as smartcare_jobs
from importer.states import ImportState
from marketing.states import TaskState
from tenants.models import Tenant
from tenants.scoping import act_for, current_tenant_id

from . import make


@pytest.fixture
def sent(monkeypatch) -> list[tuple[str, int, str]]:
    """The messages that the broker would get: (import, chunk, queue)."""
    messages: list[tuple[str, int, str]] = []

    def keep(arguments, options, *, queue):
        messages.append((arguments[0], arguments[1], queue.removeprefix("test")))

    monkeypatch.setattr(jobs.run_import, "apply_async", keep)
    return messages


@pytest.fixture
def batch(tenant) -> ImportBatch:
    with act_for(tenant):
        return make.batch(make.task(), [["13800000001", "Ann"], ["138", "Bo"], ["13800000003", "Cai"]])


def change(batch: ImportBatch, **fields: object) -> None:
    with act_for(batch.tenant):
        ImportBatch.objects.filter(pk=batch.pk).update(**fields)


def test_an_import_is_queued_after_the_commit_and_only_then(batch, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), act_for(batch.tenant):
        jobs.enqueue(batch)
        assert sent == []

    assert [(import_id, chunk) for import_id, chunk, _queue in sent] == [(str(batch.pk), 0)]


@pytest.mark.parametrize(("rows", "queue"), [(1_000, "interactive"), (1_001, "bulk")])
def test_a_small_import_does_not_wait_behind_big_ones(sent, rows, queue):
    jobs._send("tenant", "import", 0, rows)

    assert sent[0][2].endswith(queue)


def test_a_broker_that_is_away_fails_nobody(batch, monkeypatch):
    def refuse(*arguments, **options):
        raise BrokerError("away")

    monkeypatch.setattr(jobs.run_import, "apply_async", refuse)

    jobs._send(str(batch.tenant_id), str(batch.pk), 0, 3)


def test_the_reaper_queues_what_lost_its_worker_once_a_lease(batch, sent, django_capture_on_commit_callbacks):
    pipeline._claim(str(batch.tenant_id), str(batch.pk), 0)
    change(batch, lease_until=timezone.now() - timedelta(seconds=1))

    with django_capture_on_commit_callbacks(execute=True):
        assert jobs.reap() == 1
        assert jobs.reap() == 0

    assert [message[:2] for message in sent] == [(str(batch.pk), 0)]


def test_the_reaper_leaves_living_and_ended_imports_alone(batch, sent):
    past = timezone.now() - timedelta(minutes=1)
    change(batch, state=ImportState.CANCELLED, ended_at=past, lease_until=past)

    assert jobs.reap() == 0


def test_a_job_brings_an_import_in_turn_by_turn(batch, sent, monkeypatch):
    monkeypatch.setattr(jobs, "TURN_SECONDS", 0)

    jobs.run_import(str(batch.pk), 0, 3, tenant_id=str(batch.tenant_id))

    assert [message[1] for message in sent] == [1]


def test_sources_and_rows_go_when_their_time_is_over(batch):
    ended = pipeline.run_to_the_end(batch)
    change(batch, ended_at=timezone.now() - timedelta(days=8))
    jobs.purge()

    with act_for(batch.tenant):
        ended.refresh_from_db()
        assert ended.is_purged
        assert not default_storage.exists(f"{spool.folder_of(batch)}/00000.jsonl")
        assert ended.rejected_rows.count() == 1
        change(batch, ended_at=timezone.now() - timedelta(days=31))
        jobs.retention.purge(batch.tenant)
        assert ended.rejected_rows.count() == 0


def test_a_living_import_is_never_purged(batch):
    change(batch, created_at=timezone.now() - timedelta(days=400))

    jobs.purge()

    assert default_storage.exists(f"{spool.folder_of(batch)}/00000.jsonl")


def test_an_orphaned_copy_goes_after_a_day(batch, monkeypatch):
    orphan = f"imports/{batch.tenant_id}/00000000-0000-0000-0000-000000000000/source.csv"
    default_storage.save(orphan, spool.ContentFile(b"x"))
    jobs.purge()
    assert default_storage.exists(orphan)

    monkeypatch.setattr(spool, "ORPHAN_AGE", timedelta(0))
    jobs.purge()
    assert not default_storage.exists(orphan)


def test_a_task_whose_end_has_passed_is_completed(tenant):
    with act_for(tenant):
        past = timezone.now() - timedelta(days=1)
        over = make.task(state=TaskState.RUNNING, begin_at=past - timedelta(days=1), end_at=past)
        make.task(state=TaskState.RUNNING)

    assert jobs.complete_overdue() == 1
    with act_for(tenant):
        over.refresh_from_db()
        assert over.state == TaskState.COMPLETED


@pytest.mark.parametrize(
    ("job", "deed"),
    [
        (jobs.begin_scheduled, "importer.schedule_runs.begin_due"),
        (jobs.complete_overdue, "importer.jobs.complete_overdue_tasks"),
        (jobs.purge, "importer.retention.purge"),
        (smartcare_jobs.collect_due, "importer.smartcare.planning.prepare"),
        (smartcare_jobs.purge, "importer.smartcare.retention.purge"),
    ],
)
def test_the_trouble_of_one_tenant_keeps_no_other_waiting(tenant, other_tenant, monkeypatch, caplog, job, deed):
    Tenant.objects.update(smartcare=True)
    served = []

    def serve(*_arguments):
        served.append(current_tenant_id())
        if len(served) == 1:
            raise RuntimeError
        return [] if job is jobs.begin_scheduled else 0

    monkeypatch.setattr(deed, serve)
    job()

    assert set(served) == {tenant.pk, other_tenant.pk}
    assert "failed for one tenant" in caplog.text
