"""REST: importing a file into a task, following it, and the rows that it did not create."""

import hashlib
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.http import parse_etags
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings

from marketing.models import MarketingTask
from tenants.refusals import refusal
from tenants.rest import TenantView

from . import downloads, jobs
from .cancellation import cancel
from .forms import narrowed
from .models import ImportBatch, MappingRule
from .sent_rows import submit_rows
from .serializers import ImportQuery, ImportSerializer, SentRows, ServerImport, Upload
from .states import Parsing
from .submission import submit, submit_from_server
from .uploads import CsvBody, UploadParser, WorkbookBody

POLL_SECONDS = 1  # Retry-After of an import that runs
FILE_NAME = OpenApiParameter("file_name", str, description="Of a file that is the body: how it is called.")
CONTENT_ENCODING = OpenApiParameter(
    "Content-Encoding",
    str,
    OpenApiParameter.HEADER,
    enum=["identity", "gzip"],
    description="Of a file that is the body.",
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="The ETag of an earlier answer."
)


class ImportsView(TenantView):
    """Base of what is about imports."""

    resource = "imports"
    tag = "imports"

    def task(self, task_id: UUID) -> MarketingTask:
        """Return a task with its template, or raise Http404."""
        tasks = self.tenant.marketing_tasks.select_related("template")
        return get_object_or_404(tasks, pk=task_id)

    def rule(self, given: dict[str, Any]) -> MappingRule | None:
        """Return the mapping rule of an import's body, None for parsing by template.

        ValidationError: rule_missing, rule_unwanted, rule_unknown.
        """
        is_by_rule, rule_id = given.get("parsing") == Parsing.RULE, given.get("mapping_rule")
        if is_by_rule != bool(rule_id):
            raise ValidationError({"mapping_rule": refusal("rule_missing" if is_by_rule else "rule_unwanted")})
        found = self.tenant.mapping_rules.filter(pk=rule_id).first() if rule_id else None
        if rule_id and found is None:
            raise ValidationError({"mapping_rule": refusal("rule_unknown")})
        return found

    def imports(self) -> QuerySet[ImportBatch]:
        """Return the tenant's imports."""
        return self.tenant.imports.all()

    def batch(self, batch_id: UUID) -> ImportBatch:
        """Return one of them, or raise Http404."""
        return get_object_or_404(self.imports(), pk=batch_id)


class ImportTemplate(ImportsView):
    resource = "tasks"

    @extend_schema(responses={(200, downloads.XLSX): OpenApiResponse(OpenApiTypes.BINARY, "The workbook to fill.")})
    def get(self, request: Request, task_id: UUID) -> HttpResponseBase:
        """Download the empty template of a task."""
        return downloads.template_file(self.task(task_id))


class TaskImports(ImportsView):
    parser_classes: Any = [UploadParser, CsvBody, WorkbookBody, *api_settings.DEFAULT_PARSER_CLASSES]

    @extend_schema(
        operation_id="imports_create",
        parameters=[FILE_NAME, CONTENT_ENCODING],
        request={
            "multipart/form-data": Upload,
            "application/json": PolymorphicProxySerializer(
                component_name="ImportBody", serializers=[SentRows, ServerImport], resource_type_field_name=None
            ),
            "text/csv": OpenApiTypes.BINARY,
            downloads.XLSX: OpenApiTypes.BINARY,
        },
        responses={202: ImportSerializer},
    )
    def post(self, request: Request, task_id: UUID) -> Response:
        """Import a file, sent as a form or as the body itself, or one of a file server; or up to 1,000 rows as JSON.

        What can be known at once is refused at once; then poll the import until it has ended. A server's file is
        fetched first, while the import is `preparing`.
        """
        task = self.task(task_id)
        batch = self._new_import(task)
        jobs.enqueue(batch)
        answer = self.made(batch, ImportSerializer, "api-import", batch.pk, status=202)
        answer["Retry-After"] = str(POLL_SECONDS)
        return answer

    def _new_import(self, task: MarketingTask) -> ImportBatch:
        if _has_rows(self.request.data):
            return self._rows(task)
        is_json = (self.request.content_type or "").startswith("application/json")
        return self._from_server(task) if is_json else self._file(task)

    def _rows(self, task: MarketingTask) -> ImportBatch:
        return submit_rows(task, self.body(SentRows)["rows"], operator=self.caller)

    def _file(self, task: MarketingTask) -> ImportBatch:
        given = self.body(Upload)
        file, rule = given["file"], self.rule(given)
        return submit(task, file, name=file.name, operator=self.caller, rule=rule)

    def _from_server(self, task: MarketingTask) -> ImportBatch:
        given = self.body(ServerImport)
        rule, server = self.rule(given), self.tenant.file_servers.filter(pk=given["file_server"]).first()
        if server is None:
            raise ValidationError({"file_server": refusal("server_unknown")})
        place = {"path": given.get("path", ""), "file_name": given["file_name"]}
        return submit_from_server(task, server, **place, operator=self.caller, rule=rule)


class ImportList(ImportsView):
    @extend_schema(parameters=[ImportQuery], responses=ImportSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the imports, the latest first."""
        chosen = self.query(ImportQuery)
        of_task = {"task_id": chosen.pop("task")} if "task" in chosen else {}
        named = chosen | {"state": chosen.get("status"), "task": chosen.get("task_name")}
        return self.page(narrowed(self.imports().filter(**of_task), named), ImportSerializer)


class ImportDetail(ImportsView):
    @extend_schema(
        parameters=[IF_NONE_MATCH],
        responses={200: ImportSerializer, 304: OpenApiResponse(description="Nothing changed since that ETag.")},
    )
    def get(self, request: Request, batch_id: UUID) -> Response:
        """Read an import: status, progress and counts."""
        batch = self.batch(batch_id)
        tag = _tag_of(batch)
        headers = {"ETag": tag} | ({} if batch.has_ended else {"Retry-After": str(POLL_SECONDS)})
        if tag in parse_etags(request.headers.get("If-None-Match", "")):
            return Response(status=304, headers=headers)
        return Response(self.shown(ImportSerializer, batch), headers=headers)


class ImportCancel(ImportsView):
    @extend_schema(request=None, responses=ImportSerializer)
    def post(self, request: Request, batch_id: UUID) -> Response:
        """Cancel an import. The recipients created so far stay; the other rows are unprocessed."""
        batch = self.batch(batch_id)
        cancel(batch)
        return Response(self.shown(ImportSerializer, batch))


def _has_rows(sent: Any) -> bool:
    return isinstance(sent, dict) and "rows" in sent and not isinstance(sent, QueryDict)


def _tag_of(batch: ImportBatch) -> str:
    """Return a weak ETag: it moves with state, bytes and rows, not with the speed that is estimated anew each time."""
    done = f"{batch.fetched_bytes} {batch.source_bytes} {batch.next_chunk} {batch.unprocessed}"
    told = f"{batch.pk} {batch.state} {done} {batch.held_code} {get_language()}"
    return f'W/"{hashlib.sha256(told.encode()).hexdigest()[:32]}"'
