"""The jobs: a turn of one webhook, and the clock that finds what is due over all tenants."""

import logging

from celery import shared_task
from django.conf import settings
from django.db import connection, transaction
from kombu.exceptions import OperationalError as BrokerError

from tenants.jobs import Clockwork
from tenants.scoping import act_for

from . import delivering
from .models import Webhook

logger = logging.getLogger(__name__)

QUEUE = "webhooks"  # of its own, with a worker of its own: a receiver that is slow keeps no import waiting
TURN_SECONDS = 10  # of one webhook, before others have theirs; a call may add ten more


def enqueue(webhook: Webhook) -> None:
    """Queue a turn of `webhook` after the commit; a broker that is away costs a round of the clock."""
    tenant_id, webhook_id = str(webhook.tenant_id), str(webhook.pk)
    transaction.on_commit(lambda: _send(tenant_id, webhook_id))


@shared_task
def deliver(webhook_id: str, *, tenant_id: str, **_of_another_release: object) -> None:
    """Take one turn for a webhook, then queue the next one behind what waits."""
    if delivering.take_turn(tenant_id, webhook_id, seconds=TURN_SECONDS):
        _send(tenant_id, webhook_id)


@shared_task(base=Clockwork)
def deliver_due() -> int:
    """Queue a turn for each webhook with something due that lost its message, over all tenants; return how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenant_id, webhook_id FROM due_webhooks()")
        due = cursor.fetchall()
    return sum(_queue_again(tenant_id, webhook_id) for tenant_id, webhook_id in due)


def _queue_again(tenant_id: object, webhook_id: object) -> bool:
    with act_for(str(tenant_id)):
        is_free = delivering.note_queued(webhook_id)  # type: ignore[arg-type]
        if is_free:
            transaction.on_commit(lambda: _send(str(tenant_id), str(webhook_id)))
    return is_free


def _send(tenant_id: str, webhook_id: str) -> None:
    try:
        deliver.apply_async((webhook_id,), {"tenant_id": tenant_id}, queue=settings.QUEUE_PREFIX + QUEUE)
    except BrokerError:
        logger.warning("broker away; the clock will queue the webhook", extra={"webhook": webhook_id})
