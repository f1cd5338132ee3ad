"""Work over all tenants, and jobs that must say for whom they work."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django_scopes import ScopeError

from aicc_console.celery import app
from importer import jobs
from importer.models import ImportBatch
from importer.states import ImportState
from marketing.models import MarketingTask
from marketing.states import TaskState
from tenants.jobs import TenantJob
from tenants.models import Tenant, Webhook
from tenants.owner import as_owner, unforced
from tenants.scoping import act_for
from tenants.webhooks.events import delivery_of


@pytest.fixture
def stale(alpha, beta):
    """An import of each tenant that lost its worker, and a living one of alpha."""
    past, later = timezone.now() - timedelta(minutes=1), timezone.now() + timedelta(minutes=1)
    for tenant in (alpha, beta):
        with act_for(tenant):
            ImportBatch.objects.update(lease_until=past)
    with act_for(alpha):
        ImportBatch.objects.create(task=alpha.task, number=9, state=ImportState.EXECUTING, lease_until=later)
    return {(tenant.pk, tenant.batch.pk) for tenant in (alpha, beta)}


def test_the_reaper_learns_two_ids_and_nothing_else(stale):
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM stale_imports()")
        assert set(cursor.fetchall()) == stale
        cursor.execute("SELECT count(*) FROM importer_importbatch")
        assert cursor.fetchone() == (0,)


def test_the_reaper_queues_each_for_its_tenant(stale, monkeypatch, django_capture_on_commit_callbacks):
    sent = set()
    monkeypatch.setattr(
        jobs.run_import, "apply_async", lambda args, kwargs, **_queue: sent.add((kwargs["tenant_id"], args[0]))
    )

    with django_capture_on_commit_callbacks(execute=True):
        assert jobs.reap() == 2

    assert sent == {(str(tenant), str(batch)) for tenant, batch in stale}


@pytest.fixture
def due(alpha, beta):
    """A webhook of each tenant that has something to deliver, and one of alpha that has not."""
    found = set()
    for tenant in (alpha, beta):
        with act_for(tenant):
            webhook = Webhook.objects.create(name="CRM", url="https://example.com", secret="secret")
            for _event in range(2):
                delivery_of(webhook, "webhook.test", {}).save()
            found.add((tenant.pk, webhook.pk))
    with act_for(alpha):
        Webhook.objects.create(name="Other", url="https://example.com", secret="secret")
    return found


def test_the_clock_of_webhooks_learns_two_ids_and_nothing_else(due):
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM due_webhooks()")
        assert sorted(cursor.fetchall()) == sorted(due)
        cursor.execute("SELECT count(*) FROM tenants_webhookdelivery")
        assert cursor.fetchone() == (0,)


def test_overdue_tasks_of_every_tenant_are_completed(alpha, beta):
    begin, end = timezone.now() - timedelta(hours=2), timezone.now() - timedelta(hours=1)
    for tenant in (alpha, beta):
        with act_for(tenant):
            MarketingTask.objects.update(state=TaskState.RUNNING, begin_at=begin, end_at=end)

    assert jobs.complete_overdue() == 2

    for tenant in (alpha, beta):
        with act_for(tenant):
            assert MarketingTask.objects.get().state == TaskState.COMPLETED


def test_a_job_refuses_to_run_for_nobody():
    with pytest.raises(ScopeError, match="without tenant_id"):
        jobs.run_import("batch", 0, 1)


def test_a_job_refuses_to_run_inside_somebodys_scope(alpha):
    with act_for(alpha), pytest.raises(ScopeError, match="inside somebody's scope"):
        jobs.run_import("batch", 0, 1, tenant_id=str(alpha.pk))


def test_every_job_is_of_a_tenant_but_the_clockwork():
    app.loader.import_default_modules()
    ours = {name: job for name, job in app.tasks.items() if not name.startswith("celery.")}

    assert all(isinstance(job, TenantJob) for job in ours.values())
    assert {name for name, job in ours.items() if not job.of_a_tenant} == {
        "importer.jobs.reap",  # two ids of imports without a worker, over one function
        "importer.jobs.purge",  # tenant by tenant
        "importer.jobs.complete_overdue",  # tenant by tenant
        "importer.jobs.begin_scheduled",  # tenant by tenant
        "importer.smartcare.jobs.collect_due",  # tenant by tenant
        "importer.smartcare.jobs.purge",  # tenant by tenant
        "tenants.webhooks.jobs.deliver_due",  # two ids of webhooks with something due, over one function
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE marketing_marketingtask SET name = 'x'",
        "ALTER TABLE marketing_recipient ADD FOREIGN KEY (task_id) REFERENCES marketing_marketingtask (id)",
    ],
)
def test_outside_of_migrate_the_owner_gets_an_error_instead_of_no_rows(alpha, statement):
    with (
        as_owner(),
        pytest.raises(DatabaseError, match="would be affected by row-level security policy"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_a_migration_sees_all_rows_and_leaves_every_table_forced(alpha, beta):
    with as_owner(), unforced():
        state = MigrationExecutor(connection).loader.project_state([("importer", "0002_stale_imports")])
        historical = state.apps.get_model("marketing", "MarketingTask").objects
        assert historical.update(description="renewed") == 2

    for tenant in (alpha, beta):
        with act_for(Tenant(pk=tenant.pk)):
            assert MarketingTask.objects.get().description == "renewed"
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relforcerowsecurity IS DISTINCT FROM relrowsecurity")
        assert cursor.fetchall() == []
