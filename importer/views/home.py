"""Home: what runs, what ended lately, what needs attention."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_GET

from importer.models import ImportBatch
from importer.states import ALIVE, ImportState, Outcome
from marketing import attention
from marketing.states import TaskState
from tenants.access import TenantRequest, tenant_member
from tenants.days import midnight

DAYS = 30  # of the chart
LATEST = 6  # imports in the table
ATTENTION_DAYS = 7  # how long an import that did not complete is named
SERIES = ("created", Outcome.FAILED, Outcome.DUPLICATE, Outcome.SUPPRESSED)
IN_TROUBLE = (ImportState.FAILED, ImportState.STOPPED)


@require_GET
@tenant_member
def home(request: TenantRequest) -> HttpResponseBase:
    imports = request.tenant.imports.select_related("task").order_by("-created_at", "-id")
    since = timezone.now() - timedelta(days=ATTENTION_DAYS)
    chart = _chart(request.tenant.imports.all())
    context = {
        "figures": _figures(request),
        "running": list(imports.filter(state__in=ALIVE)[:LATEST]),
        "latest": list(imports[:LATEST]),
        "troubled": list(imports.filter(state__in=IN_TROUBLE, ended_at__gte=since)[:LATEST]),
        "halted": attention.halted_tasks(request.tenant),
        "ending": list(_ending_soon(request)),
        "chart": chart,
        "today": timezone.localdate(),
        "chart_table": list(zip(chart["labels"], *(one["values"] for one in chart["series"]), strict=True)),
        "has_imports": any(any(one["values"]) for one in chart["series"]),
        "may_change": request.user.is_tenant_administrator,
    }
    return render(request, "home.html", context)


def _figures(request: TenantRequest) -> dict[str, int]:
    states = {state.value: Count("pk", filter=Q(state=state)) for state in TaskState}
    open_tasks = Sum("recipient_count", filter=~Q(state=TaskState.COMPLETED), default=0)
    figures = request.tenant.marketing_tasks.aggregate(**states, recipients=open_tasks)
    today = request.tenant.imports.filter(created_at__gte=midnight(timezone.localdate()))
    return figures | today.aggregate(today=Sum("created", default=0))


def _ending_soon(request: TenantRequest) -> QuerySet[Any]:
    """Return the published tasks that end within a week."""
    now = timezone.now()
    states = (TaskState.RUNNING, TaskState.SUSPENDED)
    tasks = request.tenant.marketing_tasks.filter(state__in=states, end_at__range=(now, now + timedelta(days=7)))
    return tasks.order_by("end_at")[:LATEST]


def _chart(imports: QuerySet[ImportBatch]) -> dict[str, Any]:
    """Return the rows of each of the last DAYS days by outcome, days without an import included."""
    today = timezone.localdate()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    sums = {name: Sum(name) for name in SERIES}
    begun = timezone.localtime() - timedelta(days=DAYS)
    found = imports.filter(begun_at__gte=begun).annotate(day=TruncDate("begun_at")).values("day").annotate(**sums)
    by_day: dict[date, Any] = {line["day"]: line for line in found.order_by("day")}
    labels = {name: str(ImportBatch._meta.get_field(name).verbose_name) for name in SERIES}  # type: ignore[union-attr]
    series = [
        {"label": labels[name], "fill": str(name), "values": [by_day.get(day, {}).get(name, 0) for day in days]}
        for name in SERIES
    ]
    return {
        "labels": [_label(day, is_first=day == days[0]) for day in days],
        "series": series,
    }


def _label(day: date, *, is_first: bool) -> str:
    """Return the day of the month, with the month where it begins."""
    return date_format(day, "MONTH_DAY_FORMAT") if is_first or day.day == 1 else str(day.day)
