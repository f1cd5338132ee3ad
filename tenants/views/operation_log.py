"""Configuration Center > System Management > Operation Log; `page` and `export` serve Call Center too."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from tenants.access import TenantRequest, tenant_administrator
from tenants.log_export import log_file
from tenants.log_search import ORDER, LogSearchForm
from tenants.log_words import details_of, operator_of, reason_of, role_of
from tenants.models import LogEntry
from tenants.operation_log import action_text
from tenants.paging import page_of
from tenants.parameters import system_parameter

ENTRIES_PER_PAGE = 50


@require_GET
@tenant_administrator
def operation_log(request: TenantRequest) -> HttpResponse:
    return page(request, request.tenant.log_entries.all(), "tenants:operation-log")


@require_GET
@tenant_administrator
def operation_log_export(request: TenantRequest) -> HttpResponseBase:
    return export(request, request.tenant.log_entries.all(), "tenants:operation-log")


def page(request: TenantRequest, entries: QuerySet[LogEntry], view: str) -> HttpResponse:
    """Answer the page of `entries` that stands at `view`; its file stands at `view`-export."""
    form = LogSearchForm(request.GET)
    found = form.narrow(entries)
    shown = page_of(found, order=ORDER, cursor=request.GET.get("cursor", ""), size=ENTRIES_PER_PAGE)
    count = found.count()
    address = reverse(view)

    def of_page(cursor: str) -> str:
        return f"{address}?{urlencode(form.chosen() | {'cursor': cursor})}" if cursor else ""

    context = {
        "form": form,
        "url": address,
        "rows": [_row(entry) for entry in shown.rows],
        "text": ngettext("%(count)s entry, latest first", "%(count)s entries, latest first", count)
        % {"count": f"{count:,}"},
        "previous": of_page(shown.previous),
        "next": of_page(shown.next),
        "export_url": f"{reverse(view + '-export')}?{urlencode(form.chosen())}" if count else "",
        "days": system_parameter("log_days"),
        "is_of_the_system": request.tenant is None,
    }
    return render(request, "tenants/operation_log.html", context)


def _row(entry: LogEntry) -> dict[str, Any]:
    return {
        "entry": entry,
        "text": action_text(entry.action),
        "operator": operator_of(entry),
        "role": role_of(entry),
        "reason": reason_of(entry),
        "details": details_of(entry),
    }


def export(request: TenantRequest, entries: QuerySet[LogEntry], view: str) -> HttpResponseBase:
    """Answer the file of `entries`, or the page at `view` with the reason why there is none."""
    form = LogSearchForm(request.GET)
    try:
        return log_file(form.narrow(entries))
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
        return redirect(f"{reverse(view)}?{urlencode(form.chosen())}")
