"""The pages under Call Config > Mapping Rule."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from importer.mapping import delete_rule, with_variables
from importer.models import MappingRule
from importer.rule_forms import MappingRuleForm, RuleFilterForm
from marketing.models import MarketingTask
from tenants.access import TenantRequest, tenant_administrator, tenant_member
from tenants.paging import page_of
from tenants.questions import ask_to_delete


@require_GET
@tenant_member
def rule_list(request: TenantRequest) -> HttpResponse:
    form = RuleFilterForm(request.GET)
    chosen = form.chosen()
    found = request.tenant.mapping_rules.filter(name__icontains=chosen.get("name", ""))
    page = page_of(found, order=("name",), cursor=request.GET.get("cursor", ""))
    count = found.count()

    def address(cursor: str) -> str:
        return f"?{urlencode(chosen | {'cursor': cursor})}" if cursor else ""

    context = {
        "form": form,
        "rules": page.rows,
        "is_filtered": bool(chosen),
        "previous": address(page.previous),
        "next": address(page.next),
        "text": ngettext("%(count)s mapping rule", "%(count)s mapping rules", count) % {"count": f"{count:,}"},
        "may_change": request.user.is_tenant_administrator,
    }
    return render(request, "importer/mapping_rules.html", context)


@require_GET
@tenant_member
def rule_detail(request: TenantRequest, rule_id: UUID) -> HttpResponse:
    context = {"rule": _rule(request, rule_id), "may_change": request.user.is_tenant_administrator}
    return render(request, "importer/mapping_rule.html", context)


@require_http_methods(["GET", "POST"])
@tenant_administrator
def rule_create(request: TenantRequest) -> HttpResponse:
    """Create a rule; `?task=`: with a line for each variable of that task's template, for an import into it."""
    rule = MappingRule(tenant=request.tenant, recipient_column=1)
    task = _task_named_in(request)
    if task:
        rule = with_variables(rule, task.template.variable_list())
    return _form_page(request, rule, title=_("Create mapping rule"), task=task)


@require_http_methods(["GET", "POST"])
@tenant_administrator
def rule_edit(request: TenantRequest, rule_id: UUID) -> HttpResponse:
    return _form_page(request, _rule(request, rule_id), title=_("Edit mapping rule"))


@require_http_methods(["GET", "POST"])
@tenant_administrator
def rule_delete(request: TenantRequest, rule_id: UUID) -> HttpResponse:
    rule = _rule(request, rule_id)
    if request.method == "POST":
        delete_rule(rule)
        messages.success(request, _("“%(name)s” is deleted.") % {"name": rule.name})
        return redirect("importer:mapping-rules")
    text = _(
        "Imports that ran by this rule keep its name and their rows, and those that run go on. "
        "New imports cannot choose it any more. This cannot be undone."
    )
    back = reverse("importer:mapping-rules")
    return ask_to_delete(request, rule.name, text=text, verb=_("Delete mapping rule"), back=back)


def form_of(request: TenantRequest, rule: MappingRule) -> MappingRuleForm:
    """Return the form of `rule` as it was sent, or as a button for its lines wants it."""
    if "line" in request.POST:
        return MappingRuleForm.reshaped(request.POST, instance=rule, tenant=request.tenant)
    return MappingRuleForm(request.POST or None, instance=rule, tenant=request.tenant)


def _form_page(
    request: TenantRequest, rule: MappingRule, title: str, task: MarketingTask | None = None
) -> HttpResponse:
    """`task`: whose Import Marketing Data dialog asked for the rule, and is gone back to."""
    form, name = form_of(request, rule), rule.name
    back = reverse("importer:import-data", args=[task.pk]) if task else reverse("importer:mapping-rules")
    if form.is_saved():
        messages.success(request, _("“%(name)s” is saved.") % {"name": form.instance.name})
        return redirect(f"{back}?{urlencode({'mapping_rule': form.instance.pk})}" if task else back)
    template = "importer/_rule_fields.html" if request.htmx else "importer/mapping_rule_form.html"
    templates = request.tenant.message_templates.order_by("name")
    context = {"form": form, "title": title, "rule_name": name, "templates": templates, "back": back}
    return render(request, template, context)


def _task_named_in(request: TenantRequest) -> MarketingTask | None:
    try:
        task_id = UUID(request.GET.get("task", ""))
    except ValueError:
        return None
    return request.tenant.marketing_tasks.select_related("template").filter(pk=task_id).first()


def _rule(request: TenantRequest, rule_id: UUID) -> MappingRule:
    return get_object_or_404(request.tenant.mapping_rules, pk=rule_id)
