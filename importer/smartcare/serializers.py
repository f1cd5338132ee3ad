"""Integration, certificates and care days, as REST shows and takes them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from importer.downloads import FILE_TYPES
from tenants.bodies import Choice, Identifier, StrictSerializer, Text

from .certificates import MAX_PEM
from .models import CareDay, CareRow, CertificateKind, Integration
from .rows import reason_of
from .states import SHOWN_AS_ROWS, CareOutcome, DayState


class IntegrationSerializer(StrictSerializer):
    """SmartCare Integration. `app_secret` is written only; left out, the stored one stays."""

    address = Text(max_length=255, help_text="https://host:port, on the Address Trustlist.")
    app_id = Text(min_length=5, max_length=100)
    app_secret = Text(min_length=5, max_length=100, write_only=True, required=False, trim_whitespace=False)
    has_app_secret = serializers.SerializerMethodField()
    ca_certificate = Identifier(source="authority_id", allow_null=True, required=False)
    client_certificate = Identifier(source="client_certificate_id", allow_null=True, required=False)
    quick_scene = Text(max_length=64, allow_blank=True, required=False, help_text="Fast boundary scene name.")
    deep_scene = Text(max_length=64, allow_blank=True, required=False, help_text="Deep boundary scene name.")

    def get_has_app_secret(self, integration: Integration) -> bool:
        """Return whether a secret is stored."""
        return bool(integration.app_secret)


class ConnectionSerializer(serializers.Serializer):
    """SmartCare answered: how many customers with bad calls it has for yesterday."""

    customers = serializers.IntegerField()


class CertificateSerializer(StrictSerializer):
    """A certificate. `private_key` is written only, and needed for a client certificate."""

    id = serializers.UUIDField(read_only=True)
    name = Text(max_length=100)
    kind = Choice(CertificateKind.choices)
    certificate = Text(source="pem", max_length=MAX_PEM, trim_whitespace=False, help_text="PEM.")
    private_key = Text(max_length=MAX_PEM, write_only=True, required=False, trim_whitespace=False, help_text="PEM.")
    subject = serializers.CharField(read_only=True)
    expires_at = serializers.DateTimeField(read_only=True)


class CareCounts(serializers.Serializer):
    """Customers by outcome: fetched is always the sum of the others."""

    fetched = serializers.IntegerField()
    created = serializers.IntegerField()
    failed = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    suppressed = serializers.IntegerField()
    cut = serializers.IntegerField()
    waiting = serializers.IntegerField()


class CareFailure(serializers.Serializer):
    """Why a day is not whole."""

    code = serializers.CharField(source="error_code")
    detail = serializers.CharField(source="error_sentence")


class CareDaySerializer(serializers.Serializer):
    """One business day of a Care task. `cut_score`: the lowest score that was cut by the maximum."""

    id = serializers.UUIDField()
    task = serializers.UUIDField(source="task_id")
    business_date = serializers.DateField()
    status = serializers.ChoiceField(DayState.choices, source="state")
    total = serializers.IntegerField(allow_null=True, help_text="What SmartCare said there is.")
    counts = CareCounts(source="*")
    cut_score = serializers.FloatField(allow_null=True)
    is_late = serializers.BooleanField(help_text="Collected in a later night than its own.")
    next_try_at = serializers.DateTimeField(allow_null=True)
    collected_at = serializers.DateTimeField(source="ended_at", allow_null=True)
    error = serializers.SerializerMethodField()

    @extend_schema_field(CareFailure(allow_null=True))
    def get_error(self, day: CareDay) -> dict[str, Any] | None:
        """Return why it is not whole, or None."""
        return CareFailure(day).data if day.error_code else None


class CareDayQuery(StrictSerializer):
    """Filters of the list of days."""

    status = Choice(DayState.choices, required=False)


class CareRowQuery(StrictSerializer):
    """Which rows of a day, and in which form; `cursor` and `limit` are of JSON alone."""

    outcome = Choice([(one.value, one.label) for one in SHOWN_AS_ROWS], default=CareOutcome.FAILED.value)
    format = Choice(["json", *sorted(FILE_TYPES)], default="json")


class CareRowSerializer(serializers.Serializer):
    """A customer that became no recipient, as SmartCare told of it, and why."""

    row = serializers.IntegerField()
    code = serializers.SerializerMethodField()
    detail = serializers.SerializerMethodField()
    number = serializers.CharField()
    score = serializers.FloatField(allow_null=True)
    cause = serializers.CharField()
    event_at = serializers.DateTimeField(allow_null=True)

    def get_code(self, row: CareRow) -> str:
        """Return the code of the reason; "cut" for those above the maximum."""
        return row.code or str(row.outcome)

    def get_detail(self, row: CareRow) -> str:
        """Return the reason as a sentence."""
        return reason_of(row)
