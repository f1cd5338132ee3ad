"""Which days there are and which are due: a row for each business day of a published Care task, made ahead.

The row of the coming night is made as soon as a published task is seen, so that a night that nobody ran is a row
that still waits, and no day is ever hidden. Making rows twice, by two clocks at once, changes nothing.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from uuid import UUID

from django.db.models import Max, Q, QuerySet

from marketing.models import MarketingTask
from marketing.rules import Rules
from marketing.states import PUBLISHED, TaskType
from tenants.models import Tenant

from .calendar import ONE_DAY, Calendar
from .collecting import begin_anew
from .ending import end_all, tell
from .models import CareDay, CareNight
from .states import AT_WORK, PAUSED, DayState


def prepare(tenant: Tenant, now: datetime) -> bool:
    """Make the rows up to the coming night, give up those that are too old, and tell whether any day is due."""
    calendar = Calendar.of(tenant)
    tasks = list(published_care_tasks())
    for task in tasks:
        _make_days(task, calendar, now)
    if not tasks and not CareDay.objects.filter(state__in=AT_WORK).exists():
        return False
    _give_up_old(calendar, now)
    return due_days(calendar, now).exists() or at_work(now).exists()


def published_care_tasks() -> QuerySet[MarketingTask]:
    """Return the Care tasks that collect, each with the newest business day it has a row for."""
    tasks = MarketingTask.objects.filter(task_type=TaskType.CARE, state__in=PUBLISHED)
    return tasks.annotate(newest=Max("care_days__business_date")).order_by("care_scenario")


def due_days(calendar: Calendar, now: datetime) -> QuerySet[CareDay]:
    """Return the days that a run should begin, or go on with: their time has come since anybody last tried."""
    last = calendar.last_due(now)
    waiting = Q(state=DayState.WAITING, business_date__lte=last)
    paused = Q(state__in=PAUSED, run_began_at__lt=calendar.due(last))
    days = CareDay.objects.filter(waiting | paused, task__state__in=PUBLISHED)
    return days.filter(business_date__gte=calendar.earliest(now)).order_by("business_date", "task__care_scenario")


def at_work(now: datetime) -> QuerySet[CareDay]:
    """Return the days that a run has begun and that wait for nothing."""
    days = CareDay.objects.filter(Q(next_try_at=None) | Q(next_try_at__lte=now), state__in=AT_WORK)
    return days.order_by("business_date", "task__care_scenario")


def begin(day: CareDay, calendar: Calendar, now: datetime) -> None:
    """Begin a run of `day`, or go on where the last one stopped; ValidationError (wrong_state) if it is under way."""
    if day.rules and not day.is_decided and Rules.from_json(day.rules).why_unfit(day.task):
        begin_anew(day)
        day.rules = {}
    rules = day.rules or Rules.of(day.task).to_json()
    is_late = now >= calendar.due(day.business_date + ONE_DAY)
    day.move(_next_state(day), attempts=0, next_try_at=None, run_began_at=now, rules=rules,
             is_late=day.is_late or is_late, error_code="", error_params={})  # fmt: skip


def make_days(task: MarketingTask, days: Iterable[date], *, state: DayState = DayState.WAITING) -> list[UUID]:
    """Make rows for `days` of `task`; those that are there stay. Return the ids of the new ones."""
    wanted = list(days)
    CareNight.objects.bulk_create([CareNight(business_date=day) for day in wanted], ignore_conflicts=True)
    nights = {night.business_date: night for night in CareNight.objects.filter(business_date__in=wanted)}
    rows = [CareDay(task=task, night=nights[day], business_date=day, state=state) for day in wanted]
    CareDay.objects.bulk_create(rows, ignore_conflicts=True)
    made = CareDay.objects.filter(pk__in=[row.pk for row in rows])
    return list(made.order_by("business_date").values_list("pk", flat=True))


def _make_days(task: MarketingTask, calendar: Calendar, now: datetime) -> None:
    coming = calendar.last_due(now) + ONE_DAY
    newest = task.newest  # type: ignore[attr-defined]
    missing = list(_dates(newest + ONE_DAY if newest else coming, coming))
    if not missing:
        return
    earliest = calendar.earliest(now)
    make_days(task, [day for day in missing if day >= earliest])
    tell(make_days(task, [day for day in missing if day < earliest], state=DayState.MISSED))


def _give_up_old(calendar: Calendar, now: datetime) -> None:
    old = CareDay.objects.filter(state__in=PAUSED | {DayState.WAITING}, business_date__lt=calendar.earliest(now))
    end_all(old, DayState.MISSED)


def _dates(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += ONE_DAY


def _next_state(day: CareDay) -> DayState:
    if day.is_decided:
        return DayState.ADDING
    return DayState.FETCHED if day.is_fetched else DayState.FETCHING
