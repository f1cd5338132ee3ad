"""REST: the system parameters."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.api import fields_of
from tenants.bodies import StrictSerializer
from tenants.rest import SystemView
from tenants.system_parameters import SYSTEM_PARAMETERS, set_system_parameters, system_settings


@extend_schema_serializer(
    examples=[OpenApiExample("Parameters", {"max_caring_users": "800", "advised_rows": "40000"}, request_only=True)]
)
class SystemParameters(StrictSerializer):
    """{key: value}; every value is text, as it is typed on the page."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """Return a field for each parameter of the catalogue."""
        return fields_of(SYSTEM_PARAMETERS)


class SystemSetting(serializers.Serializer):
    """A parameter as it is now."""

    value = serializers.CharField(help_text="The value in force.")
    pending_value = serializers.CharField(allow_null=True, help_text="What follows it; null: nothing.")
    effective_at = serializers.DateTimeField(allow_null=True, help_text="From when on that is in force.")


class SystemSettings(serializers.Serializer):
    """{key: the parameter as it is now}."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """Return a field for each parameter of the catalogue."""
        return {key: SystemSetting(help_text=str(one.name)) for key, one in SYSTEM_PARAMETERS.items()}


class SystemParameterView(SystemView):
    """System Parameter."""

    tag = "system parameters"
    pagination_class = None

    @extend_schema(operation_id="system_parameters_read", responses=SystemSettings)
    def get(self, request: Request) -> Response:
        """Read all parameters, defaults included, with the changes that have not taken effect yet."""
        return Response(self._settings())

    @extend_schema(operation_id="system_parameters_set", request=SystemParameters, responses=SystemSettings)
    def put(self, request: Request) -> Response:
        """Set the parameters named, all or none; the others stay. A change of max_caring_users waits one hour."""
        set_system_parameters(self.body(SystemParameters))
        return Response(self._settings())

    def _settings(self) -> Any:
        shown = {
            key: {
                "value": setting.value,
                "pending_value": setting.pending if setting.effective_at else None,
                "effective_at": setting.effective_at,
            }
            for key, setting in system_settings().items()
        }
        return SystemSettings(shown).data
