"""THE HEART: one chunk of an import, rows to recipients, exactly once whatever dies.

    claim   one UPDATE: the import is executing, the chunk is the next one, and no living worker has it
    check   outside of any transaction: the chunk's rows against the frozen rules
    commit  one transaction: lock the task (still open?), lock the import (same epoch?), admit the drafts,
            file the rejected rows, move counts, cursor and lease

A turn is one claim and as many chunks as fit its time; while Postgres writes one chunk, the next is checked.

A worker that dies before its commit leaves nothing; one that lost its lease finds another epoch and leaves
nothing either. The message that starts a chunk is a hint: lost, doubled or late, it changes nothing.
"""

import gc
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from math import inf
from time import monotonic
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F, Q
from django.db.models.functions import Now
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from marketing import intake
from marketing.intake import Admitted, Incoming
from marketing.models import MarketingTask
from marketing.rules import Rules
from marketing.staging import stage
from marketing.variables import ADDRESS
from tenants.refusals import declare, refusal
from tenants.scoping import act_for

from . import spool
from .layout import Layout
from .models import ImportBatch, fields_of_end
from .readers.reading import Row
from .states import ImportState, Outcome

MAX_ATTEMPTS = 5  # without progress, before the import is given up
REJECTED_COLUMNS = {"row": "int", "outcome": "text", "code": "text", "params": "jsonb", "cells": "jsonb"}
FILE_REJECTED = """
    INSERT INTO importer_rejectedrow (batch_id, row, outcome, code, params, cells)
    SELECT %s, row, outcome, code, params, cells FROM incoming_rejected ORDER BY row"""

declare(
    {
        "import_stuck": _(
            "The import did not get on in %(n)s attempts and was given up. Import the unprocessed rows again."
        ),
        "source_missing": _("The console's copy of the source is gone. Import the source again."),
        "task_closed": _("The task left Draft and Suspended while rows were imported. The rows so far were kept."),
        "tenant_disabled": _("The tenant space was disabled while rows were imported. The rows so far were kept."),
    }
)


@dataclass(slots=True)
class Checked:
    """A chunk after the rules: what may go in, and {row: refusal} of the rest, source order kept by `rows`."""

    rows: Sequence[Row]
    incoming: list[Incoming] = field(default_factory=list)
    refused: dict[int, ValidationError] = field(default_factory=dict)


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
        _give_up(batch, refusal("source_missing"))
        return None


def tune_process() -> None:
    """Make a process ready for turns: a fifth faster each, measured.

    Garbage collection then leaves the modules' objects out; and the thread that waits for Postgres, thousands of
    times a turn, gets the interpreter back from the one that checks rows after 0.5 ms instead of 5 ms.
    """
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(0.0005)  # seconds


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
    with ThreadPoolExecutor(1) as reader:
        checked = reader.submit(_read_and_check, batch, batch.next_chunk)
        for chunk in range(batch.next_chunk, batch.chunks):
            goes_on = chunk + 1 < batch.chunks and monotonic() < until
            ahead = reader.submit(_read_and_check, batch, chunk + 1) if goes_on else checked
            following = _commit(batch, checked.result(), goes_on=goes_on)
            if following is None or not goes_on:
                return following
            checked = ahead
    return None


def _read_and_check(batch: ImportBatch, chunk: int) -> Checked:
    return check(batch, spool.rows_of_chunk(batch, chunk))


def check(batch: ImportBatch, rows: Sequence[Row]) -> Checked:
    """Judge `rows` by the rules that were frozen with the import. No database."""
    rules, layout = Rules.from_json(batch.rules), Layout(**batch.layout)
    checked = Checked(rows)
    for source in rows:
        try:
            if source.faults:
                _require_readable(layout, source)
            draft = rules.check(layout.address_in(source.cells), layout.values_in(source.cells))
        except ValidationError as refused:
            checked.refused[source.number] = refused
        else:
            checked.incoming.append(Incoming(source.number, draft))
    return checked


def _require_readable(layout: Layout, source: Row) -> None:
    for column in source.faults:
        name = layout.name_at(column)
        if name and (code := source.fault_of(column, is_recipient=name == ADDRESS)):
            raise ValidationError({name: refusal(code, column=layout.title_of(column))})


def _claim(tenant_id: str, batch_id: str, chunk: int) -> ImportBatch | None:
    """Take the import for this worker, or return None: a doubled message, another worker, or nothing to do."""
    free = Q(is_held=False) | Q(lease_until__lt=Now())
    with act_for(tenant_id):
        mine = ImportBatch.objects.filter(free, pk=batch_id, state=ImportState.EXECUTING, next_chunk=chunk)
        if not mine.update(is_held=True, lease_until=_lease(), epoch=F("epoch") + 1, attempts=F("attempts") + 1):
            return None
        batch = ImportBatch.objects.select_related("task", "tenant").get(pk=batch_id)
        if not batch.tenant.is_active:
            _end(batch, ImportState.STOPPED, refusal("tenant_disabled"))
        elif batch.attempts > MAX_ATTEMPTS:
            _end(batch, ImportState.FAILED, refusal("import_stuck", n=MAX_ATTEMPTS))
        else:
            return batch
    return None


