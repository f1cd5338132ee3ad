"""Webhooks: created, changed, their secret rotated, switched, tried out, deleted. Pages and REST call these."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.api_clients import MAX_OVERLAP
from tenants.log_words import declare_words
from tenants.models import Tenant
from tenants.operation_log import attempt, declare_actions, record
from tenants.outbound.turns import in_turn
from tenants.refusals import declare, refusal

from . import jobs
from .calling import TOTAL_SECONDS, destination_of, try_once
from .delivering import outcome_of
from .events import TEST, TRIED_FOR, delivery_of, events
from .models import NAME_LENGTH, URL_LENGTH, Webhook, WebhookDelivery
from .signing import new_secret
from .states import DeliveryState

CHANGEABLE = ("name", "url", "events")
MAX_WEBHOOKS = 10  # of one tenant
TEST_TEXT = "This is a test. Nothing has happened."

declare(
    {
        "webhook_name": _("Write a name of 1 to %(high)s characters, without control characters."),
        "webhook_name_taken": _("There is a webhook “%(name)s” already. Choose another name."),
        "webhook_url_length": _("The URL has %(n)s characters; %(high)s are allowed."),
        "webhook_events": _("Choose at least one event; a webhook without one is told of nothing."),
        "webhook_event_unknown": _("There is no event “%(event)s”."),
        "webhook_count": _("This tenant space has %(high)s webhooks. Delete one that is not needed any more."),
        "webhook_overlap": _("The old secret can sign along for 0 to %(high)s days."),
        "webhook_disabled": _("This webhook is disabled. Enable it before anything is delivered."),
    }
)
declare_words({"events": _("Events"), "event": _("Event"), "hours": _("Hours"), "delivery": _("Delivery")})
declare_actions(
    {
        "webhook.create": _("Create webhook"),
        "webhook.edit": _("Edit webhook"),
        "webhook.rotate": _("Rotate secret of webhook"),
        "webhook.enable": _("Enable webhook"),
        "webhook.disable": _("Disable webhook"),
        "webhook.delete": _("Delete webhook"),
        "webhook.test": _("Test webhook"),
        "webhook.redeliver": _("Redeliver to webhook"),
    }
)


def create(tenant: Tenant, values: Mapping[str, Any]) -> tuple[Webhook, str]:
    """Return a new webhook and its secret, which nobody can read again; ValidationError keyed by field."""
    tenant.hold()  # two at once count each other
    if tenant.webhooks.count() >= MAX_WEBHOOKS:
        raise refusal("webhook_count", high=MAX_WEBHOOKS)
    webhook = Webhook(secret=new_secret())
    return save(webhook, values), webhook.secret


def save(webhook: Webhook, values: Mapping[str, Any]) -> Webhook:
    """Give `webhook` the `values` (name, url, events) and save it, or raise ValidationError keyed by field."""
    is_new = webhook._state.adding
    checks = {"name": _clean_name, "url": _clean_url, "events": _clean_events}
    faults: dict[str, ValidationError] = {}
    for field, clean in checks.items():
        if not is_new and values.get(field, getattr(webhook, field)) == getattr(webhook, field):
            continue  # an address may have left the trustlist since: that stops its calls, not a new name
        try:
            setattr(webhook, field, clean(values.get(field, getattr(webhook, field))))
        except ValidationError as refused:
            faults[field] = refused
    if faults:
        raise ValidationError(faults)
    _write(webhook)
    record("webhook.create" if is_new else "webhook.edit", webhook, events=webhook.events)
    return webhook


def rotate(webhook: Webhook, *, overlap: timedelta) -> str:
    """Return a new secret of `webhook`; the old one signs along for `overlap`, so that receivers can change over."""
    if not timedelta(0) <= overlap <= MAX_OVERLAP:
        raise ValidationError({"overlap": refusal("webhook_overlap", high=MAX_OVERLAP.days)})
    webhook.old_secret = webhook.secret if overlap else None
    webhook.old_secret_until = timezone.now() + overlap if overlap else None
    webhook.secret = new_secret()
    webhook.save(update_fields=["secret", "old_secret", "old_secret_until", "updated_at"])
    record("webhook.rotate", webhook, hours=round(overlap / timedelta(hours=1)))
    return webhook.secret


def set_active(webhook: Webhook, is_active: bool) -> None:
    """Enable `webhook`, or disable it: then what waits is given up, and can be redelivered later."""
    webhook.is_active, webhook.given_up_in_row, webhook.failing_since = is_active, 0, None
    webhook.save(update_fields=["is_active", "given_up_in_row", "failing_since", "updated_at"])
    if not is_active:
        waiting = webhook.deliveries.filter(state=DeliveryState.WAITING)
        given_up = {"state": DeliveryState.FAILED, "next_try_at": None, "updated_at": timezone.now()}
        waiting.update(error_code="webhook_disabled", error_params={}, **given_up)
    record("webhook.enable" if is_active else "webhook.disable", webhook)


def delete(webhook: Webhook) -> None:
    """Delete `webhook` with its delivery log."""
    record("webhook.delete", webhook)
    webhook.delete()


def test(webhook: Webhook) -> WebhookDelivery:
    """Send a test to `webhook` now, also to a disabled one, and return what came of it. It is not tried again."""
    delivery = delivery_of(webhook, TEST, {"text": TEST_TEXT})
    with in_turn(webhook.tenant_id, seconds=TOTAL_SECONDS):
        tried = try_once(webhook, delivery)
    get_object_or_404(Webhook.objects.select_for_update(no_key=True), pk=webhook.pk)  # it may be deleted meanwhile
    for name, value in outcome_of(delivery, tried).items():
        setattr(delivery, name, value)
    if tried.refused:
        delivery.state, delivery.next_try_at = DeliveryState.FAILED, None
    delivery.save(force_insert=True)
    record("webhook.test", webhook, refused=delivery.error_code)
    return delivery


def redeliver(delivery: WebhookDelivery) -> None:
    """Deliver again, as the same event, for another 24 hours; ValidationError: wrong_state, webhook_disabled."""
    now = timezone.now()
    with attempt("webhook.redeliver", delivery.webhook):
        if not delivery.webhook.is_active:
            raise refusal("webhook_disabled")
        delivery.move(DeliveryState.WAITING, attempts=0, next_try_at=now, give_up_at=now + TRIED_FOR)
    record("webhook.redeliver", delivery.webhook, event=delivery.event, delivery=str(delivery.pk))
    jobs.enqueue(delivery.webhook)


def _clean_name(raw: str) -> str:
    name = raw.strip()
    if not 1 <= len(name) <= NAME_LENGTH or not name.isprintable():
        raise refusal("webhook_name", high=NAME_LENGTH)
    return name


def _clean_url(raw: str) -> str:
    """Return the URL if it may be called now: it must be on the trustlist."""
    url = raw.strip()
    if len(url) > URL_LENGTH:
        raise refusal("webhook_url_length", n=len(url), high=URL_LENGTH)
    destination_of(url)
    return url


def _clean_events(names: Sequence[str]) -> list[str]:
    if unknown := [name for name in names if name not in events()]:
        raise refusal("webhook_event_unknown", event=unknown[0][:50])
    if not names:
        raise refusal("webhook_events")
    return [name for name in events() if name in names]


def _write(webhook: Webhook) -> None:
    try:
        with transaction.atomic():
            webhook.save(update_fields=None if webhook._state.adding else [*CHANGEABLE, "updated_at"])
    except IntegrityError as error:
        if "tenants_webhook_name" not in str(error):
            raise
        raise ValidationError({"name": refusal("webhook_name_taken", name=webhook.name)}) from None
