"""A schedule's time comes: the clock takes it once, a worker looks at the server, and what is new becomes imports.

    clock   one conditional UPDATE moves `next_run_at` on and sets `wanted_at`: two clocks, or a restart, begin one
            run; what a console that stood still has missed is one run, for the last time that passed
    look    a worker claims the run (a lease) and looks for its files; no transaction is open meanwhile
    settle  one transaction: the run is over, and its imports are there

Whatever dies before that is done again after the lease, and settles once.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketing import intake
from tenants.operation_log import declare_actions, record
from tenants.outbound.stores import TEST_SECONDS, TRANSIENT, Stored
from tenants.refusals import declare, refusal
from tenants.scoping import act_for

from .contents import PASSING
from .events import announce_missed
from .models import ImportBatch
from .pattern import has_wildcards, matches, parts_on
from .schedule_models import ScheduledImport
from .sources.server import opened
from .states import ALIVE, Parsing
from .submission import require_room, submit_from_server

LEASE = timedelta(seconds=60)  # a look takes TEST_SECONDS
RETRY = timedelta(minutes=2)  # after a server that did not answer, or where other imports have to end first
MAX_ATTEMPTS = 3  # of one run
MAX_FILES = 10  # of one run; more wait for the next one
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

declare(
    {
        "schedule_begun": _("New files: %(n)s. Their import began."),
        "schedule_nothing_new": _("No new file. Found, and taken already: %(n)s."),
        "schedule_stuck": _("The run did not come to its end in %(n)s attempts and was given up."),
        "schedule_folder_full": _("The folder has too many entries to look for wildcards. Name the file by its date."),
    }
)
declare_actions({"schedule.missed": _("No file came in time")})


def begin_due(now: datetime) -> list[UUID]:
    """Begin the runs whose time has come, raise alarms; return the schedules that wait for a worker. Inside act_for."""
    for schedule in _active().filter(next_run_at__lte=now):
        _begin(schedule, now)
    for schedule in _active().filter(missing_by__isnull=False):
        _watch(schedule, now)
    waiting = ScheduledImport.objects.filter(wanted_at__isnull=False, lease_until__lte=now)
    return list(waiting.order_by("wanted_at", "id").values_list("pk", flat=True))


def run(tenant_id: str, schedule_id: str) -> list[ImportBatch]:
    """Do the run that `begin_due` began; return its imports. The caller queues them."""
    schedule = _claimed(tenant_id, schedule_id)
    if schedule is None:
        return []
    if schedule.attempts > MAX_ATTEMPTS:  # each has killed its worker
        with act_for(tenant_id):
            _settled(schedule, refusal("schedule_stuck", n=MAX_ATTEMPTS))
        return []
    try:
        found = _found(schedule)
        with act_for(tenant_id), intake.lock(schedule.task_id):  # before the schedule, as everybody
            return _submitted(schedule, found)
    except Http404:
        pass  # the task was deleted meanwhile, and its schedules with it
    except ValidationError as refused:
        with act_for(tenant_id):
            _not_run(schedule, refused)
    return []


def _active() -> Any:
    return ScheduledImport.objects.filter(is_active=True).select_related("tenant").order_by("next_run_at", "id")


def _begin(schedule: ScheduledImport, now: datetime) -> bool:
    """Move `next_run_at` on; False: another clock has."""
    timetable = schedule.timetable
    changes: dict[str, Any] = {"next_run_at": timetable.next_after(now, due=schedule.next_run_at)}
    if schedule.wanted_at is None:
        changes |= {"wanted_at": timetable.last_until(now), "lease_until": now, "attempts": 0}
    as_seen = {"is_active": True, "next_run_at": schedule.next_run_at, "wanted_at": schedule.wanted_at}
    return bool(ScheduledImport.objects.filter(pk=schedule.pk, **as_seen).update(**changes))


def _watch(schedule: ScheduledImport, now: datetime) -> bool:
    """Raise the alarm of today if its hour passed without a file; False: not, or it was raised before."""
    alarm_at = schedule.alarm_at(now)
    if alarm_at is None or now < alarm_at or (schedule.active_since or now) > alarm_at:
        return False
    midnight = schedule.timetable.moment(schedule.timetable.day_of(now), datetime.min.time())
    silent = Q(last_file_at=None) | Q(last_file_at__lt=midnight)
    not_raised = Q(missed_at=None) | Q(missed_at__lt=midnight)
    if not ScheduledImport.objects.filter(silent, not_raised, pk=schedule.pk, is_active=True).update(missed_at=now):
        return False
    record("schedule.missed", schedule, task=schedule.task.name)
    announce_missed(schedule.pk)
    return True


def _claimed(tenant_id: str, schedule_id: str) -> ScheduledImport | None:
    """Take the run for this worker; None: a doubled message, another worker, or no run."""
    now = timezone.now()
    with act_for(tenant_id):
        mine = ScheduledImport.objects.filter(pk=schedule_id, wanted_at__isnull=False, lease_until__lte=now)
        if not mine.update(lease_until=now + LEASE, attempts=F("attempts") + 1):
            return None
        return ScheduledImport.objects.select_related("tenant", "task", "file_server", "rule").get(pk=schedule_id)


def _found(schedule: ScheduledImport) -> list[tuple[str, Stored]]:
    """Return the files that the schedule is about, [(folder, file)], the oldest first; ValidationError: none, or why.

    No transaction is open: the server may take its time.
    """
    _require_possible(schedule)
    *folder, name = parts_on(schedule.path, schedule.timetable.day_of(schedule.wanted_at or timezone.now()))
    with opened(schedule.file_server, seconds=TEST_SECONDS) as store:
        if not has_wildcards(name):
            return [("/".join(folder), store.find([*folder, name]))]
        seen = store.folder(folder)
    if seen.is_cut:
        raise refusal("schedule_folder_full")
    files = [one for one in seen.files if matches(one.name, name)]
    if not files:
        raise refusal("server_file_missing", path="/".join([*folder, name]))
    return [("/".join(folder), one) for one in sorted(files, key=lambda one: (one.changed_at or BEGINNING, one.name))]


def _require_possible(schedule: ScheduledImport) -> None:
    with act_for(schedule.tenant):
        intake.require_open(schedule.task)
        require_room()
        if schedule.parsing == Parsing.RULE and schedule.rule is None:
            raise refusal("schedule_rule_gone")


def _submitted(schedule: ScheduledImport, found: list[tuple[str, Stored]]) -> list[ImportBatch]:
    """Make imports of those of the `found` files that are new, unless the run is this worker's no more."""
    room = min(MAX_FILES, require_room())
    new = [(folder, file) for folder, file in found if not _is_seen(schedule, folder, file)][:room]
    outcome = refusal("schedule_begun", n=len(new)) if new else refusal("schedule_nothing_new", n=len(found))
    if not _settled(schedule, outcome):
        return []
    if new:
        ScheduledImport.objects.filter(pk=schedule.pk).update(last_file_at=timezone.now())
    return [
        submit_from_server(
            schedule.task,
            schedule.file_server,
            path=folder,
            file_name=file.name,
            operator=None,
            rule=schedule.rule,
            schedule=schedule,
        )
        for folder, file in new
    ]


