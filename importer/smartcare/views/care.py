"""View of a Care task: its days, a day's recipients, the rows that became none, and a run by hand.

Source: guide 2025-01-23, "Importing Marketing Data Using Scheduled Tasks", steps 3 and 4.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from importer.downloads import FILE_TYPES
from importer.smartcare import jobs, overview
from importer.smartcare.forms import CareSearchForm
from importer.smartcare.models import CareDay
from importer.smartcare.rows import reason_of, rows_file
from importer.smartcare.run import run_now
from importer.smartcare.states import SHOWN_AS_ROWS, CareOutcome, DayState
from marketing.models import MarketingTask
from marketing.operations import operations_of
from marketing.states import TaskType
from marketing.tasks import refusal_of
from tenants.access import TenantRequest, tenant_administrator, tenant_member
from tenants.paging import Page, page_of

DAYS_PER_PAGE = 14
ROWS_PER_PAGE = 20
CHOICES = 100  # days to choose from


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@tenant_member
def care_task(request: TenantRequest, care_task_id: UUID) -> HttpResponse:
    """Show days and recipients. A search is posted, so that no digit stands in an address bar or a log."""
    task = _task(request, care_task_id)
    days = page_of(_days(task), order=("-business_date",), cursor=request.GET.get("days", ""), size=DAYS_PER_PAGE)
    is_at_work, is_poll = overview.is_at_work(days.rows), request.htmx and request.method == "GET"
    context = {
        "task": task,
        "operations": operations_of(task, request.user),
        "notices": overview.notices(request.tenant, task),
        "days": overview.shown_days(days.rows),
        "days_pager": _pager(days, "days", _days(task).count()),
        "chart": overview.chart_of(days.rows),
        "is_at_work": is_at_work,
        "change_refusal": overview.first_message(refusal_of("change", task, request.user)),
        "may_run": request.user.is_tenant_administrator,
    }
    # While days are collected a poll brings them alone: what somebody searches or ticks below stays as it is.
    recipients = {} if is_at_work and is_poll else _recipients(request, task)
    return render(request, "smartcare/care_task.html", context | recipients)


@require_POST
@tenant_administrator
def care_run(request: TenantRequest, care_task_id: UUID) -> HttpResponse:
    """Begin a run of the tenant's Care tasks now."""
    task = _task(request, care_task_id)
    try:
        days = run_now(request.tenant)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        jobs.enqueue(request.tenant)
        messages.success(request, overview.said_of_run(days))
    return redirect("smartcare:care-task", task.pk)


@require_GET
@tenant_member
def care_rows(request: TenantRequest, care_task_id: UUID, day_id: UUID, outcome: str) -> HttpResponse:
    """Show the customers of a day that became no recipients, with the reasons."""
    task, day = _task_and_day(request, care_task_id, day_id, outcome)
    found = day.rows.filter(outcome=outcome)
    page = page_of(found, order=("row",), cursor=request.GET.get("cursor", ""), size=ROWS_PER_PAGE)
    count = getattr(day, outcome)
    text = ngettext("%(count)s row", "%(count)s rows", count) % {"count": f"{count:,}"}
    context = {
        "task": task,
        "day": day,
        "outcome": outcome,
        "heading": CareOutcome(outcome).label,
        "rows": [(row, reason_of(row)) for row in page.rows],
        "is_purged": bool(count) and not page.rows,
        "may_download": request.user.is_tenant_administrator,
        "pager": _pager(page, "cursor", count) | {"text": text},
    }
    return render(request, "smartcare/care_rows.html", context)


@require_GET
@tenant_administrator
def care_rows_download(
    request: TenantRequest, care_task_id: UUID, day_id: UUID, outcome: str, file_type: str
) -> HttpResponseBase:
    _of_task, day = _task_and_day(request, care_task_id, day_id, outcome)
    if file_type not in FILE_TYPES:
        raise Http404
    return rows_file(day, outcome, file_type)


def _recipients(request: TenantRequest, task: MarketingTask) -> dict[str, Any]:
    """Return the recipients of the chosen day: the newest that has any, where none was chosen."""
    days = list(_days(task).filter(created__gt=0)[:CHOICES])
    texts = [(str(day.pk), date_format(day.business_date, "DATE_FORMAT")) for day in days]
    data = request.POST if request.method == "POST" else {"day": request.GET.get("day", "")}
    form = CareSearchForm(data, days=texts, user=request.user)
    day = next((day for day in days if str(day.pk) == form.cleaned_data.get("day")), days[0] if days else None)
    if day is None:
        return {"form": form, "recipients": [], "day": None, "count": 0}
    found = overview.recipients_of(task, day, digits=form.digits)
    page = page_of(found, order=("score", "row"), cursor=data.get("cursor", ""), size=ROWS_PER_PAGE)
    recipients = overview.with_recipients(task, page.rows)
    return {"form": form, "recipients": recipients, "day": day, "page": page, "count": found.count()}


def _pager(page: Page, name: str, count: int) -> dict[str, str]:
    def address(cursor: str) -> str:
        return f"?{urlencode({name: cursor})}" if cursor else ""

    text = ngettext("%(count)s business day", "%(count)s business days", count) % {"count": f"{count:,}"}
    return {"text": text, "previous": address(page.previous), "next": address(page.next)}


def _days(task: MarketingTask) -> Any:
    return task.care_days.order_by("-business_date")


def _task(request: TenantRequest, care_task_id: UUID) -> MarketingTask:
    tasks = request.tenant.marketing_tasks.select_related("template")
    return get_object_or_404(tasks, pk=care_task_id, task_type=TaskType.CARE)


def _task_and_day(
    request: TenantRequest, care_task_id: UUID, day_id: UUID, outcome: str
) -> tuple[MarketingTask, CareDay]:
    if outcome not in SHOWN_AS_ROWS:
        raise Http404
    task = _task(request, care_task_id)
    return task, get_object_or_404(task.care_days.exclude(state=DayState.WAITING), pk=day_id)
