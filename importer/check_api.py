"""REST: what can be said of a file before it is imported."""

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from marketing.models import MarketingTask

from . import downloads
from .api import CONTENT_ENCODING, FILE_NAME, ImportsView
from .checking import Look, look
from .serializers import Upload
from .states import Outcome
from .uploads import CsvBody, UploadParser, WorkbookBody


class FirstRow(serializers.Serializer):
    """How one of the first rows would be read."""

    row = serializers.IntegerField()
    address = serializers.CharField(source="typed", help_text="As it stands in the file.")
    stored = serializers.CharField(help_text="As it would be stored; empty where it fails.")
    outcome = serializers.SerializerMethodField(help_text="What it would become.")
    detail = serializers.CharField(source="text")
    values = serializers.ListField(child=serializers.CharField(), help_text="In the order of `columns`.")

    def get_outcome(self, verdict: Any) -> str:
        """Return "created", "duplicate", "failed" or "suppressed"."""
        return "created" if verdict.kind == "good" else str(Outcome(verdict.kind))


class ColumnFound(serializers.Serializer):
    """A column that is needed, and the one of the file that was found for it, or that is nearest."""

    name = serializers.CharField()
    found = serializers.CharField()
    nearest = serializers.CharField()


class LookError(serializers.Serializer):
    """Why the file would be refused."""

    code = serializers.CharField()
    detail = serializers.SerializerMethodField()

    def get_detail(self, refused: Any) -> str:
        """Return the sentence."""
        return str(refused.messages[0])


class LookSerializer(serializers.Serializer):
    """What an import of the file would begin with. `error`: why it would be refused, or null."""

    file_name = serializers.CharField(source="name")
    size = serializers.IntegerField(help_text="Bytes.")
    error = LookError(source="refused", allow_null=True)
    rows = serializers.IntegerField(help_text="Without the header.")
    sheet = serializers.CharField(help_text="Of a workbook: the sheet that is read.")
    columns = serializers.ListField(child=serializers.CharField(), help_text="The recipient, then each variable.")
    notes = serializers.ListField(child=serializers.CharField())
    first_rows = FirstRow(source="verdicts", many=True)
    columns_found = ColumnFound(many=True, help_text="Where a column is missing: what was found for each.")


class ImportCheck(ImportsView):
    parser_classes: Any = [UploadParser, CsvBody, WorkbookBody]

    @extend_schema(
        operation_id="imports_check",
        parameters=[FILE_NAME, CONTENT_ENCODING],
        request={
            "multipart/form-data": Upload,
            "text/csv": OpenApiTypes.BINARY,
            downloads.XLSX: OpenApiTypes.BINARY,
        },
        responses=LookSerializer,
    )
    def post(self, request: Request, task_id: UUID) -> Response:
        """Look into a file without importing it: its rows, its columns, and how the first rows would be read."""
        found = self._look(self.task(task_id), self.body(Upload))
        return Response(self.shown(LookSerializer, found))

    def _look(self, task: MarketingTask, given: dict[str, Any]) -> Look:
        file = given["file"]
        return look(task, file, name=file.name, size=file.size, operator=self.caller, rule=self.rule(given))
