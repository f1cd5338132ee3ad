"""The Import Marketing Data dialog: its check, its OK, and its template."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from importer import downloads, jobs
from importer.checking import Look, look
from importer.forms import ImportForm
from importer.layout import recipient_headers
from importer.limits import MIB, Limits
from importer.submission import submit
from importer.views.rule_choice import rule_context
from marketing.models import MarketingTask
from marketing.tasks import refusal_of
from tenants.access import TenantRequest, tenant_administrator
from tenants.parameters import system_parameter


@require_http_methods(["GET", "POST"])
@tenant_administrator
def import_data(request: TenantRequest, task_id: UUID) -> HttpResponse:
    """Show the dialog; on OK, import the file and show its progress."""
    task = _task(request, task_id)
    if refused := refusal_of("import", task, request.user):
        messages.error(request, refused.messages[0])
        return _go(request, reverse("importer:imports", args=[task.pk]))
    form = _form(request)
    if form.is_valid() and (address := _submitted(request, task, form)):
        return _go(request, address)
    template = "importer/_import_dialog.html" if request.htmx else "importer/import_data.html"
    if request.htmx and request.method == "POST":
        template = "importer/_import_refused.html"
    return render(request, template, _context(task) | rule_context(request, task) | {"form": form})


@require_POST
@tenant_administrator
def import_check(request: TenantRequest, task_id: UUID) -> HttpResponse:
    """Say what can be said of the chosen file: header, rows, and how the first ones will be read."""
    task = _task(request, task_id)
    form = _form(request)
    context = _context(task) | {"form": form}
    if form.is_valid():
        file = form.cleaned_data["file"]
        context["look"] = look(task, file, name=file.name, size=file.size, operator=request.user, rule=form.rule)
    elif file := form.cleaned_data.get("file"):
        context["look"] = Look(file.name, file.size)
    return render(request, "importer/_check.html", context)


@require_GET
@tenant_administrator
def import_template(request: TenantRequest, task_id: UUID) -> FileResponse:
    """Download Marketing Data Template."""
    return downloads.template_file(_task(request, task_id))


def _form(request: TenantRequest) -> ImportForm:
    rules = request.tenant.mapping_rules.all()
    return ImportForm(request.POST, request.FILES, rules=rules) if request.method == "POST" else ImportForm(rules=rules)


def _submitted(request: TenantRequest, task: MarketingTask, form: ImportForm) -> str:
    """Return the address of the new import, or "" when the file was refused."""
    file = form.cleaned_data["file"]
    try:
        batch = submit(task, file, name=file.name, operator=request.user, rule=form.rule)
    except ValidationError as refused:
        form.add_error("file", refused)
        return ""
    jobs.enqueue(batch)
    return reverse("importer:import", args=[task.pk, batch.pk])


def _context(task: MarketingTask) -> dict[str, Any]:
    limits = Limits.by_file()
    names = [variable.name for variable in task.template.variable_list()]
    return {
        "task": task,
        "max_rows": system_parameter("max_file_rows"),
        "max_server_rows": system_parameter("max_server_rows"),
        "advised_rows": system_parameter("advised_rows"),
        "max_bytes": limits.workbook_bytes,
        "max_megabytes": limits.workbook_bytes // MIB,
        "column_names": _(", ").join([recipient_headers(task.medium)[0], *names]),
    }


def _go(request: TenantRequest, address: str) -> HttpResponse:
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def _task(request: TenantRequest, task_id: UUID) -> MarketingTask:
    return get_object_or_404(request.tenant.marketing_tasks.select_related("template"), pk=task_id)
