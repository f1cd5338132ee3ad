"""Who is told what, and what became of each telling: the outbox and the delivery log are one table."""

import json
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from encrypted_fields.fields import EncryptedTextField

from tenants.ownership import SameTenant, TenantKey, TenantOwned
from tenants.refusals import sentence
from tenants.stateful import Stateful

from .states import ENDED, TRANSITIONS, DeliveryState

NAME_LENGTH, URL_LENGTH = 100, 500  # characters
GIVEN_UP_IN_A_ROW = 3  # events, before somebody should look


class Webhook(TenantOwned):
    """An address of another system, the events that it is told of, and the secret by which it knows the console.

    `secret` is encrypted at rest and shown once. Until `old_secret_until` the one before it signs as well. One worker
    at a time delivers: it `is_held` until `lease_until`; while it is not, that is how long its message is believed.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    tenant = TenantKey(related_name="webhooks")
    name = models.CharField(_("Name"), max_length=NAME_LENGTH)
    url = models.CharField(_("URL"), max_length=URL_LENGTH)
    events = models.JSONField(_("Events"), default=list)
    is_active = models.BooleanField(_("Enabled"), default=True)
    secret = EncryptedTextField(editable=False)
    old_secret = EncryptedTextField(null=True, editable=False)
    old_secret_until = models.DateTimeField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)  # no try has succeeded from then on
    given_up_in_row = models.PositiveIntegerField(default=0, editable=False)
    is_held = models.BooleanField(default=False, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["tenant", "id"], name="tenants_webhook_key"),
            UniqueConstraint(fields=["tenant", "name"], name="tenants_webhook_name"),
        ]
        indexes = [Index(fields=["tenant", "-created_at", "-id"], name="tenants_webhook_latest")]

    def __str__(self) -> str:
        return self.name

    @property
    def secrets(self) -> list[str]:
        """Return the secrets that sign now, the new one first."""
        has_old = self.old_secret and self.old_secret_until and self.old_secret_until > timezone.now()
        return [self.secret, self.old_secret] if has_old else [self.secret]

    @property
    def is_in_trouble(self) -> bool:
        """Return whether so much was given up in a row that somebody should look."""
        return self.is_active and self.given_up_in_row >= GIVEN_UP_IN_A_ROW

    @classmethod
    def in_trouble(cls) -> Any:
        """Return the webhooks of which that is so. Inside act_for."""
        return cls.objects.filter(is_active=True, given_up_in_row__gte=GIVEN_UP_IN_A_ROW).order_by("name")


class WebhookDelivery(Stateful):
    """One event for one webhook. Its id is the event's id, the same at each try: receivers know a repetition by it.

    `body` is what is sent, as it is sent. `attempts` counts the tries since the delivery was last asked for; `tries`
    keeps the latest of all: [{"at", "status", "milliseconds", "code", "params"}], the last one at its end.
    """

    TRANSITIONS = TRANSITIONS

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    tenant = TenantKey(related_name="webhook_deliveries")
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", db_constraint=False, db_index=False)
    event = models.CharField(_("Event"), max_length=50)
    body = models.TextField()
    state = models.CharField(_("Status"), max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    attempts = models.PositiveSmallIntegerField(_("Attempts"), default=0)
    next_try_at = models.DateTimeField(_("Next attempt"), null=True)
    give_up_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)  # that the receiver answered with last
    error_code = models.CharField(max_length=50, blank=True)
    error_params = models.JSONField(default=dict)
    milliseconds = models.PositiveIntegerField(null=True)  # that the last try took
    answer = models.TextField(blank=True)  # how the last one began
    tries = models.JSONField(default=list)
    delivered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("Time"), default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["tenant", "id"], name="tenants_delivery_key"),
            CheckConstraint(
                condition=Q(state=DeliveryState.WAITING, next_try_at__isnull=False)
                | Q(state__in=sorted(ENDED), next_try_at__isnull=True),
                name="tenants_delivery_waits",
            ),
            SameTenant(parent="webhook", name="tenants_delivery_webhook"),
        ]
        indexes = [
            Index(fields=["tenant", "webhook", "-created_at", "-id"], name="tenants_delivery_latest"),
            Index(
                fields=["next_try_at"],
                name="tenants_delivery_due",
                condition=Q(state=DeliveryState.WAITING),
            ),
        ]

    def __str__(self) -> str:
        return self.event

    @property
    def payload(self) -> dict[str, Any]:
        """Return what is sent, read."""
        return json.loads(self.body)

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED

    @property
    def error_sentence(self) -> str:
        """Return why the last try did not succeed, in the reader's language; empty if it did, or there was none."""
        return sentence(self.error_code, self.error_params) if self.error_code else ""

    @property
    def shown_tries(self) -> list[dict[str, Any]]:
        """Return the tries, the latest first, each with the sentence of what went wrong."""
        return [
            one
            | {
                "at": datetime.fromisoformat(one["at"]),
                "reason": sentence(one["code"], one["params"]) if one["code"] else "",
            }
            for one in reversed(self.tries)
        ]
