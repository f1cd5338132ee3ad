"""Tasks, templates and recipients as REST shows and takes them; the rules stand in the modules that judge."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from tenants.access import mask_address
from tenants.bodies import Choice, Identifier, StrictSerializer, Text, WholeNumber
from tenants.models import User
from tenants.refusals import declare, refusal

from .channels import Medium
from .models import Recipient
from .search import Search
from .states import CareScenario, TaskState, TaskType

MAX_BATCH = 1_000  # recipients of one request
MAX_ID = 2**63 - 1

declare(
    {
        "address_hidden": _("Addresses are masked for you, so they cannot be searched."),
        "one_search": _("Search by how an address begins or by how it ends, not by both."),
    }
)


class VariableSerializer(StrictSerializer):
    """A variable of a template. `default` null: every recipient must have a value."""

    name = Text()
    default = Text(allow_null=True, allow_blank=True, required=False, default=None)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Template",
            {"name": "Renewal", "medium": "sms", "body": "Dear ${name}, your plan ends on ${date}.",
             "variables": [{"name": "name", "default": "customer"}]},
            request_only=True,
        )
    ]
)  # fmt: skip
class MessageTemplateSerializer(StrictSerializer):
    """A text with ${name} variables. Variables are found in the text; `variables` gives defaults to some of them."""

    id = serializers.UUIDField(read_only=True)
    name = Text()
    medium = Choice(Medium.choices)
    subject = Text(required=False, allow_blank=True, help_text="Of an email only.")
    body = Text(trim_whitespace=False)
    variables = VariableSerializer(many=True, required=False)


class WindowSerializer(StrictSerializer):
    """A daily sending window in the tenant's time zone."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """Return the fields; `from` is a word of Python."""
        return {"from": Text(source="begin", help_text="09:00"), "to": Text(source="end", help_text="18:00")}


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Task",
            {"name": "Renewal of May", "medium": "sms", "template": "3f0c2a9e-5d1b-4c7a-9f52-0d8e6b1a4c77",
             "begin_at": "2026-05-01T09:00:00+08:00", "end_at": "2026-05-31T18:00:00+08:00",
             "windows": [{"from": "09:00", "to": "12:00"}], "special_dates": ["2026-05-01"]},
            request_only=True,
        )
    ]
)  # fmt: skip
class MarketingTaskSerializer(StrictSerializer):
    """A marketing task. `template` is its id; `variables` are what each recipient needs values for."""

    id = serializers.UUIDField(read_only=True)
    name = Text()
    task_type = Choice(TaskType.choices, default=TaskType.MARKETING)
    medium = Choice(Medium.choices)
    care_scenario = Choice(CareScenario.choices, required=False, allow_blank=True, help_text="Of a care task only.")
    template = Identifier(source="template_id")
    variables = VariableSerializer(source="template.variables", many=True, read_only=True)
    description = Text(required=False, allow_blank=True)
    begin_at = serializers.DateTimeField(required=False, help_text="Left out: now.")
    end_at = serializers.DateTimeField(required=False, help_text="Left out: 30 days after the begin.")
    windows = WindowSerializer(many=True, required=False, help_text="Up to 3, not overlapping.")
    special_dates = serializers.ListField(child=Text(), required=False, help_text="Days without sending: 2026-12-25.")
    state = serializers.ChoiceField(TaskState.choices, read_only=True)
    recipient_count = serializers.IntegerField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)


class TaskQuery(StrictSerializer):
    """Filters of the list of tasks."""

    state = Choice(TaskState.choices, required=False)
    medium = Choice(Medium.choices, required=False)
    task_type = Choice(TaskType.choices, required=False)
    name = Text(required=False, help_text="A part of the name.")
    since = serializers.DateField(required=False, help_text="Those that run on this day or later.")
    until = serializers.DateField(required=False, help_text="Those that run on this day or earlier.")


class TemplateQuery(StrictSerializer):
    """Filters of the list of templates."""

    medium = Choice(Medium.choices, required=False)
    name = Text(required=False, help_text="A part of the name or of the text.")


