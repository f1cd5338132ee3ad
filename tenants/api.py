"""REST: the tenant parameters."""

from collections.abc import Callable, Mapping

from django.core.exceptions import ValidationError
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from .bodies import StrictSerializer, Text
from .parameters import NUMBERS, TENANT_PARAMETERS, Parameter, parameters_of, policy_as_typed, set_parameters
from .rest import TenantView


def fields_of(catalogue: Mapping[str, Parameter]) -> dict[str, serializers.Field]:
    """Return a field for each parameter; every value is text, as it is typed on the page."""
    return {key: Text(required=False, allow_blank=True, help_text=_said(one)) for key, one in catalogue.items()}


def _said(one: Parameter) -> str:
    return f"{one.name}: {one.allowed}. Default: “{one.default}”."


class TriedSerializer(serializers.Serializer):
    """How an address would be stored, or why it would be refused."""

    stored = serializers.CharField(allow_null=True)
    code = serializers.CharField(allow_null=True)
    detail = serializers.CharField(allow_null=True)


def tried(rule: Callable[[str], str], typed: str) -> dict[str, str | None]:
    """Return what `rule` says of an address, as TriedSerializer shows it."""
    try:
        return {"stored": rule(typed), "code": None, "detail": None}
    except ValidationError as refused:
        return {"stored": None, "code": str(refused.code), "detail": refused.messages[0]}


@extend_schema_serializer(
    examples=[OpenApiExample("Parameters", {"min_number_length": "7", "begin_digits": "13,15"}, request_only=True)]
)
class TenantParameters(StrictSerializer):
    """{key: value}; every value is text, as it is typed on the page."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """Return a field for each parameter of the catalogue."""
        return fields_of(TENANT_PARAMETERS)


class TenantParameterView(TenantView):
    """Tenant Parameter."""

    resource = "parameters"
    tag = "tenant parameters"
    pagination_class = None

    @extend_schema(operation_id="tenant_parameters_read", responses=TenantParameters)
    def get(self, request: Request) -> Response:
        """Read all parameters, defaults included."""
        return Response(parameters_of(self.tenant))

    @extend_schema(operation_id="tenant_parameters_set", request=TenantParameters, responses=TenantParameters)
    def put(self, request: Request) -> Response:
        """Set the parameters named, all or none; the others stay. What is imported already does not change."""
        set_parameters(self.tenant, self.body(TenantParameters))
        return Response(parameters_of(self.tenant))


class NumberParameters(StrictSerializer):
    """{key: value} of those parameters that a number is judged by."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """Return a field for each of them."""
        return fields_of({key: one for key, one in TENANT_PARAMETERS.items() if one.group == NUMBERS})


class NumberBody(StrictSerializer):
    """A number as somebody would type it, and parameters that are not saved yet."""

    number = Text(allow_blank=True, trim_whitespace=False)
    parameters = NumberParameters(required=False)


class NumberTry(TenantView):
    resource = "parameters"
    tag = "tenant parameters"
    pagination_class = None

    @extend_schema(operation_id="tenant_parameters_try", request=NumberBody, responses=TriedSerializer)
    def post(self, request: Request) -> Response:
        """Judge a number by the parameters, some of them as they are given here; nothing is stored."""
        told = self.body(NumberBody)
        policy = policy_as_typed(parameters_of(self.tenant) | told.get("parameters", {}))
        return Response(tried(policy.clean, told["number"]))
