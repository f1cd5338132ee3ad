"""What the View of a Care task says: its days as table and chart, what holds for them, and a day's recipients."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from marketing.models import MarketingTask, Recipient
from marketing.states import PUBLISHED
from tenants.models import Tenant
from tenants.system_parameters import system_settings

from .calendar import ONE_DAY, Calendar
from .integration import integration_or_none, why_off
from .models import CareDay, CareRow
from .states import AT_WORK, SHOWN_AS_ROWS, CareOutcome, DayState

STATE_LOOKS = {  # state: (kind of badge, icon)
    DayState.WAITING: ("draft", "clock"),
    DayState.FETCHING: ("executing", "loader-2"),
    DayState.FETCHED: ("executing", "loader-2"),
    DayState.ADDING: ("executing", "loader-2"),
    DayState.COMPLETE: ("complete", "circle-check"),
    DayState.PARTIAL: ("warn", "alert-triangle"),
    DayState.STOPPED: ("stopped", "hand-stop"),
    DayState.MISSED: ("failed", "circle-x"),
}


@dataclass(frozen=True, slots=True)
class ShownDay:
    """A line of the table of days: the day, its badge, its counts with links, and a note."""

    day: CareDay
    kind: str
    icon: str
    counts: list[tuple[int, str]]
    notes: list[str]


def shown_days(days: Sequence[CareDay]) -> list[ShownDay]:
    """Return the lines of the table."""
    return [ShownDay(day, *STATE_LOOKS[DayState(day.state)], _counts(day), notes_of(day)) for day in days]


def notices(tenant: Tenant, task: MarketingTask) -> list[dict[str, Any]]:
    """Return what holds for the collection now, as notices: why there is none, the maximum, the next collection."""
    found = [{"kind": "warn", "fact": _("Nothing is collected."), "text": text} for text in _hindrances(tenant, task)]
    return [*found, {"kind": "info", "fact": _maximum(), "text": _rest(tenant, task)}]


def next_collection(tenant: Tenant, task: MarketingTask) -> datetime | None:
    """Return when the next business day of `task` is collected; None when it is not."""
    if why_off(tenant) or task.state not in PUBLISHED:
        return None
    calendar, now = Calendar.of(tenant), timezone.now()
    return calendar.due(calendar.last_due(now) + ONE_DAY)


def chart_of(days: Sequence[CareDay]) -> dict[str, Any]:
    """Return the chart of `days`, oldest first, as static/charts.js draws it."""
    ordered = sorted((day for day in days if day.state != DayState.WAITING), key=lambda day: day.business_date)
    series = [
        (pgettext("customers", "Created"), "created", [day.created for day in ordered]),
        (_("Failed, duplicate or suppressed"), "duplicate", [d.failed + d.duplicate + d.suppressed for d in ordered]),
        (_("Cut by the maximum"), "unprocessed", [day.cut for day in ordered]),
    ]
    return {
        "labels": [date_format(day.business_date, "MONTH_DAY_FORMAT") for day in ordered],
        "series": [{"label": label, "fill": fill, "values": values} for label, fill, values in series],
        "line": {"label": _("Fetched"), "values": [day.fetched for day in ordered]},
    }


def recipients_of(task: MarketingTask, day: CareDay, *, digits: str) -> QuerySet[CareRow]:
    """Return the customers of `day` that are recipients still, those whose number has `digits`."""
    known = task.recipients.filter(pk=OuterRef("recipient_id"))
    known = known.filter(address__contains=digits) if digits else known
    return day.rows.filter(Exists(known), outcome=CareOutcome.CREATED)


def with_recipients(task: MarketingTask, customers: Sequence[CareRow]) -> list[tuple[Recipient, CareRow]]:
    """Return each customer with its recipient."""
    found = task.recipients.in_bulk([one.recipient_id for one in customers])
    return [(found[one.recipient_id], one) for one in customers if one.recipient_id in found]


def _counts(day: CareDay) -> list[tuple[int, str]]:
    names = ("fetched", "created", "failed", "duplicate", "suppressed", "cut")
    return [(getattr(day, name), _link(day, name)) for name in names]


def _link(day: CareDay, name: str) -> str:
    if not getattr(day, name) or name == "fetched":
        return ""
    if name in SHOWN_AS_ROWS:
        return reverse("smartcare:care-rows", args=[day.task_id, day.pk, name])
    return page_of_day(day)


def page_of_day(day: CareDay) -> str:
    """Return where the recipients of `day` are listed."""
    return f"{reverse('smartcare:care-task', args=[day.task_id])}?day={day.pk}#recipients"


def notes_of(day: CareDay) -> list[str]:
    notes = []
    if day.cut_score is not None:
        score = number_format(day.cut_score.normalize())
        notes.append(_("Scores from %(score)s on were cut.") % {"score": score})
    elif day.cut:
        notes.append(_("All were cut."))
    if day.is_late:
        notes.append(_("Caught up in a later night."))
    if day.state == DayState.FETCHED:
        notes.append(_("Waits for the other scenario, with which it shares the maximum."))
    if day.error_code:
        notes.append(day.error_sentence)
    if day.next_try_at:
        notes.append(
            _("Next try: %(time)s.") % {"time": date_format(timezone.localtime(day.next_try_at), "TIME_FORMAT")}
        )
    return notes + _progress(day)


def _progress(day: CareDay) -> list[str]:
    if day.state in (DayState.FETCHING, DayState.PARTIAL) and day.total:
        words = {"fetched": f"{day.fetched:,}", "total": f"{day.total:,}"}
        return [_("%(fetched)s of %(total)s are fetched.") % words]
    if day.state == DayState.MISSED:
        return [_("It lies too far back to be caught up.")]
    return []


def _hindrances(tenant: Tenant, task: MarketingTask) -> list[str]:
    if refused := why_off(tenant):
        return [refused.messages[0]]
    if task.state not in PUBLISHED:
        return [_("The task is %(state)s. Customers are collected while it is Running or Suspended.")
                % {"state": task.get_state_display()}]  # fmt: skip
    if integration_or_none() is None:
        return [_("SmartCare Integration is not filled in yet.")]
    return []


def _maximum() -> str:
    setting = system_settings()["max_caring_users"]
    words = {"value": f"{int(setting.value):,}"}
    if setting.effective_at is None:
        return _("Maximum number of caring users: %(value)s.") % words
    moment = timezone.localtime(setting.effective_at)
    words |= {"time": date_format(moment, "TIME_FORMAT"), "pending": f"{int(setting.pending):,}"}
    return _("Maximum number of caring users: %(value)s is in force until %(time)s, then %(pending)s.") % words


def _rest(tenant: Tenant, task: MarketingTask) -> str:
    text = _(
        "It counts the voice and data customers of this tenant space together, each day; the worst scores come first."
    )
    moment = next_collection(tenant, task)
    if moment is None:
        return text
    shown = date_format(timezone.localtime(moment), "DATETIME_FORMAT")
    return f"{text} " + _("Next collection: %(moment)s.") % {"moment": shown}


def said_of_run(days: Sequence[CareDay]) -> str:
    """Return what is said after a run was begun by hand."""
    count = len({day.business_date for day in days})
    return ngettext(
        "The collection of %(count)s business day has begun.",
        "The collection of %(count)s business days has begun.",
        count,
    ) % {"count": count}


def is_at_work(days: Sequence[CareDay]) -> bool:
    """Return whether the page should look again by itself."""
    return any(day.state in AT_WORK for day in days)


def first_message(refused: ValidationError | None) -> str:
    """Return what is said of a refusal; empty without one."""
    return refused.messages[0] if refused else ""
