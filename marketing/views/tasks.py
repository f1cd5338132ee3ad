"""The pages of a marketing task: itself, and what is done with it whole."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketing import tasks
from marketing.models import MarketingTask
from marketing.operations import operation, operations_of
from tenants.access import TenantRequest, tenant_administrator, tenant_member
from tenants.questions import Question, answer, ask_to_delete, is_confirmed


@require_GET
@tenant_member
def task_detail(request: TenantRequest, task_id: UUID) -> HttpResponse:
    task = get_object_or_404(request.tenant.marketing_tasks.select_related("template", "created_by"), pk=task_id)
    context = {
        "task": task,
        "import_count": task.imports.count(),
        "operations": operations_of(task, request.user),
        "import_operation": operation("import", task, request.user),
    }
    return render(request, "marketing/task.html", context)


@require_http_methods(["GET", "POST"])
@tenant_administrator
def task_publish(request: TenantRequest, task_id: UUID) -> HttpResponse:
    task = get_object_or_404(request.tenant.marketing_tasks, pk=task_id)
    if request.method == "POST":
        return _moved(request, task, "publish", _("“%(name)s” is running."))
    count = task.recipient_count
    text = ngettext(
        "%(count)s recipient gets the message, from the begin time on. A Running task can be suspended.",
        "%(count)s recipients get the message, from the begin time on. A Running task can be suspended.",
        count,
    ) % {"count": f"{count:,}"}
    question = Question(
        title=_("Publish “%(name)s”?") % {"name": task.name},
        text=text,
        verb=_("Publish task"),
        keep=pgettext("question", "Not yet"),
        action=request.path,
        back=reverse("marketing:tasks"),
        icon="player-play",
        is_harmless=True,
    )
    return answer(request, question)


@require_POST
@tenant_administrator
def task_suspend(request: TenantRequest, task_id: UUID) -> HttpResponse:
    task = get_object_or_404(request.tenant.marketing_tasks, pk=task_id)
    return _moved(request, task, "suspend", _("“%(name)s” is suspended. Nothing is sent until you resume it."))


@require_POST
@tenant_administrator
def task_resume(request: TenantRequest, task_id: UUID) -> HttpResponse:
    task = get_object_or_404(request.tenant.marketing_tasks, pk=task_id)
    return _moved(request, task, "resume", _("“%(name)s” is running."))


@require_http_methods(["GET", "POST"])
@tenant_administrator
def task_complete(request: TenantRequest, task_id: UUID) -> HttpResponse:
    task = get_object_or_404(request.tenant.marketing_tasks, pk=task_id)
    if request.method == "POST":
        return _moved(request, task, "complete", _("“%(name)s” is completed."))
    question = Question(
        title=_("Complete “%(name)s”?") % {"name": task.name},
        text=_("Nothing more is sent. Its recipients and results stay. This cannot be undone; a copy can be made."),
        verb=_("Complete task"),
        keep=_("Keep"),
        action=request.path,
        back=reverse("marketing:tasks"),
        icon="flag-check",
    )
    return answer(request, question)


@require_POST
@tenant_administrator
def task_copy(request: TenantRequest, task_id: UUID) -> HttpResponse:
    task = get_object_or_404(request.tenant.marketing_tasks, pk=task_id)
    try:
        made = tasks.copy(task, request.user)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
        return redirect("marketing:tasks")
    messages.success(request, _("“%(name)s” is created as a draft, without recipients.") % {"name": made.name})
    return redirect("marketing:task-edit", made.pk)


@require_http_methods(["GET", "POST"])
@tenant_administrator
def task_delete(request: TenantRequest, task_id: UUID) -> HttpResponse:
    task = get_object_or_404(request.tenant.marketing_tasks, pk=task_id)
    if request.method == "POST" and is_confirmed(request, task.recipient_count):
        return _deleted(request, task)
    text = ngettext(
        "Its %(count)s recipient and its import results are deleted too. This cannot be undone.",
        "Its %(count)s recipients and its import results are deleted too. This cannot be undone.",
        task.recipient_count,
    ) % {"count": f"{task.recipient_count:,}"}
    back = reverse("marketing:tasks")
    return ask_to_delete(request, task.name, text=text, verb=_("Delete task"), back=back, count=task.recipient_count)


def _deleted(request: TenantRequest, task: MarketingTask) -> HttpResponse:
    try:
        tasks.delete(task, request.user)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, _("“%(name)s” is deleted.") % {"name": task.name})
    return redirect("marketing:tasks")


def _moved(request: TenantRequest, task: MarketingTask, action: str, said: str) -> HttpResponse:
    try:
        removed = tasks.move(task, action, request.user)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, said % {"name": task.name})
        if removed:
            messages.info(request, _opted_out(removed))
    return redirect("marketing:tasks")


def _opted_out(removed: int) -> str:
    return ngettext(
        "%(count)s recipient opted out meanwhile and was removed.",
        "%(count)s recipients opted out meanwhile and were removed.",
        removed,
    ) % {"count": f"{removed:,}"}
