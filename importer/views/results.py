"""The pages of Import Result: the list, one import live and ended, its rows and their download."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRefresh

from importer import downloads
from importer.cancellation import cancel
from importer.forms import AllImportsFilterForm, ImportFilterForm, RowFilterForm
from importer.models import ImportBatch
from importer.overview import facts_of, header_of, numbered_rows, reasons_of
from importer.states import Outcome
from importer.unprocessed import require_ended
from marketing.models import MarketingTask
from marketing.operations import operation
from marketing.views.named import task_of
from tenants.access import TenantRequest, tenant_administrator, tenant_member
from tenants.paging import count_text, counted, page_of
from tenants.questions import Question, answer

ROWS_PER_PAGE = 25
HEADINGS = {
    Outcome.FAILED: gettext_lazy("Failed rows"),
    Outcome.DUPLICATE: gettext_lazy("Duplicate rows"),
    Outcome.SUPPRESSED: gettext_lazy("Suppressed rows"),
}


@require_GET
@tenant_member
def import_list(request: TenantRequest, task_id: UUID) -> HttpResponse:
    task = task_of(request, task_id)
    form = ImportFilterForm(request.GET, imports=task.imports.all())
    context = _context(request, task) | _list(request, form, task.imports.all(), order=("-number",))
    return render(request, "importer/imports.html", context)


@require_GET
@tenant_member
def all_imports(request: TenantRequest) -> HttpResponse:
    """Show Import Result over all tasks, the latest first."""
    form = AllImportsFilterForm(request.GET, imports=request.tenant.imports.all())
    context = _list(request, form, request.tenant.imports.select_related("task"), order=("-created_at", "-id"))
    context |= {"over_all": True, "may_download": request.user.is_tenant_administrator}
    return render(request, "importer/all_imports.html", context)


@require_GET
@tenant_member
def import_detail(request: TenantRequest, task_id: UUID, batch_id: UUID) -> HttpResponse:
    task, batch = _task_and_batch(request, task_id, batch_id)
    template = "importer/import.html" if batch.has_ended else "importer/import_running.html"
    return render(request, template, _context(request, task) | facts_of(batch))


@require_GET
@tenant_member
def import_progress(request: TenantRequest, task_id: UUID, batch_id: UUID) -> HttpResponse:
    """Answer the page's poll; an import that ended is shown as a whole new page."""
    task, batch = _task_and_batch(request, task_id, batch_id)
    if batch.has_ended:
        return HttpResponseClientRefresh()
    return render(request, "importer/_poll.html", {"task": task, "is_again": True} | facts_of(batch))


@require_http_methods(["GET", "POST"])
@tenant_administrator
def import_cancel(request: TenantRequest, task_id: UUID, batch_id: UUID) -> HttpResponse:
    task, batch = _task_and_batch(request, task_id, batch_id)
    if request.method == "POST":
        return _cancelled(request, task, batch)
    question = Question(
        title=_("Cancel this import?"),
        text=_what_cancelling_means(batch),
        verb=_("Cancel import"),
        keep=_("Go on importing"),
        action=request.path,
        back=reverse("importer:import", args=[task.pk, batch.pk]),
    )
    return answer(request, question)


@require_GET
@tenant_member
def rejected_rows(request: TenantRequest, task_id: UUID, batch_id: UUID, outcome: str) -> HttpResponse:
    """Show the rows of `outcome` with their reasons and their original cells."""
    task, batch = _task_and_batch(request, task_id, batch_id)
    if outcome not in Outcome.values:
        raise Http404
    reasons = reasons_of(batch, outcome)
    form = RowFilterForm(request.GET, reasons=[(one["code"], f"{one['text']} ({one['count']:,})") for one in reasons])
    chosen = form.chosen()
    found = batch.rejected_rows.filter(outcome=outcome)
    found = found.filter(code=chosen["code"]) if "code" in chosen else found
    found = found.filter(row__gte=chosen["row"]) if "row" in chosen else found
    page = page_of(found, order=("row",), cursor=request.GET.get("cursor", ""), size=ROWS_PER_PAGE)
    count = counted(found) if "row" in chosen else _count_of(reasons, chosen.get("code"))
    said = count_text(count) if "row" in chosen else f"{count:,}"
    text = ngettext("%(count)s row", "%(count)s rows", count) % {"count": said}
    context = _context(request, task) | facts_of(batch) | {
        "form": form,
        "outcome": outcome,
        "heading": HEADINGS[Outcome(outcome)],
        "header": header_of(batch, request.user),
        "count": getattr(batch, outcome),
        "reason": chosen.get("code", ""),
        "download_count": sum(one["count"] for one in reasons if chosen.get("code", one["code"]) == one["code"]),
        "rows": numbered_rows(batch, page.rows, request.user),
    }  # fmt: skip
    return render(request, "importer/rows.html", context | _pager(page, chosen, text))


