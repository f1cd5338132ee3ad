"""THE HEART: one chunk of an import, rows to recipients, exactly once whatever dies.

    claim   one UPDATE: the import is executing, the chunk is the next one, and no living worker has it
    check   outside of any transaction: the chunk's rows against the frozen rules
    commit  one transaction: lock the task (still open?), lock the import (same epoch?), admit the drafts,
            file the rejected rows, move counts, cursor and lease

A turn is one claim and as many chunks as fit its time; while one chunk is written, the next is checked (`ahead`).

A worker that dies before its commit leaves nothing; one that lost its lease finds another epoch and leaves
nothing either. The message that starts a chunk is a hint: lost, doubled or late, it changes nothing.
"""

import gc
from math import inf
from time import monotonic
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from marketing import intake
from marketing.intake import Admitted
from marketing.models import MarketingTask
from marketing.rules import Rules
from marketing.staging import stage
from tenants.refusals import declare, refusal
from tenants.scoping import act_for

from . import holding, spool
from .ahead import Ahead
from .ending import end
from .judging import Judged, judge_of, rejected_lines
from .models import ImportBatch
from .states import ImportState, Outcome

Reasons = dict[str, dict[str, int]]  # {outcome: {code: rows}}
REJECTED_COLUMNS = {"row": "int", "outcome": "text", "code": "text", "params": "jsonb", "cells": "jsonb"}
FILE_REJECTED = """
    WITH filed AS (
        INSERT INTO importer_rejectedrow (batch_id, row, outcome, code, params, cells)
        SELECT %s, row, outcome, code, params, cells FROM incoming_rejected ORDER BY row RETURNING outcome, code)
    SELECT outcome, code, count(*) FROM filed GROUP BY outcome, code"""

declare(
    {
        "source_missing": _("The console's copy of the source is gone. Import the source again."),
        "task_closed": _("The task left Draft and Suspended while rows were imported. The rows so far were kept."),
    }
)


def take_turn(tenant_id: str, batch_id: str, chunk: int, *, seconds: float) -> int | None:
    """Bring in chunks from number `chunk` on, one at least, until `seconds` are over.

    Return the number of the next chunk, or None if there is nothing to go on with.
    """
    batch = _claim(tenant_id, batch_id, chunk)
    if batch is None:
        return None
    try:
        return _bring_in(batch, monotonic() + seconds)
    except FileNotFoundError:
        holding.give_up(batch, refusal("source_missing"))
        return None


def tune_process() -> None:
    """Make a process ready for turns: a fifth faster each, measured.

    Garbage collection leaves the modules' objects out and looks at the rest less often: a chunk is tens of thousands
    of objects, none of them garbage before its end.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


def run_chunk(tenant_id: str, batch_id: str, chunk: int) -> int | None:
    """Bring in the one chunk; return the number of the next one as `take_turn` does."""
    return take_turn(tenant_id, batch_id, chunk, seconds=0)


def run_to_the_end(batch: ImportBatch) -> ImportBatch:
    """Bring in all that is left of `batch` here, without a worker; return it as it is afterwards."""
    take_turn(str(batch.tenant_id), str(batch.pk), batch.next_chunk, seconds=inf)
    with act_for(batch.tenant):
        batch.refresh_from_db()
    return batch


def _bring_in(batch: ImportBatch, until: float) -> int | None:
    judge = judge_of(batch)
    lines = spool.lines_of_chunk(batch, batch.next_chunk)
    judged = judge(lines)
    if not _goes_on(batch, until):
        return _commit(batch, lines, judged)
    with Ahead(judge) as ahead:
        while _goes_on(batch, until):
            following = spool.lines_of_chunk(batch, batch.next_chunk + 1)
            ahead.ask(following)
            if _commit(batch, lines, judged, goes_on=True) is None:
                return None
            batch.next_chunk, lines, judged = batch.next_chunk + 1, following, ahead.answer()
    return _commit(batch, lines, judged)


def _goes_on(batch: ImportBatch, until: float) -> bool:
    return batch.next_chunk + 1 < batch.chunks and monotonic() < until


def _claim(tenant_id: str, batch_id: str, chunk: int) -> ImportBatch | None:
    return holding.claim(tenant_id, batch_id, ImportState.EXECUTING, next_chunk=chunk)


def _commit(batch: ImportBatch, lines: bytes, judged: Judged, *, goes_on: bool = False) -> int | None:
    try:
        with act_for(batch.tenant), intake.lock(batch.task_id) as task:
            return _write(batch, task, lines, judged, goes_on=goes_on)
    except Http404:
        return None  # the task was deleted meanwhile, and this import with it


def _write(batch: ImportBatch, task: MarketingTask, lines: bytes, judged: Judged, *, goes_on: bool) -> int | None:
    locked = holding.still_mine(batch)
    if locked is None:
        return None
    if refused := _why_stopped(locked, task):
        holding.end_for(locked, ImportState.STOPPED, refused)
        return None
    if goes_on:
        _commit_without_waiting()
    admitted = intake.admit_many(task, judged.incoming, origin=batch.pk)
    not_new = rejected_lines(spool.find_rows(lines, sorted(admitted.refused)), admitted.refused)
    reasons = _file_rejected(locked, judged.rejected + not_new)
    return _advance(locked, judged, admitted, reasons, is_held=goes_on)


def _why_stopped(batch: ImportBatch, task: MarketingTask) -> ValidationError | None:
    """Return why no further row of `batch` comes into the locked `task`, or None."""
    return refusal("task_closed") if intake.why_not(task) else Rules.from_json(batch.rules).why_unfit(task)


def _commit_without_waiting() -> None:
    """Let this transaction's commit not wait for the disk: the turn's last one waits, for all before it too.

    A database that crashes within the next fraction of a second forgets the chunk whole, rows and cursor, and it is
    brought in again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO OFF")


def _file_rejected(batch: ImportBatch, lines: bytes) -> Reasons:
    """File the rejected rows; return the reasons of all the import's rows so far."""
    if not lines:
        return batch.reasons
    with connection.cursor() as cursor:
        stage(cursor, "incoming_rejected", REJECTED_COLUMNS, lines)
        cursor.execute(FILE_REJECTED, [batch.pk])
        counted = cursor.fetchall()
    reasons: Reasons = {outcome: dict(codes) for outcome, codes in batch.reasons.items()}
    for outcome, code, rows in counted:
        codes = reasons.setdefault(outcome, {})
        codes[code] = codes.get(code, 0) + rows
    return reasons


def _advance(batch: ImportBatch, judged: Judged, admitted: Admitted, reasons: Reasons, *, is_held: bool) -> int | None:
    """Move counts and cursor, keep or free the import, and end it after its last chunk; return the next chunk."""
    suppressed = sum(refusal.code == Outcome.SUPPRESSED for refusal in admitted.refused.values())
    next_chunk = batch.next_chunk + 1
    changes: dict[str, Any] = {
        "next_chunk": next_chunk,
        "attempts": 0,
        "created": F("created") + admitted.created,
        "suppressed": F("suppressed") + suppressed,
        "duplicate": F("duplicate") + len(admitted.refused) - suppressed,
        "failed": F("failed") + judged.failed,
        "unprocessed": F("unprocessed") - judged.rows,
        "reasons": reasons,
    }
    if next_chunk < batch.chunks:
        ImportBatch.objects.filter(pk=batch.pk).update(**changes, is_held=is_held, lease_until=holding.lease())
        return next_chunk
    end(batch, ImportState.COMPLETE, **changes)
    return None
