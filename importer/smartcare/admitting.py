"""From the whole lists of a night to recipients: the maximum over all scenarios once, then chunk by chunk the door."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, F, Min
from django.http import Http404
from django.utils import timezone

from marketing import intake
from marketing.intake import Admitted, Incoming
from marketing.staging import lines_of, stage
from tenants.parameters import system_parameter
from tenants.scoping import act_for

from .collecting import Run, stop, why_stopped
from .ending import end
from .models import CareDay, CareNight, CareRow
from .states import CareOutcome, DayState

OUTCOME_COLUMNS = {"id": "bigint", "outcome": "text", "code": "text", "params": "jsonb"}
# Compared with the first that is cut. A subquery without a join finds that once, whatever the planner thinks: it has no
# statistics of a new day, and would look for it again for each customer.
CUT = """
    UPDATE smartcare_carerow SET outcome = 'cut', variables = '{}' WHERE day_id = ANY(%(days)s) AND outcome = 'waiting'
    AND (score, coalesce(event_at, 'infinity'), row, id) >= (
        SELECT score, coalesce(event_at, 'infinity') AS at, row, id FROM smartcare_carerow
        WHERE day_id = ANY(%(days)s) AND outcome = 'waiting' ORDER BY score, at, row, id OFFSET %(left)s LIMIT 1)"""
# By the primary key: without statistics of a new day the planner would look at all its rows for each one by its number.
FILE_OUTCOMES = """
    UPDATE smartcare_carerow AS customer
    SET outcome = incoming.outcome, code = incoming.code, params = incoming.params, variables = '{}',
        number = CASE incoming.outcome WHEN 'created' THEN '' ELSE customer.number END,
        address = CASE incoming.outcome WHEN 'created' THEN '' ELSE customer.address END,
        recipient_id = CASE incoming.outcome WHEN 'created' THEN (
            SELECT id FROM marketing_recipient WHERE task_id = %s AND address = customer.address) END
    FROM incoming_outcome AS incoming WHERE customer.id = incoming.id"""


def decide(run: Run, night_id: Any) -> bool:
    """Take the worst customers of the night's whole lists up to the maximum and cut the rest; tell whether it was done.

    Waits as long as another scenario of the night is being fetched. What was taken before counts.
    """
    with act_for(run.tenant):
        if run.hold() is None:
            return False
        night = CareNight.objects.select_for_update().get(pk=night_id)
        if night.days.filter(state=DayState.FETCHING).exists():
            return False
        days = list(night.days.filter(state=DayState.FETCHED).select_for_update())
        _cut(night, days)
    return bool(days)


def admit(run: Run, day: CareDay) -> None:
    """Bring the next chunk of customers that were taken into their task, the worst first; after the last, complete."""
    try:
        with act_for(run.tenant), intake.lock(day.task_id) as task:
            current = CareDay.objects.select_for_update().filter(pk=day.pk, state=DayState.ADDING).first()
            if run.hold() is None or current is None:
                return
            if refused := why_stopped(current):
                stop(current, refused)
            else:
                _bring_in(current, task)
    except Http404:
        return  # the task was deleted meanwhile, and its days with it


def _cut(night: CareNight, days: Sequence[CareDay]) -> None:
    night.maximum = max(system_parameter("max_caring_users"), night.taken)
    left = night.maximum - night.taken
    ids = [day.pk for day in days]
    with connection.cursor() as cursor:
        cursor.execute(CUT, {"days": ids, "left": left})
    found = CareRow.objects.filter(day__in=ids, outcome=CareOutcome.CUT)
    cuts = {day: (count, score) for day, count, score in found.values_list("day").annotate(Count("pk"), Min("score"))}
    for day in days:
        count, score = cuts.get(day.pk, (0, None))
        day.move(DayState.ADDING, is_decided=True, cut=F("cut") + count, waiting=F("waiting") - count, cut_score=score)
        night.taken += day.fetched - day.failed - count
    night.save(update_fields=["maximum", "taken"])


def _bring_in(day: CareDay, task: Any) -> None:
    waiting = day.rows.filter(outcome=CareOutcome.WAITING).order_by("score", "row")
    columns = ("row", "address", "variables", "id")
    rows = list(waiting.values_list(*columns, named=True)[: settings.CHUNK_ROWS])
    lines = lines_of(one[:3] for one in rows)
    admitted = intake.admit_many(task, Incoming(len(rows), lines), origin=day.pk, collected=True)
    _file_outcomes(day, rows, admitted)
    suppressed = sum(refused.code == CareOutcome.SUPPRESSED for refused in admitted.refused.values())
    changes: dict[str, Any] = {
        "waiting": F("waiting") - len(rows),
        "created": F("created") + admitted.created,
        "suppressed": F("suppressed") + suppressed,
        "duplicate": F("duplicate") + len(admitted.refused) - suppressed,
    }
    if day.waiting == len(rows):
        end(day, DayState.COMPLETE, **changes, ended_at=timezone.now())
    else:
        CareDay.objects.filter(pk=day.pk).update(**changes, updated_at=timezone.now())


def _file_outcomes(day: CareDay, rows: Sequence[Any], admitted: Admitted) -> None:
    lines = lines_of((one.id, *_outcome_of(one.row, admitted)) for one in rows)
    with connection.cursor() as cursor:
        stage(cursor, "incoming_outcome", OUTCOME_COLUMNS, lines)
        cursor.execute(FILE_OUTCOMES, [day.task_id])


def _outcome_of(row: int, admitted: Admitted) -> tuple[Any, ...]:
    refused = admitted.refused.get(row)
    if refused is None:
        return str(CareOutcome.CREATED), "", {}
    return str(refused.code), str(refused.code), refused.params or {}
