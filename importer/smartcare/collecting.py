"""One page of a day: asked for outside of any transaction, then its customers, counts and cursor in one."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketing import intake
from marketing.models import MarketingTask
from marketing.rules import Rules
from marketing.staging import lines_of, stage
from tenants.models import Tenant
from tenants.refusals import declare, refusal
from tenants.scoping import act_for

from .calendar import Calendar
from .client import Client, Page, Query, is_retryable
from .ending import end, end_all
from .integration import why_off
from .judging import Customer, judge, lines
from .models import CareDay, Integration
from .states import AT_WORK, CareOutcome, DayState

MAX_ATTEMPTS = 5  # without progress, before the day waits for the next run
MAX_PAGES = 200
RUN_TIME = timedelta(hours=4)  # of one day, before it waits for the next run
FIRST_DELAY, LONGEST_DELAY = 2, 60  # seconds: doubled each time, then a random part of it
FAILURES_TO_OPEN = 5  # in a row, of one tenant
OPEN_TIME = timedelta(minutes=5)
ROW_COLUMNS = {
    "row": "int", "number": "text", "address": "text", "variables": "jsonb", "score": "numeric", "cause": "text",
    "event_at": "timestamptz", "outcome": "text", "code": "text", "params": "jsonb",
}  # fmt: skip
KEEP_ROWS = """
    INSERT INTO smartcare_carerow
        (day_id, row, number, address, variables, score, cause, event_at, outcome, code, params)
    SELECT %s, row, number, address, variables, score, cause, event_at, outcome, code, params
    FROM incoming_customer ORDER BY row"""

declare(
    {
        "care_deadline": _("SmartCare did not answer well within %(hours)s hours."),
        "care_pages": _("SmartCare's list has more than %(high)s pages."),
    }
)


@dataclass(frozen=True, slots=True)
class Run:
    """Who collects: the tenant, its integration as it was claimed (`epoch` fences off who was given up)."""

    tenant: Tenant
    integration: Integration
    calendar: Calendar
    client: Client

    def hold(self) -> Integration | None:
        """Lock the integration; None when another worker took over, or it was removed. Inside act_for."""
        mine = Integration.objects.filter(pk=self.integration.pk, epoch=self.integration.epoch)
        return mine.select_for_update().first()


def fetch(run: Run, day: CareDay) -> None:
    """Fetch the next page of `day` and keep it, or note why that failed."""
    query = _query(run, day)
    try:
        page = run.client.page(query)
        _require_next(page, day)
    except ValidationError as refused:
        note_failure(run, day, refused)
        return
    with timezone.override(run.calendar.zone):
        customers = judge(page.customers, query, Rules.from_json(day.rules), first_row=day.fetched + 1)
    with act_for(run.tenant):
        _keep(run, day, page, customers)


def why_stopped(day: CareDay) -> ValidationError | None:
    """Return why nothing more may be collected for `day`, or None; read anew. Inside act_for."""
    task = MarketingTask.objects.select_related("tenant").get(pk=day.task_id)
    unfit = Rules.from_json(day.rules).why_unfit
    return why_off(task.tenant) or intake.why_not(task, collected=True) or unfit(task)


def begin_anew(day: CareDay) -> None:
    """Forget the pages so far: they are of another list, or were judged for another message."""
    day.rows.all().delete()
    day.total, day.next_page, day.digests = None, 1, []
    day.fetched = day.failed = day.waiting = 0
    day.save(update_fields=["total", "next_page", "digests", "fetched", "failed", "waiting"])


def stop(day: CareDay, refused: ValidationError) -> None:
    """Stop `day`: SmartCare was switched off, or its task completed or made another one."""
    end(day, DayState.STOPPED, **_error(refused))


def stop_all(tenant: Tenant, refused: ValidationError) -> int:
    """Stop every day of `tenant` that is being collected; return how many. A step under way is waited for."""
    with act_for(tenant):
        return end_all(CareDay.objects.filter(state__in=AT_WORK), DayState.STOPPED, **_error(refused))


def note_failure(run: Run, day: CareDay, refused: ValidationError) -> None:
    """Plan another try of `day`, or leave it partial until the next run; count for the breaker."""
    now = timezone.now()
    with act_for(run.tenant):
        integration = run.hold()
        current = CareDay.objects.filter(pk=day.pk, state=DayState.FETCHING, next_page=day.next_page).first()
        if integration is None or current is None:
            return
        _count_failure(integration, now)
        if refused.code == "smartcare_total_changed":
            begin_anew(current)
        attempts = current.attempts + 1
        if attempts >= MAX_ATTEMPTS or not is_retryable(refused):
            end(current, DayState.PARTIAL, **_error(refused), attempts=attempts)
        elif current.run_began_at and now - current.run_began_at > RUN_TIME:
            late = refusal("care_deadline", hours=RUN_TIME // timedelta(hours=1))
            end(current, DayState.PARTIAL, **_error(late), attempts=attempts)
        else:
            wait = _delay(attempts, int((refused.params or {}).get("retry_after", 0)))
            changes = _error(refused) | {"attempts": attempts, "next_try_at": now + wait, "updated_at": now}
            CareDay.objects.filter(pk=current.pk).update(**changes)


def _query(run: Run, day: CareDay) -> Query:
    begin, end = run.calendar.bounds(day.business_date)
    size = settings.SMARTCARE_PAGE_ROWS
    return Query(day.business_date, begin, end, day.task.care_scenario, day.next_page, size)


def _require_next(page: Page, day: CareDay) -> None:
    """Raise ValidationError unless `page` is the one after those that `day` has."""
    if day.total is not None and page.total != day.total:
        raise refusal("smartcare_total_changed", before=day.total, after=page.total)
    if page.digest and page.digest in day.digests:
        raise refusal("smartcare_page_repeated", wanted=day.next_page)
    if day.next_page > MAX_PAGES:
        raise refusal("care_pages", high=MAX_PAGES)


def _keep(run: Run, day: CareDay, page: Page, customers: Sequence[Customer]) -> None:
    integration = run.hold()
    current = CareDay.objects.select_for_update().filter(pk=day.pk, state=DayState.FETCHING, next_page=day.next_page)
    if integration is None or not (locked := current.first()):
        return
    if refused := why_stopped(locked):
        stop(locked, refused)
        return
    with connection.cursor() as cursor:
        stage(cursor, "incoming_customer", ROW_COLUMNS, lines_of(lines(customers)))
        cursor.execute(KEEP_ROWS, [day.pk])
    Integration.objects.filter(pk=integration.pk).update(failures=0, open_until=None, lease_until=lease())
    _advance(locked, page, customers)


def _advance(day: CareDay, page: Page, customers: Sequence[Customer]) -> None:
    failed = sum(one.outcome == CareOutcome.FAILED for one in customers)
    fetched = day.fetched + len(customers)
    changes: dict[str, Any] = {
        "total": page.total,
        "next_page": F("next_page") + 1,
        "digests": [*day.digests, page.digest],
        "attempts": 0,
        "next_try_at": None,
        "fetched": fetched,
        "failed": F("failed") + failed,
        "waiting": F("waiting") + len(customers) - failed,
        "error_code": "",
        "error_params": {},
        "updated_at": timezone.now(),
    }
    if fetched == page.total:
        changes["state"] = DayState.FETCHED
    CareDay.objects.filter(pk=day.pk).update(**changes)


def _count_failure(integration: Integration, now: Any) -> None:
    integration.failures += 1
    if integration.failures >= FAILURES_TO_OPEN:
        integration.open_until = now + OPEN_TIME
    integration.save(update_fields=["failures", "open_until"])


def _delay(attempts: int, asked_for: int) -> timedelta:
    """Return a random part of a time that doubles with each attempt ("full jitter"), at least what was asked for."""
    longest = min(LONGEST_DELAY, FIRST_DELAY * 2 ** (attempts - 1))
    return timedelta(seconds=max(asked_for, random.uniform(0, longest)))  # noqa: S311


def _error(refused: ValidationError) -> dict[str, Any]:
    params = {name: one if isinstance(one, int) else str(one) for name, one in (refused.params or {}).items()}
    return {"error_code": refused.code, "error_params": params, "next_try_at": None}


def lease() -> Any:
    """Return until when a worker that says nothing more keeps the collection."""
    return Now() + timedelta(seconds=settings.SMARTCARE_LEASE_SECONDS)