@require_GET
@tenant_administrator
def rows_download(
    request: TenantRequest, task_id: UUID, batch_id: UUID, outcome: str, file_type: str
) -> HttpResponseBase:
    """Send the rows of `outcome`, or those that were not reached, as .xlsx or .csv."""
    task, batch = _task_and_batch(request, task_id, batch_id)
    if outcome not in downloads.KINDS or file_type not in downloads.FILE_TYPES:
        raise Http404
    try:
        if outcome == "unprocessed":
            require_ended(batch)
        return downloads.rows_file(batch, outcome, file_type, code=_reason(request, batch, outcome))
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
        return redirect("importer:import", task.pk, batch.pk)


def _reason(request: TenantRequest, batch: ImportBatch, outcome: str) -> str:
    """Return the reason whose rows alone are wanted, or "" for all."""
    code = request.GET.get("code", "")
    if code and code not in batch.reasons.get(outcome, {}):
        raise Http404
    return code


def _what_cancelling_means(batch: ImportBatch) -> str:
    if batch.is_preparing:
        return _("Its file is not fetched any further, and nothing is imported.")
    return _(
        "The %(created)s recipients created so far stay in the task. The other %(left)s rows will not be read; "
        "you can download them as unprocessed rows."
    ) % {"created": f"{batch.created:,}", "left": f"{batch.unprocessed:,}"}


def _cancelled(request: TenantRequest, task: MarketingTask, batch: ImportBatch) -> HttpResponse:
    try:
        cancel(batch)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, _("Import %(number)s is cancelled.") % {"number": batch.number})
    return redirect("importer:import", task.pk, batch.pk)


def _task_and_batch(request: TenantRequest, task_id: UUID, batch_id: UUID) -> tuple[MarketingTask, ImportBatch]:
    task = task_of(request, task_id)
    return task, get_object_or_404(task.imports, pk=batch_id)


def _context(request: TenantRequest, task: MarketingTask) -> dict[str, Any]:
    return {
        "task": task,
        "import_count": task.imports.count(),
        "import_operation": operation("import", task, request.user),
        "may_download": request.user.is_tenant_administrator,
    }


def _list(
    request: TenantRequest, form: ImportFilterForm, imports: QuerySet[ImportBatch], *, order: tuple[str, ...]
) -> dict[str, Any]:
    """Return what a list shows of those of `imports` that the filters let through."""
    chosen, found = form.chosen(), form.narrow(imports)
    page = page_of(found, order=order, cursor=request.GET.get("cursor", ""))
    count = found.count()
    text = ngettext("%(count)s import", "%(count)s imports", count) % {"count": f"{count:,}"}
    return _pager(page, chosen, text) | {
        "form": form,
        "is_filtered": bool(chosen),
        "imports": page.rows,
        "is_live": any(not batch.has_ended for batch in page.rows),
    }


def _count_of(reasons: list[dict[str, Any]], code: str | None) -> int:
    """Return how many rows have `code`, or any: as the import has counted them."""
    return sum(reason["count"] for reason in reasons if code in (None, reason["code"]))


def _pager(page: Any, chosen: dict[str, Any], text: str) -> dict[str, Any]:
    def address(cursor: str) -> str:
        return f"?{urlencode(chosen | {'cursor': cursor})}" if cursor else ""

    return {"text": text, "previous": address(page.previous), "next": address(page.next)}
