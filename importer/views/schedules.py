"""Scheduled imports of a task, and the imports that wait for approval."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from importer import approval, schedules
from importer.jobs import enqueue, enqueue_scheduled
from importer.models import ImportBatch
from importer.schedule_forms import ScheduledImportForm
from importer.schedule_models import ScheduledImport
from importer.states import ImportState
from marketing.views.named import task_of
from tenants.access import TenantRequest, tenant_administrator, tenant_member
from tenants.questions import Question, answer, ask_to_delete


@require_GET
@tenant_member
def schedule_list(request: TenantRequest, task_id: UUID) -> HttpResponse:
    task = task_of(request, task_id)
    found = task.scheduled_imports.select_related("tenant", "file_server", "rule")
    may_change = request.user.is_tenant_administrator
    context = {
        "task": task,
        "import_count": task.imports.count(),
        "schedules": list(found.order_by("-created_at", "-id")),
        "held": list(task.imports.filter(state=ImportState.PREPARING).exclude(held_code="").order_by("number")),
        "servers": request.tenant.file_servers.exists(),
        "may_change": may_change,
        "may_download": may_change,
    }
    return render(request, "importer/scheduled_imports.html", context)


@require_http_methods(["GET", "POST"])
@tenant_administrator
def schedule_create(request: TenantRequest, task_id: UUID) -> HttpResponse:
    task = task_of(request, task_id)
    return _form_page(request, ScheduledImport(tenant=request.tenant, task=task), _("Create scheduled import"))


@require_http_methods(["GET", "POST"])
@tenant_administrator
def schedule_edit(request: TenantRequest, task_id: UUID, schedule_id: UUID) -> HttpResponse:
    return _form_page(request, _schedule(request, task_id, schedule_id), _("Edit scheduled import"))


@require_POST
@tenant_administrator
def schedule_switch(request: TenantRequest, task_id: UUID, schedule_id: UUID) -> HttpResponse:
    schedule = schedules.switch(_schedule(request, task_id, schedule_id), is_on=request.POST.get("is_on") == "yes")
    text = _("“%(path)s” is switched on.") if schedule.is_active else _("“%(path)s” is switched off.")
    messages.success(request, text % {"path": schedule.path})
    return redirect("importer:scheduled-imports", task_id)


@require_POST
@tenant_administrator
def schedule_run(request: TenantRequest, task_id: UUID, schedule_id: UUID) -> HttpResponse:
    schedule = _schedule(request, task_id, schedule_id)
    try:
        schedules.want_now(schedule)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        enqueue_scheduled(request.tenant.pk, schedule.pk)
        messages.success(request, _("A run has begun. Load the page again to see what it found."))
    return redirect("importer:scheduled-imports", task_id)


@require_http_methods(["GET", "POST"])
@tenant_administrator
def schedule_delete(request: TenantRequest, task_id: UUID, schedule_id: UUID) -> HttpResponse:
    schedule, back = _schedule(request, task_id, schedule_id), reverse("importer:scheduled-imports", args=[task_id])
    if request.method == "POST":
        schedules.delete(schedule)
        messages.success(request, _("“%(name)s” is deleted.") % {"name": schedule.path})
        return redirect(back)
    text = _(
        "Nothing is taken by itself any more, and which contents were taken is forgotten. "
        "The recipients that it brought stay. This cannot be undone."
    )
    return ask_to_delete(request, schedule.path, text=text, verb=_("Delete scheduled import"), back=back)


@require_POST
@tenant_administrator
def import_approve(request: TenantRequest, task_id: UUID, batch_id: UUID) -> HttpResponse:
    batch = _batch(request, task_id, batch_id)
    if _is_decided(request, batch, approval.approve):
        enqueue(batch)
        messages.success(request, _("Import %(number)s is approved and goes on.") % {"number": batch.number})
    return redirect("importer:import", task_id, batch_id)


@require_http_methods(["GET", "POST"])
@tenant_administrator
def import_discard(request: TenantRequest, task_id: UUID, batch_id: UUID) -> HttpResponse:
    batch = _batch(request, task_id, batch_id)
    if request.method == "POST":
        if _is_decided(request, batch, approval.discard):
            messages.success(request, _("Import %(number)s is discarded.") % {"number": batch.number})
        return redirect("importer:import", task_id, batch_id)
    question = Question(
        title=_("Discard import %(number)s?") % {"number": batch.number},
        text=_("Nothing of its file is imported, and the schedule does not take the same content again."),
        verb=_("Discard import"),
        keep=_("Keep"),
        action=request.path,
        back=reverse("importer:import", args=[task_id, batch_id]),
    )
    return answer(request, question)


def _is_decided(request: TenantRequest, batch: ImportBatch, decide: Callable[[ImportBatch], None]) -> bool:
    try:
        decide(batch)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
        return False
    return True


def _form_page(request: TenantRequest, schedule: ScheduledImport, title: str) -> HttpResponse:
    form = ScheduledImportForm(request.POST or None, schedule=schedule, tenant=request.tenant)
    if form.is_saved():
        messages.success(request, _("“%(name)s” is saved.") % {"name": schedule.path})
        return redirect("importer:scheduled-imports", schedule.task_id)
    context = {"form": form, "title": title, "task": schedule.task}
    return render(request, "importer/scheduled_import_form.html", context)


def _schedule(request: TenantRequest, task_id: UUID, schedule_id: UUID) -> ScheduledImport:
    found = task_of(request, task_id).scheduled_imports.select_related("tenant", "task")
    return get_object_or_404(found, pk=schedule_id)


def _batch(request: TenantRequest, task_id: UUID, batch_id: UUID) -> ImportBatch:
    return get_object_or_404(task_of(request, task_id).imports.select_related("task"), pk=batch_id)
