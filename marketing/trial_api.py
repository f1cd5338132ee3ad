"""REST: an address and a message tried out. Nothing of it is kept."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.api import TriedSerializer, tried
from tenants.bodies import Choice, StrictSerializer, Text
from tenants.parameters import number_policy

from .api import TemplatesView
from .channels import Medium, address_rule
from .models import MessageTemplate
from .preview import Preview, preview_of
from .recipient_api import RecipientsView
from .sms import Alphabet
from .variables import MAX_VALUE, names_in


class AddressBody(StrictSerializer):
    """An address as somebody would type it."""

    address = Text(allow_blank=True, trim_whitespace=False)


class AddressTry(RecipientsView):
    @extend_schema(request=AddressBody, responses=TriedSerializer)
    def post(self, request: Request, task_id: UUID) -> Response:
        """Say how an address would be stored as a recipient of the task, or why it would be refused."""
        rule = address_rule(self.task(task_id).medium, number_policy(self.tenant))
        return Response(tried(rule, self.body(AddressBody)["address"]))


class ValuesBody(StrictSerializer):
    """Values of variables. One that is left out has its default, or stays as it is written."""

    values = serializers.DictField(child=Text(max_length=MAX_VALUE, allow_blank=True), required=False)


class MessageBody(ValuesBody):
    """A message that is being written."""

    medium = Choice(Medium.choices)
    subject = Text(required=False, allow_blank=True, max_length=200, help_text="Of an email only.")
    body = Text(trim_whitespace=False, max_length=10_000)


class SmsLength(serializers.Serializer):
    """How long an SMS is. A unit is a septet of GSM 7-bit, or 16 bits of Unicode."""

    alphabet = serializers.ChoiceField(Alphabet.choices)
    units = serializers.IntegerField()
    room = serializers.IntegerField(help_text="Units that the parts hold.")
    parts = serializers.IntegerField()
    odd = serializers.ListField(child=serializers.CharField(), help_text="The characters that make it Unicode.")


class PreviewSerializer(serializers.Serializer):
    """A message with values in it."""

    subject = serializers.CharField()
    body = serializers.CharField()
    variables = serializers.ListField(child=serializers.CharField(), source="names")
    missing = serializers.ListField(child=serializers.CharField(), help_text="Variables without a value.")
    characters = serializers.IntegerField()
    sms = SmsLength(allow_null=True, help_text="null: another medium.")

    def to_representation(self, preview: Preview) -> dict[str, Any]:
        """Join the pieces that a page paints in different colours."""
        return {
            "subject": "".join(text for text, _kind in preview.subject_pieces),
            "body": "".join(text for text, _kind in preview.body_pieces),
            "variables": preview.names,
            "missing": [name for name in preview.names if not preview.values.get(name)],
            "characters": preview.characters,
            "sms": SmsLength(preview.sms).data if preview.sms else None,
        }


class MessagePreview(TemplatesView):
    @extend_schema(operation_id="messages_preview", request=MessageBody, responses=PreviewSerializer)
    def post(self, request: Request) -> Response:
        """Show a message that is being written with values in it, and how long it is as an SMS."""
        told = self.body(MessageBody)
        written = MessageTemplate(medium=told["medium"], subject=told.get("subject", ""), body=told["body"])
        return self.previewed(written, told.get("values", {}))

    def previewed(self, template: MessageTemplate, values: Mapping[str, str]) -> Response:
        """Answer the preview, or raise ValidationError: a variable is written wrongly."""
        try:
            names_in(template.subject, template.body)
        except ValidationError as refused:
            raise ValidationError({"body": refused}) from None
        return Response(self.shown(PreviewSerializer, preview_of(template, template.medium, values)))


class TemplatePreview(MessagePreview):
    @extend_schema(operation_id="message_templates_preview", request=ValuesBody, responses=PreviewSerializer)
    def post(self, request: Request, template_id: UUID) -> Response:  # type: ignore[override]
        """Show a template with values in it, and how long it is as an SMS."""
        return self.previewed(self.template(template_id), self.body(ValuesBody).get("values", {}))
