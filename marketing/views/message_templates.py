"""The pages under Workbench Configuration > Notification Template."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from marketing import saving
from marketing.forms import MessageTemplateForm
from marketing.models import MessageTemplate
from tenants.access import TenantRequest, tenant_administrator, tenant_member
from tenants.paging import page_of
from tenants.questions import Question, answer


@require_GET
@tenant_member
def template_list(request: TenantRequest) -> HttpResponse:
    templates = request.tenant.message_templates.annotate(task_count=Count("marketing_tasks"))
    page = page_of(templates, order=("name",), cursor=request.GET.get("cursor", ""))
    count = request.tenant.message_templates.count()
    text = ngettext("%(count)s template", "%(count)s templates", count) % {"count": f"{count:,}"}
    context = {
        "templates": page.rows,
        "previous": f"?cursor={page.previous}" if page.previous else "",
        "next": f"?cursor={page.next}" if page.next else "",
        "text": text,
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


@require_http_methods(["GET", "POST"])
@tenant_administrator
def template_delete(request: TenantRequest, template_id: UUID) -> HttpResponse:
    template = get_object_or_404(request.tenant.message_templates, pk=template_id)
    if request.method == "POST":
        return _deleted(request, template)
    question = Question(
        title=_("Delete “%(name)s”?") % {"name": template.name},
        text=_("A template that a task uses cannot be deleted. This cannot be undone."),
        verb=_("Delete template"),
        keep=_("Keep"),
        action=request.path,
        back=reverse("marketing:message-templates"),
        icon="trash",
    )
    return answer(request, question)


def _deleted(request: TenantRequest, template: MessageTemplate) -> HttpResponse:
    try:
        saving.delete_template(template)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, _("“%(name)s” is deleted.") % {"name": template.name})
    return redirect("marketing:message-templates")


def _form_page(
    request: TenantRequest, form: MessageTemplateForm, title: str, template: MessageTemplate | None = None
) -> HttpResponse:
    if form.is_valid() and _is_saved(form):
        messages.success(request, _("“%(name)s” is saved.") % {"name": form.instance.name})
        return redirect("marketing:message-templates")
    context: dict[str, Any] = {"form": form, "title": title, "template": template, "defaults": form.typed_defaults()}
    return render(request, "marketing/message_template_form.html", context)


def _is_saved(form: MessageTemplateForm) -> bool:
    try:
        saving.save_template(form.save(commit=False), form.defaults())
    except ValidationError as refused:
        form.add_error(None, refused)
    return not form.errors
