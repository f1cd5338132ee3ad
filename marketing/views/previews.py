"""The preview of a message while it is written or chosen. What is typed there is shown, and kept nowhere."""

from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from marketing.forms import SAMPLE, VALUE
from marketing.models import MessageTemplate
from marketing.preview import preview_of
from tenants.access import TenantRequest, tenant_administrator


@sensitive_post_parameters()
@require_POST
@tenant_administrator
def message_preview(request: TenantRequest) -> HttpResponse:
    """Answer the message with the values typed so far: of a chosen template, or of a text being written."""
    values = typed_values(request.POST, VALUE) | typed_values(request.POST, SAMPLE)
    if "body" in request.POST:
        preview = preview_of(_written(request.POST), request.POST.get("medium", ""), values)
    else:
        preview = preview_of(_chosen(request), request.POST.get("medium", ""), values)
    template = "_preview_brief.html" if "is_brief" in request.POST else "_preview_shown.html"
    return render(request, f"marketing/{template}", {"preview": preview})


def typed_values(typed: QueryDict, prefix: str) -> dict[str, str]:
    """Return {variable: value} of the fields whose name begins with `prefix`, those left blank aside."""
    return {name.removeprefix(prefix): str(typed[name]) for name in typed if name.startswith(prefix) and typed[name]}


def _written(typed: QueryDict) -> MessageTemplate:
    return MessageTemplate(subject=typed.get("subject", ""), body=str(typed["body"]))


def _chosen(request: TenantRequest) -> MessageTemplate | None:
    try:
        chosen = UUID(request.POST.get("template", ""))
    except ValueError:
        return None
    return request.tenant.message_templates.filter(pk=chosen).first()
