"""Tasks, templates and recipients as REST shows and takes them; the rules stand in the modules that judge."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from tenants.access import mask_address
from tenants.bodies import Choice, Identifier, StrictSerializer, Text

from .channels import Medium
from .models import Recipient
from .states import CareScenario, TaskState, TaskType

MAX_BATCH = 1_000  # recipients of one request


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
    """One address of a task with its values. `origin`: the import that brought it; null, one by one."""

    id = serializers.IntegerField(read_only=True)
    address = Text(allow_blank=True, trim_whitespace=False)
    variables = serializers.DictField(required=False, help_text="{variable: text}")
    origin = serializers.UUIDField(read_only=True, allow_null=True)
    origin_row = serializers.IntegerField(read_only=True, allow_null=True)
    created_at = serializers.DateTimeField(read_only=True)

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

    address = Text(required=False, help_text="How the address begins, such as +86138 (write + as %2B).")
    origin = Identifier(required=False, help_text="The id of an import.")


class RecipientBatch(StrictSerializer):
    """Up to 1,000 recipients; each has an outcome of its own."""

    recipients = serializers.ListField(child=RecipientSerializer(), min_length=1, max_length=MAX_BATCH)


class FaultSerializer(serializers.Serializer):
    """Why a value was refused."""

    code = serializers.CharField()
    detail = serializers.CharField()


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
