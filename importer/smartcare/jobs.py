"""The jobs of SmartCare: the clock's look at all tenants, and the turns of one."""

import logging

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from tenants.jobs import Clockwork
from tenants.models import Tenant
from tenants.scoping import act_for, do_for_each

from . import planning, retention, run

logger = logging.getLogger(__name__)

TURN_SECONDS = 3  # of one tenant, before others, and imports, have theirs; a call to SmartCare may add a minute


@shared_task(base=Clockwork)
def collect_due() -> int:
    """Queue a turn for every tenant that has a day to collect now; return how many."""
    tenants = Tenant.objects.filter(is_active=True, smartcare=True)
    return sum(do_for_each(tenants, _is_queued))


@shared_task
def collect(*, tenant_id: str, **_of_another_release: object) -> None:
    """Take one turn for a tenant, then queue the next one behind what waits."""
    if run.take_turn(tenant_id, seconds=TURN_SECONDS):
        _send(tenant_id)


@shared_task(base=Clockwork)
def purge() -> None:
    """Delete for good the customers that became no recipients and whose tenant keeps them no longer."""
    do_for_each(Tenant.objects.all(), retention.purge)


def enqueue(tenant: Tenant) -> None:
    """Queue a turn after the commit. Inside act_for."""
    run.note_queued()
    _send_after_commit(tenant)


def _is_queued(tenant: Tenant) -> bool:
    """Queue a turn of `tenant` if it has a day to collect now; tell whether it had."""
    is_due = planning.prepare(tenant, timezone.now()) and run.note_queued()
    if is_due:
        _send_after_commit(tenant)
    return is_due


def _send_after_commit(tenant: Tenant) -> None:
    tenant_id = str(tenant.pk)
    transaction.on_commit(lambda: _send(tenant_id))


def _send(tenant_id: str) -> None:
    try:
        collect.apply_async((), {"tenant_id": tenant_id}, queue=settings.QUEUE_PREFIX + "bulk")
    except BrokerError:
        logger.warning("broker away; the clock will queue the collection", extra={"tenant": tenant_id})
        with act_for(tenant_id):
            run.note_not_queued()
