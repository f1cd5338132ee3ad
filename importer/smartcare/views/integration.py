"""Configuration Center > Expansion and Integration > SmartCare Integration."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from importer.smartcare import integration
from importer.smartcare.connection import try_connection
from importer.smartcare.forms import IntegrationForm
from importer.smartcare.models import Integration
from tenants.access import TenantRequest, tenant_administrator


@sensitive_post_parameters("app_secret")
@require_http_methods(["GET", "POST"])
@tenant_administrator
def integration_page(request: TenantRequest) -> HttpResponse:
    stored = integration.integration_or_none()
    form = IntegrationForm(request.POST or None, instance=stored or Integration(tenant=request.tenant))
    if request.method == "POST" and form.is_valid() and _saved(form):
        messages.success(request, _("The SmartCare integration is saved."))
        return redirect("smartcare:integration")
    return render(request, "smartcare/integration.html", _context(request, form, stored))


@require_POST
@tenant_administrator
def connection_test(request: TenantRequest) -> HttpResponse:
    """Say whether SmartCare answers with what is saved."""
    try:
        count = try_connection(request.tenant, timezone.now())
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        text = ngettext(
            "SmartCare answers. It has %(count)s customer with bad calls for yesterday.",
            "SmartCare answers. It has %(count)s customers with bad calls for yesterday.",
            count,
        )
        messages.success(request, text % {"count": f"{count:,}"})
    return redirect("smartcare:integration")


def _saved(form: IntegrationForm) -> bool:
    try:
        integration.save(form.save(commit=False), form.cleaned_data["app_secret"])
    except ValidationError as refused:
        form.add_error(None, refused)
    return not form.errors


def _context(request: TenantRequest, form: IntegrationForm, stored: Integration | None) -> dict[str, Any]:
    refused = integration.why_off(request.tenant)
    return {
        "form": form,
        "stored": stored,
        "why_off": refused.messages[0] if refused else "",
        "expiring": integration.certificates_expiring(stored) if stored else [],
    }
