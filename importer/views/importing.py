"""The Import Marketing Data dialog: its check, its OK, and its template."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from importer import downloads, jobs
from importer.checking import Look, look
from importer.folders import folder_context
from importer.forms import ImportForm
from importer.layout import recipient_headers
from importer.limits import MIB, Limits
from importer.models import ImportBatch
from importer.states import Parsing
from importer.submission import submit, submit_from_server
from importer.views.rule_choice import rule_context
from marketing.models import MarketingTask
from marketing.tasks import refusal_of
from marketing.views.named import task_of
from tenants.access import TenantRequest, tenant_administrator
from tenants.parameters import system_parameter


@require_http_methods(["GET", "POST"])
@tenant_administrator
def import_data(request: TenantRequest, task_id: UUID) -> HttpResponse:
    """Show the dialog; on OK, import the file and show its progress."""
    task = task_of(request, task_id)
    if refused := refusal_of("import", task, request.user):
        messages.error(request, refused.messages[0])
        return _go(request, reverse("importer:imports", args=[task.pk]))
    form = _form(request)
    if form.is_valid() and (address := _submitted(request, task, form)):
        return _go(request, address)
    template = "importer/_import_dialog.html" if request.htmx else "importer/import_data.html"
    if request.htmx and request.method == "POST":
        template = "importer/_import_refused.html"
    return render(
        request,
        template,
        _context(task) | rule_context(request, task) | {"form": form, "servers": form.servers},
    )


@require_POST
@tenant_administrator
def import_check(request: TenantRequest, task_id: UUID) -> HttpResponse:
    """Say what can be said of the chosen file: header, rows, and how the first ones will be read."""
    task = task_of(request, task_id)
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
def import_folder(request: TenantRequest, task_id: UUID) -> HttpResponse:
    """Show what lies in a folder of the chosen file server, to pick a file from."""
    task = task_of(request, task_id)
    form = ImportForm(request.GET, tenant=request.tenant)
    form.is_valid()
    server, path = form.cleaned_data.get("file_server"), request.GET.get("path", "")
    context: dict[str, Any] = {"refused": form.errors.get("file_server", [""])[0]}
    if server is not None:
        context = folder_context(server, path)
    return render(request, "importer/_import_folder.html", context | {"task": task, "server": server})


@require_GET
@tenant_administrator
def import_template(request: TenantRequest, task_id: UUID) -> FileResponse:
    """Download Marketing Data Template."""
    return downloads.template_file(task_of(request, task_id))


def _form(request: TenantRequest) -> ImportForm:
    if request.method == "POST":
        return ImportForm(request.POST, request.FILES, tenant=request.tenant)
    rule = request.GET.get("mapping_rule", "")
    chosen = {"parsing": Parsing.RULE, "mapping_rule": rule} if rule else {}
    return ImportForm(initial=chosen, tenant=request.tenant)


def _submitted(request: TenantRequest, task: MarketingTask, form: ImportForm) -> str:
    """Return the address of the new import, or "" when the file was refused."""
    try:
        batch = _new_import(request, task, form)
    except ValidationError as refused:
        form.add_error("file_name" if form.is_by_server else "file", refused)
        return ""
    jobs.enqueue(batch)
    return reverse("importer:import", args=[task.pk, batch.pk])


def _new_import(request: TenantRequest, task: MarketingTask, form: ImportForm) -> ImportBatch:
    chosen = form.cleaned_data
    if form.is_by_server:
        place = {"path": chosen["path"], "file_name": chosen["file_name"]}
        return submit_from_server(task, chosen["file_server"], **place, operator=request.user, rule=form.rule)
    return submit(task, chosen["file"], name=chosen["file"].name, operator=request.user, rule=form.rule)


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
