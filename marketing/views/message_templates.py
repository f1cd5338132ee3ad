"""The pages under Workbench Configuration > Notification Template."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketing import saving
from marketing.filters import TemplateFilterForm
from marketing.forms import MessageTemplateForm
from marketing.models import MessageTemplate
from marketing.preview import Preview
from tenants.access import TenantRequest, tenant_administrator, tenant_member
from tenants.paging import page_of
from tenants.questions import ask_to_delete

USES_SHOWN = 10  # tasks that use a template
LIST = "marketing:message-templates"


@require_GET
@tenant_member
def template_list(request: TenantRequest) -> HttpResponse:
    form = TemplateFilterForm(request.GET)
    chosen = form.chosen()
    found = form.narrow(request.tenant.message_templates.all())
    page = page_of(
        found.annotate(task_count=Count("marketing_tasks")), order=("name",), cursor=request.GET.get("cursor", "")
    )
    count = found.count()
    context = {
        "form": form,
        "is_filtered": bool(chosen),
        "templates": page.rows,
        "previous": f"?{urlencode(chosen | {'cursor': page.previous})}" if page.previous else "",
        "next": f"?{urlencode(chosen | {'cursor': page.next})}" if page.next else "",
        "text": ngettext("%(count)s template", "%(count)s templates", count) % {"count": f"{count:,}"},
        "may_change": request.user.is_tenant_administrator,
    }
    return render(request, "marketing/message_templates.html", context)


@require_http_methods(["GET", "POST"])
@tenant_administrator
def template_create(request: TenantRequest) -> HttpResponse:
    form = MessageTemplateForm(request.POST or None, tenant=request.tenant)
    return _form_page(request, form, title=_("Create template"))


@require_http_methods(["GET", "POST"])
@tenant_administrator
def template_edit(request: TenantRequest, template_id: UUID) -> HttpResponse:
    template = get_object_or_404(request.tenant.message_templates, pk=template_id)
    form = MessageTemplateForm(request.POST or None, instance=template, tenant=request.tenant)
    return _form_page(request, form, title=_("Edit template"), template=template)


@require_POST
@tenant_administrator
def template_copy(request: TenantRequest, template_id: UUID) -> HttpResponse:
    template = get_object_or_404(request.tenant.message_templates, pk=template_id)
    try:
        made = saving.copy_template(template)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
        return redirect(LIST)
    messages.success(request, _("“%(name)s” is created.") % {"name": made.name})
    return redirect("marketing:message-template-edit", made.pk)


@require_http_methods(["GET", "POST"])
@tenant_administrator
def template_delete(request: TenantRequest, template_id: UUID) -> HttpResponse:
    template = get_object_or_404(request.tenant.message_templates, pk=template_id)
    if request.method == "POST":
        return _deleted(request, template)
    text = _("A template that a task uses cannot be deleted. This cannot be undone.")
    return ask_to_delete(request, template.name, text=text, verb=_("Delete template"), back=reverse(LIST))


def _deleted(request: TenantRequest, template: MessageTemplate) -> HttpResponse:
    try:
        saving.delete_template(template)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, _("“%(name)s” is deleted.") % {"name": template.name})
    return redirect(LIST)


def _form_page(
    request: TenantRequest, form: MessageTemplateForm, title: str, template: MessageTemplate | None = None
) -> HttpResponse:
    is_preview = "preview" in request.POST
    if not is_preview and form.is_valid() and _is_saved(form):
        messages.success(request, _("“%(name)s” is saved.") % {"name": form.instance.name})
        return redirect(LIST)
    preview = _preview_of(form)
    context = {"form": form, "title": title, "is_preview": is_preview, "preview": preview}
    context["defaults"] = form.typed_defaults(preview.names)
    return render(request, "marketing/message_template_form.html", context | _uses_of(template))


def _is_saved(form: MessageTemplateForm) -> bool:
    try:
        saving.save_template(form.save(commit=False), form.defaults(), seen=form.cleaned_data["seen"])
    except ValidationError as refused:
        form.add_error(None, refused)
        if form.has_error("__all__", "changed_meanwhile"):
            form.see(MessageTemplate.objects.get(pk=form.instance.pk))
    return not form.errors


def _preview_of(form: MessageTemplateForm) -> Preview:
    subject, body = (form[name].value() or "" for name in ("subject", "body"))
    return Preview(form["medium"].value(), subject, body, form.typed_defaults())


def _uses_of(template: MessageTemplate | None) -> dict[str, Any]:
    """Return the template with the tasks that use it, the latest first."""
    if template is None:
        return {}
    tasks = template.marketing_tasks.order_by("-created_at")
    return {"template": template, "uses": list(tasks[:USES_SHOWN]), "use_count": tasks.count()}
