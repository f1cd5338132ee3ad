"""What the console tells of: each app declares its events, and announces them where they happen.

`announce` writes into the outbox in the transaction of the deed: what was undone is told to nobody, and what was done
is told once, whatever dies. The message that follows the commit is a hint; the clock finds what lost its own.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from rest_framework import serializers

from . import jobs
from .models import Webhook, WebhookDelivery

TRIED_FOR = timedelta(hours=24)
TEST = "webhook.test"


class Event(NamedTuple):
    """What an event means, in words, and what its `data` holds."""

    words: Any
    meaning: Any
    data: type[serializers.Serializer]


class Moment(serializers.DateTimeField):
    """A time in UTC: 2026-11-27T04:00:00.123456Z."""

    def __init__(self, **options: Any) -> None:
        super().__init__(default_timezone=UTC, **options)


class ButtonPressed(serializers.Serializer):
    """Nothing has happened; somebody pressed the button."""

    text = serializers.CharField()


_events: dict[str, Event] = {}


def declare_events(events: Mapping[str, Event]) -> None:
    """Add an app's own events; a name is declared once."""
    for name, event in events.items():
        if _events.setdefault(name, event) is not event:
            raise ImproperlyConfigured(f"The event {name} is declared twice.")


def events() -> dict[str, Event]:
    """Return {name: event} of every event that a webhook can be told of, sorted."""
    return dict(sorted(_events.items()))


def words_of(name: str) -> str:
    """Return an event's words in the reader's language; the name of one that is not known any more."""
    if name == TEST:
        return str(_("Test"))
    return str(_events[name].words) if name in _events else name


def announce(name: str, told: Callable[[], Any]) -> None:
    """Put the event into the outbox of each webhook that wants it. Inside act_for, in the transaction of the deed.

    `told()`: the instance that the event's serializer shows; asked only if somebody wants to know.
    """
    event = _events[name]
    # Locked against being deleted before this commits: a delivery without its webhook would undo the deed.
    wanting = Webhook.objects.filter(is_active=True, events__contains=[name]).select_for_update(no_key=True)
    if not (webhooks := list(wanting.order_by("pk"))):  # as `delivering` locks them
        return
    with override("en"):
        data = event.data(told()).data
    WebhookDelivery.objects.bulk_create(delivery_of(webhook, name, data) for webhook in webhooks)
    for webhook in webhooks:
        jobs.enqueue(webhook)


def delivery_of(webhook: Webhook, name: str, data: Mapping[str, Any]) -> WebhookDelivery:
    """Return a delivery to `webhook` that is due now, not saved."""
    now, event_id = timezone.now(), uuid4()
    envelope = {"id": str(event_id), "event": name, "created_at": Moment().to_representation(now), "data": data}
    body = json.dumps(envelope, ensure_ascii=False, default=str)
    return WebhookDelivery(
        id=event_id, webhook=webhook, event=name, body=body, created_at=now, next_try_at=now, give_up_at=now + TRIED_FOR
    )


def link(name: str, *arguments: Any) -> str:
    """Return the address of a page or a REST resource, for whoever is told."""
    return settings.PUBLIC_URL.rstrip("/") + reverse(name, args=arguments)
