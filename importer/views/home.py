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
from django_htmx.http import reselect, reswap, retarget

from importer.models import ImportBatch
from importer.states import ALIVE, Outcome
from marketing.states import TaskState
from tenants.access import TenantRequest, tenant_member
from tenants.attention import coming_for, matters_for
from tenants.days import midnight
from tenants.paging import count_text, counted

DAYS = 30  # of the chart
LATEST = 6  # imports in the table
SERIES = ("created", Outcome.FAILED, Outcome.DUPLICATE, Outcome.SUPPRESSED)


@require_GET
@tenant_member
def home(request: TenantRequest) -> HttpResponseBase:
    imports = request.tenant.imports.select_related("task").order_by("-created_at", "-id")
    running = _running(imports)
    if not request.htmx:
        return render(request, "home.html", running | _context(request, imports))
    if running["running_ids"] == request.GET.get("running"):
        return render(request, "importer/_running_imports.html", running)
    # An import began or ended: the figures, the chart and the lists have changed with it.
    whole = render(request, "home.html", running | _context(request, imports))
    return reswap(reselect(retarget(whole, "#home"), "#home"), "outerHTML")


def _running(imports: QuerySet[ImportBatch]) -> dict[str, Any]:
    running = list(imports.filter(state__in=ALIVE)[:LATEST])
    return {"running": running, "running_ids": ",".join(str(batch.pk) for batch in running)}


def _context(request: TenantRequest, imports: QuerySet[ImportBatch]) -> dict[str, Any]:
    chart = _chart(request.tenant.imports.all())
    return {
        "figures": _figures(request),
        "latest": list(imports[:LATEST]),
        "chart": chart,
        "today": timezone.localdate(),
        "chart_table": list(zip(_days(), chart["labels"], *(one["values"] for one in chart["series"]), strict=True)),
        "has_imports": any(any(one["values"]) for one in chart["series"]),
        "may_change": request.user.is_tenant_administrator,
        "coming": coming_for(request.user),
        "matters": matters_for(request.user),
    }


def _figures(request: TenantRequest) -> dict[str, Any]:
    states = {state.value: Count("pk", filter=Q(state=state)) for state in TaskState}
    open_tasks = Sum("recipient_count", filter=~Q(state=TaskState.COMPLETED), default=0)
    figures = request.tenant.marketing_tasks.aggregate(**states, recipients=open_tasks)
    today = request.tenant.imports.filter(created_at__gte=midnight(timezone.localdate()))
    opted_out = count_text(counted(request.tenant.opt_outs.all()))
    return figures | today.aggregate(today=Sum("created", default=0)) | {"opted_out": opted_out}


def _chart(imports: QuerySet[ImportBatch]) -> dict[str, Any]:
    """Return the rows of each of the last DAYS days by outcome, days without an import included."""
    days = _days()
    sums = {name: Sum(name) for name in SERIES}
    begun = timezone.localtime() - timedelta(days=DAYS)
    found = imports.filter(begun_at__gte=begun).annotate(day=TruncDate("begun_at")).values("day").annotate(**sums)
    by_day: dict[date, Any] = {line["day"]: line for line in found.order_by("day")}
    labels = {name: str(ImportBatch._meta.get_field(name).verbose_name) for name in SERIES}  # type: ignore[union-attr]
    series = [
        {"label": labels[name], "fill": str(name), "values": [by_day.get(day, {}).get(name, 0) for day in days]}
        for name in SERIES
    ]
    return {"labels": [_label(day, is_first=day == days[0]) for day in days], "series": series}


def _days() -> list[date]:
    """Return the last DAYS days, today the last."""
    return [timezone.localdate() - timedelta(days=back) for back in reversed(range(DAYS))]


def _label(day: date, *, is_first: bool) -> str:
    """Return the day of the month, with the month where it begins."""
    return date_format(day, "MONTH_DAY_FORMAT") if is_first or day.day == 1 else str(day.day)
