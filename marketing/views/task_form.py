"""Create task and Edit: Basic Information with the message and its preview, then Marketing Policy."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from marketing import saving, tasks
from marketing.forms import SAMPLE, TaskForm
from marketing.models import MarketingTask
from marketing.views.named import task_of
from tenants.access import TenantRequest, tenant_administrator

from .previews import preview_of, typed_values


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@tenant_administrator
def task_create(request: TenantRequest) -> HttpResponse:
    form = TaskForm(request.POST or None, tenant=request.tenant)
    if _is_to_be_saved(request, form) and _is_created(request, form):
        messages.success(request, _("“%(name)s” is created as a draft.") % {"name": form.instance.name})
        return redirect("marketing:recipients", form.instance.pk)
    return render(request, "marketing/task_form.html", _context(request, form))


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@tenant_administrator
def task_edit(request: TenantRequest, task_id: UUID) -> HttpResponse:
    task = task_of(request, task_id)
    if refused := tasks.refusal_of("edit", task, request.user):
        messages.error(request, refused.messages[0])
        return redirect("marketing:task", task.pk)
    name = task.name
    form = TaskForm(request.POST or None, instance=task, tenant=request.tenant)
    if _is_to_be_saved(request, form) and _is_edited(request, form):
        messages.success(request, _("“%(name)s” is saved.") % {"name": task.name})
        return redirect("marketing:task", task.pk)
    return render(request, "marketing/task_form.html", _context(request, form) | {"task": task, "name": name})


def _is_to_be_saved(request: TenantRequest, form: TaskForm) -> bool:
    return "preview" not in request.POST and form.is_valid()


def _is_created(request: TenantRequest, form: TaskForm) -> bool:
    try:
        saving.create_task(form.save(commit=False), request.user)
    except ValidationError as refused:
        form.add_error(None, refused)
    return not form.errors


def _is_edited(request: TenantRequest, form: TaskForm) -> bool:
    try:
        saving.edit_task(form.save(commit=False), request.user, seen=form.cleaned_data["seen"])
    except ValidationError as refused:
        form.add_error(None, refused)
        _look_again(request, form)
    return not form.errors


def _look_again(request: TenantRequest, form: TaskForm) -> None:
    """Let the form be saved over a change of somebody else, now that it was said."""
    if form.has_error("__all__", "changed_meanwhile"):
        form.see(MarketingTask.objects.get(pk=form.instance.pk))


def _context(request: TenantRequest, form: TaskForm) -> dict[str, Any]:
    samples = typed_values(request.POST, SAMPLE)
    chosen = form.chosen_template()
    variables = chosen.variable_list() if chosen else ()
    return {
        "form": form,
        "templates": list(form.fields["template"].queryset),  # type: ignore[attr-defined]
        "samples": [(variable, samples.get(variable.name, "")) for variable in variables],
        "preview": preview_of(chosen, form["medium"].value(), samples),
        "is_preview": "preview" in request.POST,
    }