def _is_seen(schedule: ScheduledImport, folder: str, file: Stored) -> bool:
    """Return whether the file, as it is now, has an import: one under way, or one that read its content."""
    same_file = schedule.imports.filter(source_path="/".join(filter(None, (folder, file.name))))
    is_read = Q(fetch__stamp=file.stamp) & ~Q(source_sha256="") & ~Q(error_code__in=PASSING)
    return same_file.filter(Q(state__in=ALIVE) | is_read).exists()


def _not_run(schedule: ScheduledImport, refused: ValidationError) -> None:
    """Settle a run that brought nothing, or try again soon where that may help: for room however often it takes."""
    waits_for_room = refused.code == "too_many_imports"
    if waits_for_room or (refused.code in TRANSIENT and schedule.attempts < MAX_ATTEMPTS):
        outcome = {"outcome_code": refused.code, "outcome_params": refused.params or {}}
        attempts = 0 if waits_for_room else schedule.attempts
        _mine(schedule).update(lease_until=timezone.now() + RETRY, attempts=attempts, **outcome)
    else:
        _settled(schedule, refused)


def _settled(schedule: ScheduledImport, outcome: ValidationError) -> bool:
    """End the run with its outcome; False when it is this worker's no more."""
    return bool(
        _mine(schedule).update(
            wanted_at=None,
            lease_until=None,
            last_run_at=timezone.now(),
            outcome_code=outcome.code,
            outcome_params=outcome.params or {},
        )
    )


def _mine(schedule: ScheduledImport) -> Any:
    return ScheduledImport.objects.filter(
        pk=schedule.pk, wanted_at=schedule.wanted_at, lease_until=schedule.lease_until
    )
