"""Home: a system administrator's own; everybody else's is their tenant space's."""

from typing import Any

from django.db.models import Count, Q
from django.http.response import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from aicc_console.administration import attention, health
from aicc_console.administration.figures import load
from importer.views.home import home as home_of_tenant
from tenants.access import signed_in, system_administrator
from tenants.models import LogEntry, Role, Tenant, TrustedAddress
from tenants.operation_log import action_text
from tenants.parameters import system_parameter

DEEDS = 8  # of the system administrators
LONG = 60  # seconds that an import waits for a worker


@require_GET
@signed_in
def home(request: Any) -> HttpResponseBase:
    if request.user.role != Role.SYSTEM_ADMINISTRATOR:
        return home_of_tenant(request)
    entries = LogEntry.objects.order_by("-created_at", "-id")[:DEEDS]
    in_use, disabled = Q(is_active=True), Q(is_active=False)
    context = {
        "spaces": Tenant.objects.aggregate(in_use=Count("pk", filter=in_use), disabled=Count("pk", filter=disabled)),
        "trusted": TrustedAddress.objects.count(),
        "caring_users": system_parameter("max_caring_users"),
        "items": attention.items(),
        "deeds": [{"entry": entry, "text": action_text(entry.action)} for entry in entries],
    }
    return render(request, "home_of_system.html", context)


@require_GET
@system_administrator
def health_now(request: Any) -> HttpResponse:
    """Show how everything is: fetched after Home, and again every ten seconds; a page of its own without script."""
    states, now = health.states_of_checks(), load()
    waiting = (timezone.now() - now.waiting_since).total_seconds() if now.waiting_since else 0
    context = {
        "states": states,
        "workers": health.workers_answering() if states["broker"] == "ok" else 0,
        "load": now,
        "waiting": waiting,
        "waits_long": waiting > LONG,
    }
    template = "administration/_health.html" if request.htmx else "administration/health.html"
    return render(request, template, context)
