"""What a schedule takes: each content once, and nothing unusual before somebody looked at it."""

import hashlib
import json

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from tenants.log_words import declare_words
from tenants.operation_log import declare_actions, record
from tenants.refusals import declare, refusal
from tenants.scoping import act_for

from .models import ImportBatch
from .schedule_models import ScheduledImport, TakenContent
from .submission import Source

RUNS = 14  # that a row count is compared with
TIMES = 10  # more, or fewer, rows than their mean are unusual
APPROVED = "is_approved"  # in the import's `fetch`
PASSING = ("task_state", "storage_failed")  # why nothing of a content came in, though nothing is wrong with it

declare(
    {
        "schedule_taken": _("The schedule has taken a file with this content before; nothing was imported."),
        "schedule_held_header": _(
            "The columns are not those of the last run. The import waits until an administrator approves it."
        ),
        "schedule_held_rows": _(
            "The file has %(n)s rows; the last runs had %(mean)s on average. "
            "The import waits until an administrator approves it."
        ),
    }
)
declare_words({"reason": _("Reason")})
declare_actions({"import.hold": _("Hold import for approval")})


def take(batch: ImportBatch, digest: str) -> None:
    """Note that the schedule of `batch` has this content; ValidationError (schedule_taken): it had it before."""
    with act_for(batch.tenant):
        schedule = _schedule_of(batch)
        if schedule is None:
            return
        first, _is_new = TakenContent.objects.get_or_create(
            schedule=schedule, sha256=digest, defaults={"batch_id": batch.pk}
        )
        ImportBatch.objects.filter(pk=batch.pk).update(source_sha256=digest)
    if first.batch_id != batch.pk:
        raise refusal("schedule_taken")


def holds(batch: ImportBatch, source: Source) -> bool:
    """Hold the locked import if it is unlike the runs before; otherwise note what the next one is compared with."""
    schedule = _schedule_of(batch)
    if schedule is None:
        return False
    header = _header_digest(source)
    unusual = None if batch.fetch.get(APPROVED) else _unusual(schedule, header, source.rows)
    if unusual is None:
        TakenContent.objects.filter(schedule=schedule, batch=batch).update(header_sha256=header, rows=source.rows)
        return False
    # Another epoch: the worker that found out has the import no more. No lease: nobody picks it up.
    ImportBatch.objects.filter(pk=batch.pk).update(
        held_code=unusual.code,
        held_params=unusual.params or {},
        is_held=False,
        lease_until=None,
        epoch=F("epoch") + 1,
    )
    note_end(batch, unusual)
    record("import.hold", batch, task=batch.task.name, reason=str(unusual.code))
    return True


def note_end(batch: ImportBatch, reason: ValidationError) -> None:
    """Show at the schedule why its import does not go on. What is refused for a reason that passes may come again."""
    ScheduledImport.objects.filter(pk=batch.schedule_id).update(
        outcome_code=reason.code, outcome_params=reason.params or {}
    )
    if reason.code in PASSING:
        TakenContent.objects.filter(batch=batch).delete()


def _schedule_of(batch: ImportBatch) -> ScheduledImport | None:
    """Return the schedule as it is now; None: there was none, or it was deleted."""
    return ScheduledImport.objects.select_for_update(no_key=True).filter(pk=batch.schedule_id).first()


def _unusual(schedule: ScheduledImport, header: str, rows: int) -> ValidationError | None:
    """Return why somebody should look at the run first, or None."""
    before = list(schedule.taken_contents.filter(rows__isnull=False).order_by("-taken_at", "-id")[:RUNS])
    if not before:
        return None
    if header != before[0].header_sha256:
        return refusal("schedule_held_header")
    total = sum(one.rows or 0 for one in before)
    is_far_off = rows * len(before) >= TIMES * total or rows * len(before) * TIMES <= total
    return refusal("schedule_held_rows", n=rows, mean=round(total / len(before))) if is_far_off else None


def _header_digest(source: Source) -> str:
    """Return the digest of the columns' titles, or of their number where the file has no titles."""
    layout = source.layout
    columns = layout.header if layout.has_header else [source.reading.columns]
    return hashlib.sha256(json.dumps(columns).encode()).hexdigest()
