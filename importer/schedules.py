"""Scheduled imports: created, changed, switched off and on, asked for at once, deleted. Pages and REST call these."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketing.models import MarketingTask
from marketing.states import TaskType
from tenants.operation_log import attempt, declare_actions, record
from tenants.refusals import declare, refusal

from .pattern import check_pattern
from .schedule_models import ScheduledImport
from .states import Parsing
from .timetable import Rhythm

MAX_SCHEDULES = 20  # of a task
SETTINGS = ("file_server", "path", "parsing", "rule", "rhythm", "at", "weekday", "minutes", "missing_by")
CLOCK = ("is_active", "active_since", "next_run_at", "updated_at")
UNUSED = {  # what a rhythm has no use for
    Rhythm.DAILY: ("weekday", "minutes"),
    Rhythm.WEEKLY: ("minutes",),
    Rhythm.MINUTES: ("at", "weekday"),
}

declare(
    {
        "too_many_schedules": _("The task has %(n)s scheduled imports; %(high)s are allowed."),
        "schedule_running": _("A run of this schedule is under way already."),
    }
)
declare_actions(
    {
        "schedule.create": _("Create scheduled import"),
        "schedule.edit": _("Edit scheduled import"),
        "schedule.switch_on": _("Switch on scheduled import"),
        "schedule.switch_off": _("Switch off scheduled import"),
        "schedule.run": _("Run scheduled import now"),
        "schedule.delete": _("Delete scheduled import"),
    }
)


def save(schedule: ScheduledImport, values: Mapping[str, Any]) -> ScheduledImport:
    """Give `schedule` the `values` and save it, or raise ValidationError keyed by field. Its next run is anew."""
    for name, value in values.items():
        setattr(schedule, name, value)
    for name in UNUSED.get(Rhythm(schedule.rhythm), ()) if schedule.rhythm in Rhythm.values else ():
        setattr(schedule, name, None)
    if schedule.parsing != Parsing.RULE:
        schedule.rule = None
    is_new = schedule._state.adding
    _judge(schedule)
    if is_new:
        _require_room(schedule.task)
    _wind(schedule)
    schedule.save(update_fields=None if is_new else [*SETTINGS, *CLOCK])  # a run under way has the others
    record("schedule.create" if is_new else "schedule.edit", schedule, task=schedule.task.name)
    return schedule


def switch(schedule: ScheduledImport, *, is_on: bool) -> ScheduledImport:
    """Switch `schedule` on or off. On: what was missed meanwhile is not made up for."""
    schedule.is_active = is_on
    _wind(schedule)
    schedule.save(update_fields=CLOCK)
    record("schedule.switch_on" if is_on else "schedule.switch_off", schedule, task=schedule.task.name)
    return schedule


def want_now(schedule: ScheduledImport) -> None:
    """Let `schedule` run now, also when it is off; ValidationError (schedule_running). The caller queues it."""
    now = timezone.now()
    with attempt("schedule.run", schedule):
        waiting = ScheduledImport.objects.filter(pk=schedule.pk, wanted_at=None)
        if not waiting.update(wanted_at=now, lease_until=now, attempts=0):
            raise refusal("schedule_running")
    record("schedule.run", schedule, task=schedule.task.name)


def delete(schedule: ScheduledImport) -> None:
    """Delete `schedule`; its imports keep their rows, and those that are prepared go on."""
    with transaction.atomic():
        record("schedule.delete", schedule, task=schedule.task.name)
        schedule.delete()


def _wind(schedule: ScheduledImport) -> None:
    now = timezone.now()
    schedule.next_run_at = schedule.timetable.next_after(now) if schedule.is_active else None
    schedule.active_since = now if schedule.is_active else None


def _judge(schedule: ScheduledImport) -> None:
    """Judge the whole schedule; ValidationError keyed by field."""
    faults: dict[str, Any] = {}
    try:
        check_pattern(schedule.path)
    except ValidationError as refused:
        faults["path"] = refused
    try:
        schedule.full_clean(exclude=["task"], validate_constraints=False)
    except ValidationError as refused:
        faults = refused.error_dict | faults
    if faults:
        raise ValidationError(faults)


def _require_room(task: MarketingTask) -> None:
    if task.task_type == TaskType.CARE:
        raise refusal("care_task")
    if (count := task.scheduled_imports.count()) >= MAX_SCHEDULES:
        raise refusal("too_many_schedules", n=count, high=MAX_SCHEDULES)
