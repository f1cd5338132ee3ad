"""REST: SmartCare Integration, certificates, and the days of a Care task."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from importer.downloads import XLSX
from marketing.models import MarketingTask
from marketing.states import TaskType
from tenants.refusals import declare, refusal, renaming
from tenants.rest import ASKING, TenantView

from . import certificates, integration, jobs
from .connection import try_connection
from .models import CareDay, Certificate, Integration
from .rows import rows_file
from .run import run_now
from .serializers import (
    CareDayQuery,
    CareDaySerializer,
    CareRowQuery,
    CareRowSerializer,
    CertificateSerializer,
    ConnectionSerializer,
    IntegrationSerializer,
)

REST_NAMES = {"authority": "ca_certificate", "pem": "certificate", "key": "private_key"}  # of the fields in a refusal

declare({"certificate_unknown": _("There is no such certificate.")})


class IntegrationView(TenantView):
    """SmartCare Integration."""

    resource = "parameters"
    tag = "smartcare"
    pagination_class = None

    @extend_schema(operation_id="smartcare_integration_read", responses=IntegrationSerializer)
    def get(self, request: Request) -> Response:
        """Read the integration; its secret is never answered. 404: not filled in yet."""
        stored = integration.integration_or_none()
        if stored is None:
            raise Http404
        return Response(self.shown(IntegrationSerializer, stored))

    @extend_schema(
        operation_id="smartcare_integration_set", request=IntegrationSerializer, responses=IntegrationSerializer
    )
    def put(self, request: Request) -> Response:
        """Set the integration as a whole. The address must be on the Address Trustlist."""
        values = self.body(IntegrationSerializer)
        secret = values.pop("app_secret", "")
        for name in ("authority", "client_certificate"):
            values[name] = self._certificate(name, values.pop(f"{name}_id", None))
        with renaming(REST_NAMES):
            saved = integration.save(Integration(tenant=self.tenant, **values), secret)
        return Response(self.shown(IntegrationSerializer, saved))

    def _certificate(self, name: str, pk: UUID | None) -> Certificate | None:
        if pk is None:
            return None
        found = self.tenant.certificates.filter(pk=pk).first()
        if found is None:
            raise ValidationError({REST_NAMES.get(name, name): refusal("certificate_unknown")})
        return found


class ConnectionTest(TenantView):
    resource = "parameters"
    tag = "smartcare"
    refusals = ASKING
    pagination_class = None

    @extend_schema(operation_id="smartcare_connection_test", request=None, responses=ConnectionSerializer)
    def post(self, request: Request) -> Response:
        """Ask SmartCare for yesterday's customers with what is saved; up to 15 seconds."""
        return Response({"customers": try_connection(self.tenant, timezone.now())})


class CareRun(TenantView):
    resource = "tasks"
    tag = "smartcare"
    pagination_class = None

    @extend_schema(operation_id="smartcare_run", request=None, responses={202: CareDaySerializer(many=True)})
    def post(self, request: Request) -> Response:
        """Begin a run of the published Care tasks now: yesterday, and days that are not whole yet."""
        days = run_now(self.tenant)
        jobs.enqueue(self.tenant)
        return Response(self.shown(CareDaySerializer, days, many=True), 202)


class CertificateList(TenantView):
    resource = "parameters"
    tag = "certificates"

    @extend_schema(responses=CertificateSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the certificates, the latest first; private keys are never answered."""
        return self.page(self.tenant.certificates.all(), CertificateSerializer)

    @extend_schema(request=CertificateSerializer, responses={201: CertificateSerializer})
    def post(self, request: Request) -> Response:
        """Keep a certificate. It must be PEM and not expired, and its key must match."""
        values = self.body(CertificateSerializer)
        key = values.pop("private_key", "")
        with renaming(REST_NAMES):
            kept = certificates.keep(Certificate(**values), key)
        return self.made(kept, CertificateSerializer, "api-certificate", kept.pk)


class CertificateDetail(TenantView):
    resource = "parameters"
    tag = "certificates"

    @extend_schema(responses=CertificateSerializer)
    def get(self, request: Request, certificate_id: UUID) -> Response:
        """Read a certificate."""
        certificate = get_object_or_404(self.tenant.certificates, pk=certificate_id)
        return Response(self.shown(CertificateSerializer, certificate))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, certificate_id: UUID) -> Response:
        """Delete a certificate that is not in use."""
        certificates.remove(get_object_or_404(self.tenant.certificates, pk=certificate_id))
        return Response(status=204)


class CareView(TenantView):
    """Base of what is about a Care task's days."""

    tag = "smartcare"

    def task(self, task_id: UUID) -> MarketingTask:
        """Return a Care task, or raise Http404."""
        return get_object_or_404(self.tenant.marketing_tasks, pk=task_id, task_type=TaskType.CARE)


class CareDayList(CareView):
    resource = "tasks"
    ordering = ("-business_date",)

    @extend_schema(parameters=[CareDayQuery], responses=CareDaySerializer(many=True))
    def get(self, request: Request, care_task_id: UUID) -> Response:
        """List the business days of a Care task, the latest first."""
        status = self.query(CareDayQuery).get("status")
        days = self.task(care_task_id).care_days.all()
        return self.page(days.filter(state=status) if status else days, CareDaySerializer)


class CareRowList(CareView):
    """Rows hold numbers, so viewers do not get them."""

    resource = "recipients"
    full_addresses = True
    ordering = ("row",)

    @extend_schema(
        parameters=[CareRowQuery],
        responses={
            (200, "application/json"): CareRowSerializer(many=True),
            (200, "text/csv"): OpenApiTypes.BINARY,
            (200, XLSX): OpenApiTypes.BINARY,
        },
    )
    def get(self, request: Request, care_task_id: UUID, day_id: UUID) -> HttpResponseBase:
        """Read the customers of a day that became no recipients, in SmartCare's order."""
        day = get_object_or_404(CareDay.objects.filter(task=self.task(care_task_id)), pk=day_id)
        wanted = self.query(CareRowQuery)
        if wanted["format"] != "json":
            return rows_file(day, wanted["outcome"], wanted["format"])
        return self.page(day.rows.filter(outcome=wanted["outcome"]), CareRowSerializer)
