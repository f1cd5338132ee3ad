"""A turn of a tenant's nightly run: claim it, then page by page and chunk by chunk as far as the turn's time goes.

The truth is in the database: each step is one transaction that moves a day on, so a turn may end anywhere - its time
is over, its worker is killed, SmartCare is away - and the next one goes on. The message that starts a turn is a hint.
"""

from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketing.models import MarketingTask
from marketing.states import PUBLISHED, TaskType
from tenants.log_words import declare_words
from tenants.models import Tenant
from tenants.operation_log import declare_actions, record
from tenants.refusals import declare, refusal
from tenants.scoping import act_for

from . import planning
from .admitting import admit, decide
from .calendar import Calendar
from .client import Client
from .collecting import Run, fetch, lease, stop_all
from .ending import end_all
from .integration import integration_or_none, why_off
from .models import CareDay, Integration
from .states import AT_WORK, DayState

QUEUED = timedelta(minutes=5)  # a turn waits behind those of all other tenants

declare(
    {
        "care_no_task": _("No Care task is published. Publish one first."),
        "care_collected": _("The customers of %(day)s have been collected already. The next run comes by itself."),
        "care_running": _("A run is under way. Wait until it has ended."),
    }
)
declare_actions({"care.run": _("Run SmartCare collection now")})
declare_words({"days": _("Business days")})


def take_turn(tenant_id: str, *, seconds: float) -> bool:
    """Work for up to about `seconds`; return whether there is more to do at once."""
    run = _claim(tenant_id)
    if run is None:
        return False
    until, goes_on = monotonic() + seconds, False
    try:
        while (has_more := _step(run)) and monotonic() < until:
            pass
        goes_on = has_more
        return goes_on
    finally:
        _release(run, goes_on=goes_on)


def note_queued() -> bool:
    """Believe for a while in the message that is sent next; False: one is on its way, or a worker collects.

    Or the clock would send one more for each tenant that waits, every ten seconds. Inside act_for.
    """
    idle = _is_past("lease_until") & _is_past("queued_until")
    noted = Integration.objects.filter(idle).update(queued_until=Now() + QUEUED)
    return bool(noted) or integration_or_none() is None


def note_not_queued() -> None:
    """Take back that a message is on its way: the next round of the clock sends one. Inside act_for."""
    Integration.objects.update(queued_until=None)


def run_now(tenant: Tenant) -> list[CareDay]:
    """Begin a run for all published Care tasks of `tenant`: yesterday's customers, and what is open before.

    ValidationError: feature_off, smartcare_missing, care_no_task, care_running, care_collected.
    """
    now, calendar = timezone.now(), Calendar.of(tenant)
    yesterday = calendar.yesterday(now)
    integration = Integration.objects.select_for_update(of=("self",)).first()
    tasks = list(planning.published_care_tasks())
    if refused := why_off(tenant) or _why_no_run(integration, tasks):
        raise refused
    for task in tasks:
        planning.make_days(task, [yesterday])
    days = list(_open_days(calendar, now))
    if not days:
        is_running = CareDay.objects.filter(state__in=AT_WORK).exists()
        raise refusal("care_running") if is_running else refusal("care_collected", day=yesterday.isoformat())
    for day in days:
        _begin(day, calendar, now)
    Integration.objects.update(failures=0, open_until=None)  # who presses the button says that it may work now
    record("care.run", name="SmartCare", days=sorted({day.business_date.isoformat() for day in days}))
    return days


def _open_days(calendar: Calendar, now: datetime) -> QuerySet[CareDay]:
    """Return the days that a run by hand begins, resumes, or tries again at once."""
    idle = ~Q(state__in=[DayState.COMPLETE, DayState.MISSED, DayState.FETCHED, DayState.ADDING])
    is_waiting = ~Q(state=DayState.FETCHING) | Q(next_try_at__gt=now)
    days = CareDay.objects.filter(idle, is_waiting, task__task_type=TaskType.CARE, task__state__in=PUBLISHED)
    within = {"business_date__gte": calendar.earliest(now), "business_date__lte": calendar.yesterday(now)}
    return days.filter(**within).select_related("task__template", "task__tenant")


def _begin(day: CareDay, calendar: Calendar, now: datetime) -> None:
    if day.state == DayState.FETCHING:
        CareDay.objects.filter(pk=day.pk).update(next_try_at=None, attempts=0, run_began_at=now)
    else:
        planning.begin(day, calendar, now)


def _why_no_run(integration: Integration | None, tasks: list[MarketingTask]) -> ValidationError | None:
    if integration is None:
        return refusal("smartcare_missing")
    return None if tasks else refusal("care_no_task")


def _claim(tenant_id: str) -> Run | None:
    """Take the tenant's run for this worker, or return None: nothing to do, or another worker has it."""
    with act_for(tenant_id):
        tenant = Tenant.objects.get(pk=tenant_id)
        changes = {"lease_until": lease(), "queued_until": None, "epoch": F("epoch") + 1}
        claimed = Integration.objects.filter(_is_past("lease_until")).update(**changes)
        integration = integration_or_none()
        calendar = Calendar.of(tenant)
        if integration is None:
            _leave_partial(calendar)
        if not claimed or integration is None:
            return None
        return Run(tenant, integration, calendar, Client(integration))


def _release(run: Run, *, goes_on: bool) -> None:
    """Let other workers have it; `goes_on`: the caller sends a message for what is left."""
    with act_for(run.tenant):
        mine = Integration.objects.filter(pk=run.integration.pk, epoch=run.integration.epoch)
        mine.update(lease_until=None, queued_until=Now() + QUEUED if goes_on else None)


def _is_past(field: str) -> Q:
    return Q(**{field: None}) | Q(**{f"{field}__lt": Now()})


def _leave_partial(calendar: Calendar) -> None:
    """Nobody said where SmartCare is: the due days say so."""
    now = timezone.now()
    why: dict[str, Any] = {"error_code": "smartcare_missing", "error_params": {}}
    end_all(planning.due_days(calendar, now), DayState.PARTIAL, run_began_at=now, **why)


def _step(run: Run) -> bool:
    """Do one thing for the first day that it can be done for; return whether anything was."""
    with act_for(run.tenant):
        now = timezone.now()
        if run.hold() is None or not _begin_due(run, now):
            return False
        days = list(planning.at_work(now).select_related("task"))
    for day in days:
        if day.state == DayState.FETCHING:
            return _fetch(run, day)
        if day.state == DayState.ADDING:
            admit(run, day)
            return True
        if day.state == DayState.FETCHED and decide(run, day.night_id):
            return True
    return False


def _begin_due(run: Run, now: datetime) -> bool:
    """Begin what is due; where SmartCare was switched off stop everything instead, and return False."""
    if refused := why_off(Tenant.objects.get(pk=run.tenant.pk)):
        stop_all(run.tenant, refused)
        return False
    for day in planning.due_days(run.calendar, now).select_related("task__template", "task__tenant"):
        planning.begin(day, run.calendar, now)
    return True


def _fetch(run: Run, day: CareDay) -> bool:
    if not _is_open(run, day):
        fetch(run, day)
    return True


def _is_open(run: Run, day: CareDay) -> bool:
    """Tell whether the breaker is open; then `day` waits for it."""
    with act_for(run.tenant):
        until = Integration.objects.filter(pk=run.integration.pk, open_until__gt=timezone.now())
        moment = until.values_list("open_until", flat=True).first()
        if moment:
            CareDay.objects.filter(pk=day.pk, state=DayState.FETCHING).update(next_try_at=moment)
        return moment is not None
