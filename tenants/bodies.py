"""What a REST body or query may hold: strict fields, and nothing that was not asked for."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, UnsupportedMediaType, ValidationError
from rest_framework.request import Request

from .refusals import declare, sentence

declare(
    {
        "content_encoding": _(
            "A body with this Content-Encoding is not taken here. Only an import's file may be packed, by gzip."
        ),
    }
)


def encoding_of(request: Request, *taken: str) -> str:
    """Return the Content-Encoding of a body, which must be none ("identity") or one of those `taken`, or raise 415."""
    encoding = request.headers.get("Content-Encoding", "").strip().lower() or "identity"
    if encoding not in ("identity", *taken):
        raise UnsupportedMediaType(encoding, sentence("content_encoding", {}), "content_encoding")
    return encoding


def require_plain(request: Request) -> None:
    """Refuse a body that is packed (415, content_encoding)."""
    encoding_of(request)


class StrictSerializer(serializers.Serializer):
    """Fields by name; one that is not listed, or only read, is refused: nobody sets a tenant or a state by guessing."""

    default_error_messages = {
        "invalid": _("This must be a JSON object."),
        "unknown_field": _("There is no field “{name}” that can be set here."),
    }

    def to_internal_value(self, data: Any) -> Any:
        faults = self._unknown(data) if isinstance(data, Mapping) else {}
        try:
            values = super().to_internal_value(data)
        except ValidationError as refused:
            if faults:
                raise ValidationError({**refused.detail, **faults}) from None  # type: ignore[dict-item]
            raise
        if faults:
            raise ValidationError(faults)
        return values

    def _unknown(self, data: Mapping[str, Any]) -> dict[str, list[ErrorDetail]]:
        known = {field.field_name for field in self._writable_fields}
        text = self.error_messages["unknown_field"]
        return {
            name: [ErrorDetail(text.format(name=name[:100]), "unknown_field")] for name in data if name not in known
        }


class Text(serializers.CharField):
    """Text, and only text: 5 and true are not "5" and "True"."""

    default_error_messages = {"text": _("This must be text, in quotation marks.")}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("text")
        return super().to_internal_value(data)


class WholeNumber(serializers.IntegerField):
    """A whole number, and only that: "5", 5.0 and true are none."""

    default_error_messages = {"invalid": _("This must be a whole number, without quotation marks.")}

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return data


class YesOrNo(serializers.BooleanField):
    """true or false, and only these: "no", 0 and 1 are neither."""

    default_error_messages = {"invalid": _("This must be true or false, without quotation marks.")}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class Identifier(serializers.UUIDField):
    """An id as text; a number would pass for a UUID otherwise."""

    default_error_messages = {"invalid": _("This must be an id such as 3f0c2a9e-5d1b-4c7a-9f52-0d8e6b1a4c77.")}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class Choice(serializers.ChoiceField):
    """One of a few words; a refusal names them."""

    default_error_messages = {"invalid_choice": _("This must be one of: {choices}.")}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or data not in [*self.choices, *([""] if self.allow_blank else [])]:
            self.fail("invalid_choice", choices=", ".join(map(str, self.choices)))
        return data
