"""Webhooks and their deliveries as REST shows and takes them."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from tenants.api_clients import MAX_OVERLAP
from tenants.bodies import Choice, StrictSerializer, Text, WholeNumber, YesOrNo
from tenants.refusals import sentence

from .models import WebhookDelivery
from .states import DeliveryState

MAX_HOURS = MAX_OVERLAP.days * 24


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Webhook",
            {"name": "CRM", "url": "https://crm.example.com/aicc", "events": ["import.finished"]},
            request_only=True,
        )
    ]
)
class WebhookSerializer(StrictSerializer):
    """An address that is told of events. Its secret stands in the answer that made it, and nowhere again."""

    id = serializers.UUIDField(read_only=True)
    name = Text()
    url = Text(help_text="https://host/path; its host and port must be on the Address Trustlist.")
    events = serializers.ListField(
        child=Text(), max_length=20, help_text="import.finished, care_day.finished, server_import.missed"
    )
    is_active = YesOrNo(required=False, help_text="false: nothing is delivered, and what waits is given up.")
    old_secret_until = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="Until then the secret before this one signs along."
    )
    failing_since = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="No attempt has succeeded since then; null: the last one did."
    )
    given_up_in_row = serializers.IntegerField(read_only=True, help_text="Events, since the last that arrived.")
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)


class WebhookSecretSerializer(WebhookSerializer):
    """A webhook with the secret that was made now."""

    secret = serializers.CharField(read_only=True)


@extend_schema_serializer(examples=[OpenApiExample("Rotate", {"overlap_hours": 24}, request_only=True)])
class RotationBody(StrictSerializer):
    """How long the old secret signs along."""

    overlap_hours = WholeNumber(min_value=0, max_value=MAX_HOURS, help_text="0: it stops at once.")


class DeliveryQuery(StrictSerializer):
    """Filters of the delivery log."""

    state = Choice(DeliveryState.choices, required=False)
    event = Text(required=False, help_text="The name of an event, or webhook.test.")


class DeliveryError(serializers.Serializer):
    """Why the last attempt did not succeed."""

    code = serializers.CharField(source="error_code")
    detail = serializers.CharField(source="error_sentence")


class DeliveryAttempt(serializers.Serializer):
    """One attempt. `code` empty: the event arrived."""

    at = serializers.DateTimeField()
    status = serializers.IntegerField(allow_null=True, help_text="Null: no answer came.")
    milliseconds = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.SerializerMethodField()

    def get_detail(self, tried: dict[str, Any]) -> str:
        """Return the sentence of the code."""
        return sentence(tried["code"], tried["params"]) if tried["code"] else ""


class DeliverySerializer(serializers.Serializer):
    """An event for a webhook. `id` is the event's id, the same at each attempt."""

    id = serializers.UUIDField()
    webhook = serializers.UUIDField(source="webhook_id")
    event = serializers.CharField()
    state = serializers.ChoiceField(DeliveryState.choices)
    attempts = serializers.IntegerField(help_text="Since it was last asked for.")
    status = serializers.IntegerField(allow_null=True, help_text="Of the last answer; null: none came.")
    milliseconds = serializers.IntegerField(allow_null=True, help_text="That the last attempt took.")
    error = serializers.SerializerMethodField()
    next_try_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()

    @extend_schema_field(DeliveryError(allow_null=True))
    def get_error(self, delivery: WebhookDelivery) -> dict[str, Any] | None:
        """Return why the last attempt did not succeed, or None."""
        return DeliveryError(delivery).data if delivery.error_code else None


class DeliveryDetailSerializer(DeliverySerializer):
    """An event for a webhook, with what is sent and how it went."""

    payload = serializers.DictField(help_text="What is sent, as it is sent.")
    answer = serializers.CharField(help_text="How the body of the last answer began: 1 kB at most.")
    tries = serializers.SerializerMethodField(help_text="The latest 20 attempts, the last one at the end.")

    @extend_schema_field(DeliveryAttempt(many=True))
    def get_tries(self, delivery: WebhookDelivery) -> Any:
        """Return the attempts."""
        return DeliveryAttempt(list(reversed(delivery.shown_tries)), many=True).data