class NoQuery(StrictSerializer):
    """A list without filters."""


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Recipient", {"address": "138 0000 0000", "variables": {"name": "Ann", "date": "31 May"}}, request_only=True
        )
    ]
)
class RecipientSerializer(StrictSerializer):
    """One address of a task with its values.

    `origin`: the import that brought it; null: `added_by` did, one by one.
    """

    id = serializers.IntegerField(read_only=True)
    address = Text(allow_blank=True, trim_whitespace=False)
    variables = serializers.DictField(required=False, help_text="{variable: text}")
    origin = serializers.UUIDField(read_only=True, allow_null=True)
    origin_row = serializers.IntegerField(read_only=True, allow_null=True)
    added_by = serializers.SerializerMethodField(help_text="The name of the person or API client.")
    created_at = serializers.DateTimeField(read_only=True)

    def get_added_by(self, recipient: Recipient) -> str | None:
        """Return who added it, as people call them."""
        return recipient.added_by.get_full_name() if recipient.added_by else None

    def to_representation(self, recipient: Recipient) -> dict[str, Any]:
        """Mask the address for those who must not see it; a row number without an import says nothing."""
        shown = super().to_representation(recipient)
        if recipient.origin is None:
            shown["origin_row"] = None
        if not self.context["request"].user.sees_full_addresses:
            shown["address"] = mask_address(recipient.address)
        return shown


class RecipientQuery(StrictSerializer):
    """Filters of the list of recipients."""

    address = Text(required=False, help_text="How the address begins, such as +86138 (write + as %2B), or 138.")
    ending = Text(required=False, help_text="How the address ends: its last digits.")
    origin = Identifier(required=False, help_text="The id of an import.")
    one_by_one = serializers.BooleanField(required=False, help_text="true: those that no import brought.")

    def search(self, caller: User) -> Search:
        """Return what is searched for, or raise ValidationError (address_hidden, one_search)."""
        chosen = self.validated_data
        text = {name: chosen[name] for name in ("address", "ending") if chosen.get(name)}
        if text and not caller.sees_full_addresses:  # or the masked digits could be found out one by one
            raise ValidationError(dict.fromkeys(text, refusal("address_hidden")))
        if len(text) > 1:
            raise ValidationError({"ending": refusal("one_search")})
        by_person = chosen.get("one_by_one", False)
        return Search("".join(text.values()), "ending" in text, chosen.get("origin"), by_person)


class RecipientBatch(StrictSerializer):
    """Up to 1,000 recipients; each has an outcome of its own."""

    recipients = serializers.ListField(child=RecipientSerializer(), min_length=1, max_length=MAX_BATCH)


class FaultSerializer(serializers.Serializer):
    """Why a value was refused."""

    code = serializers.CharField()
    detail = serializers.CharField()


class Chosen(StrictSerializer):
    """The ids of those that are meant, up to 1,000. One that does not exist is passed over."""

    ids = serializers.ListField(child=WholeNumber(min_value=1, max_value=MAX_ID), min_length=1, max_length=MAX_BATCH)


class DeletedAnswer(serializers.Serializer):
    """How many there were."""

    deleted = serializers.IntegerField()


class BatchOutcome(serializers.Serializer):
    """What became of one recipient of a batch; `code`, `detail` and `errors` where it was not created."""

    index = serializers.IntegerField(help_text="Its place in `recipients`, from 0.")
    outcome = serializers.ChoiceField(["created", "duplicate", "failed", "suppressed"])
    id = serializers.IntegerField(allow_null=True)
    address = serializers.CharField(help_text="As it is stored; as it was sent where it failed.")
    code = serializers.CharField(allow_null=True)
    detail = serializers.CharField(allow_null=True)
    errors = serializers.DictField(child=FaultSerializer(many=True))  # type: ignore[assignment]


class BatchCounts(serializers.Serializer):
    """Rows by outcome; total is their sum."""

    total = serializers.IntegerField()
    created = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    failed = serializers.IntegerField()
    suppressed = serializers.IntegerField()


class BatchAnswer(serializers.Serializer):
    """The outcomes of a batch, in its order."""

    counts = BatchCounts()
    results = BatchOutcome(many=True)
