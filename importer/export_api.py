"""REST: recipients and the Opt-out List as files, and a file that becomes part of that list."""

from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from marketing.channels import Medium
from marketing.opt_out_api import OptOutCounts, OptOutsView
from marketing.opt_outs import Origin
from marketing.recipient_api import RecipientsView
from marketing.serializers import NoQuery, RecipientQuery
from marketing.states import OptOutSource
from tenants.bodies import Choice, StrictSerializer

from . import downloads
from .opt_out_files import bring
from .uploads import UploadParser


class ExportQuery(RecipientQuery):
    """Filters of the list of recipients, and the form that is wanted."""

    format = Choice(sorted(downloads.FILE_TYPES), default="csv")


class RecipientsExport(RecipientsView):
    full_addresses = True
    pagination_class = None
    query_kind = ExportQuery

    @extend_schema(
        operation_id="recipients_export",
        parameters=[ExportQuery],
        responses={(200, "text/csv"): OpenApiTypes.BINARY, (200, downloads.XLSX): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, task_id: UUID) -> HttpResponseBase:
        """Download the recipients that the filters let through, in the shape of the template: it can be imported."""
        task = self.task(task_id)
        return downloads.recipients_file(task, self.found(task), self.query(ExportQuery)["format"])


class OptOutsExport(OptOutsView):
    full_addresses = True
    pagination_class = None

    @extend_schema(operation_id="opt_outs_export", responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def get(self, request: Request) -> HttpResponseBase:
        """Download the whole list as .csv, the latest first."""
        self.query(NoQuery)
        return downloads.opt_outs_file(self.tenant.opt_outs.all())


class OptOutUpload(StrictSerializer):
    """A file of addresses of one medium: .xlsx or .csv, with the header of an import and perhaps Remark."""

    file = serializers.FileField(allow_empty_file=True, help_text="An .xlsx or .csv.")
    medium = Choice(Medium.choices)
    valid_until = serializers.DateTimeField(required=False, allow_null=True, default=None)


class RefusedRow(serializers.Serializer):
    """A row that did not come onto the list."""

    row = serializers.IntegerField(source="row.number")
    code = serializers.CharField()
    detail = serializers.CharField(source="reason")
    cells = serializers.ListField(child=serializers.CharField(), source="row.cells")


class OptOutFileAnswer(serializers.Serializer):
    """What became of a file; those that are on the list already are counted only."""

    counts = OptOutCounts()
    refused = RefusedRow(many=True)


class OptOutsImport(OptOutsView):
    parser_classes: Any = [UploadParser]

    @extend_schema(
        operation_id="opt_outs_import", request={"multipart/form-data": OptOutUpload}, responses=OptOutFileAnswer
    )
    def post(self, request: Request) -> Response:
        """Put the addresses of a file on the list; a row that is refused does not hinder the others."""
        given = self.body(OptOutUpload)
        origin = Origin(given["medium"], OptOutSource.FILE, self.caller, given["valid_until"])
        brought = bring(self.tenant, given["file"], name=given["file"].name, origin=origin)
        counts = {"total": brought.total} | brought.counts
        return Response(self.shown(OptOutFileAnswer, {"counts": counts, "refused": brought.refused}))
