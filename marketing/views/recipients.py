"""The pages of a task's recipients: the list with its search, and one by one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from marketing import intake
from marketing.channels import address_rule
from marketing.forms import RecipientForm
from marketing.models import MarketingTask, Recipient
from marketing.operations import operation, view_name
from marketing.origins import origins_named
from marketing.tasks import refusal_of
from tenants.access import TenantRequest, tenant_administrator, tenant_member
from tenants.models import User
from tenants.paging import count_text
from tenants.parameters import number_policy
from tenants.refusals import refusal

from .named import task_of
from .searching import found_by, search_form


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@tenant_member
def recipient_list(request: TenantRequest, task_id: UUID) -> HttpResponse:
    """Show the recipients. A search is posted, so that no digit stands in an address bar or a log."""
    task = task_of(request, task_id)
    form = search_form(request, task)
    found = found_by(form, task)
    page = found.page(form.data.get("cursor", ""))
    found_count = found.count() if form.is_narrowing() else task.recipient_count
    context = _task_context(request, task) | {
        "form": form,
        "page": page,
        "found_count": found_count,
        "found_text": count_text(found_count) if form.is_narrowing() else f"{found_count:,}",
        "may_export": request.user.is_tenant_administrator,
        "variables": task.template.variable_list(),
        "rows": _rows(task, page.rows),
        "change_refusal": _first(refusal_of("change", task, request.user)),
    }
    return render(request, "marketing/recipients.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@tenant_administrator
def recipient_add(request: TenantRequest, task_id: UUID) -> HttpResponse:
    task = task_of(request, task_id)
    if refused := refusal_of("add", task, request.user):
        return refused_page(request, task, refused)
    form = RecipientForm(request.POST or None, task=task)
    if form.is_valid() and _admitted(task, form):
        messages.success(request, _("The recipient is added."))
        return _after_saving(request, task)
    return _form_page(request, task, form, title=_("Add a recipient"))


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@tenant_administrator
def recipient_edit(request: TenantRequest, task_id: UUID, recipient_id: int) -> HttpResponse:
    task = task_of(request, task_id)
    recipient = task.recipients.filter(pk=recipient_id).first()
    if recipient is None:
        return gone(request, task)
    if refused := refusal_of("change", task, request.user):
        return refused_page(request, task, refused)
    form = RecipientForm(request.POST, task=task) if request.method == "POST" else RecipientForm.of(recipient, task)
    if form.is_valid() and _changed(task, recipient, form):
        messages.success(request, _("The recipient is saved."))
        return _after_saving(request, task)
    return _form_page(request, task, form, title=_("Edit a recipient"), recipient=recipient)


@sensitive_post_parameters()
@require_POST
@tenant_administrator
def address_judge(request: TenantRequest, task_id: UUID) -> HttpResponse:
    """Say how an address will be stored, or why it will not, while it is typed."""
    task = task_of(request, task_id)
    context = {"typed": request.POST.get("address", "").strip()}
    try:
        context["stored"] = address_rule(task.medium, number_policy(request.tenant))(context["typed"])
    except ValidationError as refused:
        context["refused"] = refused.messages[0]
    return render(request, "marketing/_address_judged.html", context)


def _task_context(request: TenantRequest, task: MarketingTask) -> dict[str, Any]:
    return {
        "task": task,
        "import_count": task.imports.count(),
        "add_operation": operation("add", task, request.user),
        "import_operation": operation("import", task, request.user),
    }


def _rows(task: MarketingTask, recipients: list[Recipient]) -> list[dict[str, Any]]:
    """Return each recipient with its values in the template's order, and what or who brought it."""
    origins = origins_named(task, {one.origin for one in recipients if one.origin})
    persons = User.objects.in_bulk({one.added_by_id for one in recipients if one.added_by_id})
    variables = task.template.variable_list()
    return [
        {
            "recipient": recipient,
            "values": [(recipient.variables.get(name, ""), default) for name, default in variables],
            "origin": origins.get(recipient.origin) if recipient.origin else None,
            "person": persons.get(recipient.added_by_id),
        }
        for recipient in recipients
    ]


def _admitted(task: MarketingTask, form: RecipientForm) -> bool:
    try:
        with intake.lock_for(task.pk, form.rules) as locked:
            intake.admit(locked, form.draft)
    except ValidationError as refused:
        form.add_refusal(refused)
    return not form.errors


def _changed(task: MarketingTask, recipient: Recipient, form: RecipientForm) -> bool:
    try:
        with intake.lock(task.pk) as locked:
            intake.change(locked, form.as_seen(recipient), form.draft)
    except ValidationError as refused:
        form.add_refusal(refused)
    return not form.errors


def _form_page(
    request: TenantRequest, task: MarketingTask, form: RecipientForm, title: str, recipient: Recipient | None = None
) -> HttpResponse:
    template = "_components/drawer.html" if request.htmx else "marketing/recipient_form.html"
    context = {
        "task": task,
        "form": form,
        "fields": "marketing/_recipient_fields.html",
        "title": title,
        "subtitle": f"{task.name} · {task.get_medium_display()}",
        "is_new": recipient is None,
        "action": request.path,
    }
    return render(request, template, context)


def _after_saving(request: TenantRequest, task: MarketingTask) -> HttpResponse:
    name = "marketing:recipient-add" if "add_another" in request.POST else view_name(task)
    if request.htmx and name == "marketing:recipient-add":
        return _form_page(request, task, RecipientForm(task=task), title=_("Add a recipient"))
    address = reverse(name, args=[task.pk])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def gone(request: TenantRequest, task: MarketingTask) -> HttpResponse:
    """Tell who works with the list that somebody deleted the recipient; to others it does not exist."""
    if not request.htmx:
        raise Http404
    return refused_page(request, task, refusal("recipient_gone"))


def refused_page(request: TenantRequest, task: MarketingTask, refused: ValidationError) -> HttpResponse:
    """Go back to the list, which says why."""
    messages.error(request, refused.messages[0])
    address = reverse(view_name(task), args=[task.pk])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def _first(refused: ValidationError | None) -> str:
    return refused.messages[0] if refused else ""
