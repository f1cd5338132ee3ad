"""The mapping rule inside the Import Marketing Data dialog: choosing one, or creating one for the file at hand."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from importer.mapping import choices
from importer.models import MappingRule
from importer.readers.reading import Row, peek
from importer.rule_forms import MappingRuleForm
from importer.submission import BY_FILE
from importer.suggesting import grid_of, suggested
from importer.views.mapping_rules import form_of
from marketing.models import MarketingTask
from marketing.views.named import task_of
from tenants.access import TenantRequest, tenant_administrator


@require_http_methods(["GET", "POST"])
@tenant_administrator
def import_rule(request: TenantRequest, task_id: UUID) -> HttpResponse:
    """Show the rules to choose from; on POST, a new one to fill in, as the chosen file suggests it."""
    task = task_of(request, task_id)
    if request.method == "GET":
        return _choice(request, task, chosen=None)
    rows = _first_rows(request.FILES.get("file"))
    form = MappingRuleForm(instance=suggested(task, rows), tenant=request.tenant)
    context = {"task": task, "form": form, "grid": grid_of(rows), "templates": _templates(request)}
    return render(request, "importer/_rule_editor.html", context)


@require_POST
@tenant_administrator
def import_rule_create(request: TenantRequest, task_id: UUID) -> HttpResponse:
    """Save the new rule and choose it; or show its fields again, after a line came or went, or with what is wrong."""
    task = task_of(request, task_id)
    form = form_of(request, MappingRule(tenant=request.tenant))
    if form.is_saved():
        return reswap(retarget(_choice(request, task, chosen=form.instance), "#import-rule"), "innerHTML")
    return render(request, "importer/_rule_fields.html", {"task": task, "form": form, "templates": _templates(request)})


def rule_context(request: TenantRequest, task: MarketingTask) -> dict[str, Any]:
    """Return the rules of the tenant, those first that fit the task's template."""
    rules = request.tenant.mapping_rules.order_by("name")
    return {"choices": choices(rules, task.template.variable_list())}


def _choice(request: TenantRequest, task: MarketingTask, *, chosen: MappingRule | None) -> HttpResponse:
    context = {"task": task, "chosen": str(chosen.pk) if chosen else "", "is_answer": True}
    shown = render(request, "importer/_rule_choice.html", rule_context(request, task) | context)
    return trigger_client_event(shown, "rule-chosen", after="settle")


def _first_rows(file: Any) -> list[Row]:
    """Return the first rows of the chosen file; none of a file that cannot be read, which its check says."""
    if file is None:
        return []
    try:
        return peek(file, name=file.name, limits=BY_FILE.limits()).first_rows
    except ValidationError:
        return []


def _templates(request: TenantRequest) -> Any:
    return request.tenant.message_templates.order_by("name")
