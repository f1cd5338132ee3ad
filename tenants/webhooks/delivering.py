"""A turn of one webhook: claim it, call its receiver for what is due, write down what came of it.

    claim   one worker at a time has a webhook (a lease), at most AT_ONCE webhooks of a tenant are held at a time
    call    no transaction is open: the receiver may take its time
    settle  one conditional UPDATE of the delivery: the state, and when it is tried again

A worker that dies in between leaves its delivery waiting: it is sent again after the lease. So a receiver may hear of
an event more than once, always with the same id; it never gets two calls of one webhook at the same time.
"""

import random
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from tenants.models import Tenant
from tenants.scoping import act_for

from .calling import GONE, Tried, try_once
from .models import Webhook, WebhookDelivery
from .states import DeliveryState

LEASE = timedelta(seconds=90)  # a turn takes its time and one call, with what is looked up for it
QUEUED = timedelta(seconds=30)  # a message is believed, before the clock sends another one
AT_ONCE = 4  # webhooks of one tenant, so that its slow receivers leave room for those of others
FIRST_DELAY, LONGEST_DELAY = 10, 3_600  # seconds: doubled with each try, then a random part of it
KEPT_TRIES = 20
KEPT = timedelta(days=30)


def take_turn(tenant_id: str, webhook_id: str, *, seconds: float) -> bool:
    """Deliver what is due of one webhook for up to about `seconds`; return whether more is due now."""
    webhook = _claim(tenant_id, webhook_id)
    if webhook is None:
        return False
    until = monotonic() + seconds
    try:
        while (due := _next(webhook)) is not None:
            tried = try_once(*due)
            with act_for(tenant_id):
                settle(due[1], tried)
            if tried.refused or monotonic() >= until:
                return True
        return False
    finally:
        _release(webhook)


def settle(delivery: WebhookDelivery, tried: Tried) -> None:
    """Write down what came of a try, unless somebody else did so meanwhile. Inside act_for."""
    mine = WebhookDelivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING, attempts=delivery.attempts)
    changes = outcome_of(delivery, tried)
    if mine.update(**changes):
        _count(delivery.webhook_id, tried, is_given_up=changes["state"] == DeliveryState.FAILED)


def outcome_of(delivery: WebhookDelivery, tried: Tried) -> dict[str, Any]:
    """Return the changes of a delivery that was tried."""
    kept = tried.to_json()
    return {
        "attempts": delivery.attempts + 1,
        "tries": [*delivery.tries, kept][-KEPT_TRIES:],
        "status": tried.status,
        "milliseconds": tried.milliseconds,
        "answer": tried.answer,
        "error_code": kept["code"],
        "error_params": kept["params"],
        "updated_at": timezone.now(),
        **_state_after(delivery, tried),
    }


def next_wait(attempts: int, asked_for: int) -> timedelta:
    """Return a random part of a time that doubles with each try ("full jitter"), at least what was asked for."""
    longest = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(attempts, 20))
    return timedelta(seconds=max(1, asked_for, random.uniform(0, longest)))  # noqa: S311


def note_queued(webhook_id: UUID) -> bool:
    """Believe for a while in the message that is sent next; False: a worker has the webhook. Inside act_for."""
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    mine = Webhook.objects.filter(free, pk=webhook_id, is_active=True, tenant__is_active=True)
    return bool(mine.update(is_held=False, lease_until=now + QUEUED))


def forget(tenant: Tenant) -> None:
    """Delete the log that is past its time, and secrets that sign no more."""
    now = timezone.now()
    tenant.webhook_deliveries.filter(created_at__lt=now - KEPT).delete()
    tenant.webhooks.filter(old_secret_until__lt=now).update(old_secret=None, old_secret_until=None)


def _claim(tenant_id: str, webhook_id: str) -> Webhook | None:
    """Take the webhook for this worker; None: a doubled message, another worker, too many at once, or nobody to tell.

    All webhooks of the tenant are locked meanwhile, a handful, so that two workers do not both count one too few.
    """
    now = timezone.now()
    with act_for(tenant_id):
        ours = (
            Webhook.objects.filter(tenant__is_active=True).select_for_update(of=("self",), no_key=True).order_by("pk")
        )
        held = {one.pk for one in ours if one.is_held and one.lease_until and one.lease_until > now}
        mine = next((one for one in ours if str(one.pk) == webhook_id and one.is_active), None)
        if mine is None or mine.pk in held or len(held) >= AT_ONCE:
            return None
        mine.is_held, mine.lease_until = True, now + LEASE
        mine.save(update_fields=["is_held", "lease_until"])
        return mine


def _next(claimed: Webhook) -> tuple[Webhook, WebhookDelivery] | None:
    """Return the webhook as it is now and what is due, the longest waiting first; None: no more, or not ours."""
    with act_for(str(claimed.tenant_id)):
        mine = Webhook.objects.filter(pk=claimed.pk, is_active=True, is_held=True, lease_until=claimed.lease_until)
        webhook = mine.first()
        if webhook is None:
            return None
        due = webhook.deliveries.filter(state=DeliveryState.WAITING, next_try_at__lte=timezone.now())
        delivery = due.order_by("next_try_at", "created_at", "id").first()
        return (webhook, delivery) if delivery else None


def _release(webhook: Webhook) -> None:
    with act_for(str(webhook.tenant_id)):
        mine = Webhook.objects.filter(pk=webhook.pk, is_held=True, lease_until=webhook.lease_until)
        mine.update(is_held=False, lease_until=None)


def _state_after(delivery: WebhookDelivery, tried: Tried) -> dict[str, Any]:
    if tried.refused is None:
        return {"state": DeliveryState.DELIVERED, "next_try_at": None, "delivered_at": _end_of(tried)}
    again = timezone.now() + next_wait(delivery.attempts, tried.retry_after)
    if tried.status == GONE or again > delivery.give_up_at:
        return {"state": DeliveryState.FAILED, "next_try_at": None}
    return {"state": DeliveryState.WAITING, "next_try_at": again}


def _end_of(tried: Tried) -> datetime:
    return tried.at + timedelta(milliseconds=tried.milliseconds)


def _count(webhook_id: UUID, tried: Tried, *, is_given_up: bool) -> None:
    """Keep on the webhook since when nothing arrives, and how much was given up since."""
    webhook = Webhook.objects.filter(pk=webhook_id)
    if tried.refused is None:
        webhook.filter(failing_since__isnull=False).update(failing_since=None, given_up_in_row=0)
    else:
        given_up = F("given_up_in_row") + int(is_given_up)
        webhook.update(failing_since=Coalesce("failing_since", tried.at), given_up_in_row=given_up)
