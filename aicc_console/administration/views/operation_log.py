"""Call Center > Operation Log: what concerns no tenant space."""

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from tenants.access import system_administrator
from tenants.models import LogEntry
from tenants.views.operation_log import export, page


@require_GET
@system_administrator
def operation_log(request: Any) -> HttpResponse:
    return page(request, LogEntry.objects.filter(tenant=None), "administration:operation-log")


@require_GET
@system_administrator
def operation_log_export(request: Any) -> HttpResponseBase:
    return export(request, LogEntry.objects.filter(tenant=None), "administration:operation-log")
