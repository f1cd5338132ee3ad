"""REST: the tenant parameters."""

from collections.abc import Mapping

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from .bodies import StrictSerializer, Text
from .parameters import TENANT_PARAMETERS, Parameter, parameters_of, set_parameters
from .rest import TenantView


def fields_of(catalogue: Mapping[str, Parameter]) -> dict[str, serializers.Field]:
    """Return a field for each parameter; every value is text, as it is typed on the page."""
    return {key: Text(required=False, allow_blank=True, help_text=_said(one)) for key, one in catalogue.items()}


def _said(one: Parameter) -> str:
    return f"{one.name}: {one.allowed}. Default: “{one.default}”."


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
