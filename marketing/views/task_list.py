"""Outbound Call > mMarketing: the list of tasks, its counters, its order."""

from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from marketing.filters import TaskFilterForm
from marketing.models import MarketingTask
from marketing.operations import Operation, operations_of
from marketing.states import TaskState
from tenants.access import TenantRequest, tenant_member
from tenants.paging import page_of
from tenants.refusals import refusal

# heading: (its text, the order that it gives first, the other one, whether it holds numbers)
HEADINGS = (
    (gettext_lazy("Task name"), "name", "-name", False),
    (gettext_lazy("State"), "state", "-state", False),
    (gettext_lazy("Recipients"), "-recipients", "recipients", True),
    (gettext_lazy("Begin and end"), "begin", "-begin", False),
    (gettext_lazy("Created"), "-created", "created", False),
)


@require_GET
@tenant_member
def task_list(request: TenantRequest) -> HttpResponse:
    form = TaskFilterForm(request.GET)
    chosen = form.chosen()
    matching = form.narrow(request.tenant.marketing_tasks.select_related("template"))
    shown = form.sorted(matching.filter(state=chosen["state"]) if "state" in chosen else matching)
    page = page_of(shown, order=form.fields_of_order(), cursor=request.GET.get("cursor", ""))
    counters = _counters(matching, form.in_address())
    context = {
        "form": form,
        "order": form.order(),
        "is_filtered": bool(chosen),
        "counters": counters,
        "headings": _headings(form),
        "tasks": [{"task": task, "operations": operations_of(task, request.user)} for task in page.rows],
        "page": _pager(page, form, next(counter["count"] for counter in counters if counter["is_current"])),
        "create_operation": _create_operation(request),
    }
    return render(request, "marketing/tasks.html", context)


def _create_operation(request: TenantRequest) -> Operation:
    why_not = "" if request.user.is_tenant_administrator else refusal("role").messages[0]
    return Operation(_("Create task"), "plus", reverse("marketing:task-create"), why_not)


def _counters(matching: QuerySet[MarketingTask], address: dict[str, str]) -> list[dict[str, Any]]:
    """Return the counters above the list, which are its filters by state."""
    found = dict(matching.order_by().values_list("state").annotate(Count("pk")))
    others = {name: value for name, value in address.items() if name != "state"}
    counters = [(state.value, state.label, found.get(state, 0)) for state in TaskState]
    return [
        {
            "state": state,
            "text": text,
            "count": count,
            "url": f"?{urlencode(others | ({'state': state} if state else {}))}",
            "is_current": address.get("state", "") == state,
        }
        for state, text, count in [("", _("All tasks"), sum(found.values())), *counters]
    ]


def _headings(form: TaskFilterForm) -> list[dict[str, Any]]:
    """Return the headings of the columns, each with the address that sorts by it, then the other way."""
    order, address = form.order(), form.in_address()
    return [
        {
            "key": first.lstrip("-"),
            "text": text,
            "is_number": is_number,
            "url": f"?{urlencode(address | {'sort': other if order == first else first})}",
            "sorted": ("descending" if order.startswith("-") else "ascending") if order in (first, other) else "",
        }
        for text, first, other, is_number in HEADINGS
    ]


def _pager(page: Any, form: TaskFilterForm, count: int) -> dict[str, str]:
    def address(cursor: str) -> str:
        return f"?{urlencode(form.in_address() | {'cursor': cursor})}" if cursor else ""

    text = ngettext("%(count)s task", "%(count)s tasks", count) % {"count": f"{count:,}"}
    return {"text": text, "previous": address(page.previous), "next": address(page.next)}
