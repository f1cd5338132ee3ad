"""The jobs: bring chunks in, and the clockwork that picks up what lost its worker. Sole user of Celery."""

import logging
from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.utils import OperationalError
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from marketing.tasks import complete_overdue as complete_overdue_tasks
from tenants import api_clients, idempotency
from tenants.jobs import Clockwork
from tenants.log_retention import purge_log
from tenants.models import Tenant
from tenants.scoping import act_for, do_for_each
from tenants.webhooks import delivering

from . import fetching, holding, pipeline, retention, schedule_runs
from .models import ImportBatch
from .states import ImportState

logger = logging.getLogger(__name__)

TURN_SECONDS = 0.5  # of one import, before the imports of others have theirs
FETCH_SECONDS = 10  # of one file, before other imports have their turn
PREPARE_SECONDS = 300  # for a turn and the reading of a whole file
SMALL = 1_000  # rows: such an import does not wait behind big ones
RETRY_AFTER = 2  # seconds, when the database was away


def enqueue(batch: ImportBatch) -> None:
    """Queue what comes next of `batch` after the commit; a broker that is away costs a reaper's round."""
    if batch.state == ImportState.PREPARING:
        arguments = (str(batch.tenant_id), str(batch.pk))
        transaction.on_commit(lambda: _send_preparing(*arguments))
        return
    tenant_id, batch_id, chunk, rows = str(batch.tenant_id), str(batch.pk), batch.next_chunk, batch.total
    transaction.on_commit(lambda: _send(tenant_id, batch_id, chunk, rows))


@shared_task(autoretry_for=(OperationalError,), retry_backoff=RETRY_AFTER, max_retries=5)
def run_import(batch_id: str, chunk: int, rows: int, *, tenant_id: str, **_of_another_release: object) -> None:
    """Bring in chunks of one import for a while, then queue the rest behind what waits."""
    following = pipeline.take_turn(tenant_id, batch_id, chunk, seconds=TURN_SECONDS)
    if following is not None:
        _send(tenant_id, batch_id, following, rows)


@shared_task(time_limit=PREPARE_SECONDS, soft_time_limit=PREPARE_SECONDS - 10)
def prepare_import(batch_id: str, *, tenant_id: str, **_of_another_release: object) -> None:
    """Fetch a part of a server's file, or read the whole of it; then queue what comes next behind what waits."""
    following = fetching.take_turn(tenant_id, batch_id, seconds=FETCH_SECONDS)
    if following is not None:
        enqueue(following)


@shared_task(base=Clockwork)
def reap() -> int:
    """Queue again what lost its worker or its message, over all tenants; return how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenant_id, import_id FROM stale_imports()")
        stale = cursor.fetchall()
    for tenant_id, import_id in stale:
        with act_for(tenant_id):
            if batch := holding.set_free(import_id):
                enqueue(batch)
    return len(stale)


@shared_task(base=Clockwork)
def begin_scheduled() -> int:
    """Begin the scheduled imports whose time has come, over all tenants; return how many wait for a worker."""
    return sum(do_for_each(Tenant.objects.filter(is_active=True), _begin_scheduled))


@shared_task
def run_scheduled(schedule_id: str, *, tenant_id: str, **_of_another_release: object) -> None:
    """Look for the files of a scheduled import, and queue the imports of those that are new."""
    for batch in schedule_runs.run(tenant_id, schedule_id):
        enqueue(batch)


@shared_task(base=Clockwork)
def purge() -> None:
    """Delete for good what a tenant's retention has run out for, and sessions that ended."""
    do_for_each(Tenant.objects.all(), _purge)
    idempotency.forget()  # and the system's own
    purge_log()
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


@shared_task(base=Clockwork)
def complete_overdue() -> int:
    """Complete the published tasks whose end time has passed; return how many."""
    return sum(do_for_each(Tenant.objects.all(), lambda _tenant: complete_overdue_tasks()))


def enqueue_scheduled(tenant_id: UUID, schedule_id: UUID) -> None:
    """Queue a run of a schedule after the commit; a broker that is away costs a round of the clock."""
    transaction.on_commit(lambda: _send_scheduled(str(tenant_id), str(schedule_id)))


def _begin_scheduled(tenant: Tenant) -> int:
    waiting = schedule_runs.begin_due(timezone.now())
    for schedule_id in waiting:
        enqueue_scheduled(tenant.pk, schedule_id)
    return len(waiting)


def _purge(tenant: Tenant) -> None:
    retention.purge(tenant)
    api_clients.forget_expired(tenant)
    idempotency.forget()
    delivering.forget(tenant)
    purge_log()


def _send_scheduled(tenant_id: str, schedule_id: str) -> None:
    try:
        run_scheduled.apply_async((schedule_id,), {"tenant_id": tenant_id}, queue=f"{settings.QUEUE_PREFIX}bulk")
    except BrokerError:
        logger.warning("broker away; the clock will queue the schedule", extra={"schedule": schedule_id})


def _send_preparing(tenant_id: str, batch_id: str) -> None:
    try:
        prepare_import.apply_async((batch_id,), {"tenant_id": tenant_id}, queue=f"{settings.QUEUE_PREFIX}bulk")
    except BrokerError:
        logger.warning("broker away; the reaper will queue the import", extra={"import": batch_id})


def _send(tenant_id: str, batch_id: str, chunk: int, rows: int) -> None:
    queue = settings.QUEUE_PREFIX + ("interactive" if rows <= SMALL else "bulk")
    try:
        run_import.apply_async((batch_id, chunk, rows), {"tenant_id": tenant_id}, queue=queue)
    except BrokerError:
        logger.warning("broker away; the reaper will queue the import", extra={"import": batch_id})