def set_free(batch_id: UUID) -> ImportBatch | None:
    """Take the import from a worker whose lease is over, for whoever claims it next; None if there is nothing to do.

    The new lease is the time that its message may wait before it counts as lost. Inside act_for.
    """
    stale = ImportBatch.objects.filter(pk=batch_id, state=ImportState.EXECUTING, lease_until__lt=Now())
    is_stale = stale.update(is_held=False, lease_until=_lease())
    return ImportBatch.objects.get(pk=batch_id) if is_stale else None


def _commit(batch: ImportBatch, checked: Checked, *, goes_on: bool = False) -> int | None:
    try:
        with act_for(batch.tenant), intake.lock(batch.task_id) as task:
            return _write(batch, task, checked, goes_on=goes_on)
    except Http404:
        return None  # the task was deleted meanwhile, and this import with it


def _write(batch: ImportBatch, task: MarketingTask, checked: Checked, *, goes_on: bool) -> int | None:
    locked = _still_mine(batch)
    if locked is None:
        return None
    if intake.why_not(task):
        _end(locked, ImportState.STOPPED, refusal("task_closed"))
        return None
    admitted = intake.admit_many(task, checked.incoming, origin=batch.pk)
    _file_rejected(locked, checked, checked.refused | admitted.refused)
    return _advance(locked, checked, admitted, is_held=goes_on)


def _still_mine(batch: ImportBatch) -> ImportBatch | None:
    """Lock the import; None when it was taken over, cancelled or ended: then this worker's rows never were."""
    mine = ImportBatch.objects.filter(pk=batch.pk, epoch=batch.epoch, state=ImportState.EXECUTING)
    return mine.select_for_update().first()


def _file_rejected(batch: ImportBatch, checked: Checked, refused: dict[int, ValidationError]) -> None:
    if not refused:
        return
    rows = (_rejected(source, refused[source.number]) for source in checked.rows if source.number in refused)
    with connection.cursor() as cursor:
        stage(cursor, "incoming_rejected", REJECTED_COLUMNS, rows)
        cursor.execute(FILE_REJECTED, [batch.pk])


def _rejected(source: Row, refused: ValidationError) -> tuple[Any, ...]:
    first = first_of(refused)
    outcome = first.code if first.code in (Outcome.DUPLICATE, Outcome.SUPPRESSED) else Outcome.FAILED
    return source.number, outcome, first.code, first.params or {}, source.cells


def first_of(refused: ValidationError) -> ValidationError:
    """Return the refusal to show for a row with several: the address's before the variables', in their order."""
    if hasattr(refused, "error_dict"):
        return next(iter(refused.error_dict.values()))[0]
    return refused.error_list[0]


def _advance(batch: ImportBatch, checked: Checked, admitted: Admitted, *, is_held: bool) -> int | None:
    """Move counts and cursor, keep or free the import, and end it after its last chunk; return the next chunk."""
    suppressed = sum(refusal.code == Outcome.SUPPRESSED for refusal in admitted.refused.values())
    next_chunk = batch.next_chunk + 1
    changes: dict[str, Any] = {
        "next_chunk": next_chunk,
        "attempts": 0,
        "is_held": is_held,
        "lease_until": _lease(),
        "created": F("created") + len(admitted.created),
        "suppressed": F("suppressed") + suppressed,
        "duplicate": F("duplicate") + len(admitted.refused) - suppressed,
        "failed": F("failed") + len(checked.refused),
        "unprocessed": F("unprocessed") - len(checked.rows),
    }
    if next_chunk == batch.chunks:
        changes |= fields_of_end(ImportState.COMPLETE)
    ImportBatch.objects.filter(pk=batch.pk).update(**changes)
    return next_chunk if next_chunk < batch.chunks else None


def _give_up(batch: ImportBatch, refused: ValidationError) -> None:
    with act_for(batch.tenant):
        if locked := _still_mine(batch):
            _end(locked, ImportState.FAILED, refused)


def _end(batch: ImportBatch, state: ImportState, refused: ValidationError) -> None:
    changes = fields_of_end(state) | {"error_code": refused.code, "error_params": refused.params or {}}
    ImportBatch.objects.filter(pk=batch.pk).update(**changes)


def _lease() -> Any:
    return Now() + timedelta(seconds=settings.LEASE_SECONDS)
