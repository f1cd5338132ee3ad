"""REST: the operation log of a tenant space."""

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from .bodies import Choice, StrictSerializer, Text
from .log_export import log_file
from .log_search import ORDER, OUTCOMES, narrowed
from .log_words import reason_of
from .models import LogEntry
from .operation_log import action_text
from .rest import TenantView


class LogQuery(StrictSerializer):
    """Filters of the operation log."""

    since = serializers.DateTimeField(required=False, help_text="From this moment on.")
    until = serializers.DateTimeField(required=False, help_text="Before this moment.")
    action = Text(required=False, help_text="The code of an operation, such as task.publish.")
    operator = Text(required=False, help_text="A part of the operator's name.")
    name = Text(required=False, help_text="A part of the object's name, or its id.")
    outcome = Choice(OUTCOMES, required=False)


class LogEntrySerializer(serializers.Serializer):
    """One line of the log. `refused`: the code of why it was not done; empty, it was."""

    id = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    action = serializers.CharField()
    text = serializers.SerializerMethodField(help_text="The operation in words.")
    operator = serializers.CharField(source="actor_name")
    role = serializers.CharField(source="actor_role", help_text="Empty: nobody who is known; console: the console.")
    ip_address = serializers.IPAddressField(source="address", allow_null=True)
    object_type = serializers.CharField()
    object_id = serializers.CharField()
    object_name = serializers.CharField()
    refused = serializers.CharField()
    reason = serializers.SerializerMethodField(help_text="`refused` in words.")
    details = serializers.DictField()

    def get_text(self, entry: LogEntry) -> str:
        return action_text(entry.action)

    def get_reason(self, entry: LogEntry) -> str:
        return reason_of(entry)


class OperationLogView(TenantView):
    """Operation Log. Names and addresses of colleagues cannot be masked, so viewers do not get it."""

    resource = "log"
    tag = "operation log"
    full_addresses = True
    ordering = ORDER

    def found(self) -> QuerySet[LogEntry]:
        """Return the entries that the filters of the address let through."""
        chosen: dict[str, Any] = self.query(LogQuery)
        return narrowed(self.tenant.log_entries.all(), **chosen)

    @extend_schema(operation_id="operation_log_list", parameters=[LogQuery], responses=LogEntrySerializer(many=True))
    def get(self, request: Request) -> Response:
        """List who did what to which object, the latest first."""
        return self.page(self.found(), LogEntrySerializer)


class OperationLogExport(OperationLogView):
    pagination_class = None

    @extend_schema(
        operation_id="operation_log_export",
        parameters=[LogQuery],
        responses={(200, "text/csv"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request) -> FileResponse:  # type: ignore[override]
        """Download what the filters let through as .csv, the latest first."""
        return log_file(self.found())
