"""Who has an import: claimed by one worker at a time, believed until its lease is over, fenced off by its epoch."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from tenants.refusals import declare, refusal
from tenants.scoping import act_for

from .ending import end
from .models import ImportBatch
from .states import ALIVE, ImportState

MAX_ATTEMPTS = 5  # without progress, before the import is given up

declare(
    {
        "import_stuck": _(
            "The import did not get on in %(n)s attempts and was given up. Import the unprocessed rows again."
        ),
    }
)


def claim(tenant_id: str, batch_id: str, state: ImportState, **where: Any) -> ImportBatch | None:
    """Take the import for this worker, or return None: a doubled message, another worker, or nothing to do.

    `where`: what else must be so, such as next_chunk=3.
    """
    free = Q(is_held=False) | Q(lease_until__lt=Now())
    with act_for(tenant_id):
        mine = ImportBatch.objects.filter(free, pk=batch_id, state=state, **where)
        if not mine.update(is_held=True, lease_until=lease(), epoch=F("epoch") + 1, attempts=F("attempts") + 1):
            return None
        batch = ImportBatch.objects.select_related("task__template", "tenant", "file_server").get(pk=batch_id)
        if not batch.tenant.is_active:
            end_for(batch, ImportState.STOPPED, refusal("tenant_disabled"))
        elif batch.attempts > MAX_ATTEMPTS:
            end_for(batch, ImportState.FAILED, refusal("import_stuck", n=MAX_ATTEMPTS))
        else:
            return batch
    return None


def still_mine(batch: ImportBatch) -> ImportBatch | None:
    """Lock the import; None when it was taken over, cancelled or ended: then this worker's work never was.

    Nor was it where the database has forgotten the chunk before, which a pooler would let go unnoticed.
    """
    as_seen = {"epoch": batch.epoch, "state": batch.state, "next_chunk": batch.next_chunk}
    mine = ImportBatch.objects.filter(pk=batch.pk, **as_seen)
    return mine.select_for_update().first()


def keep(batch: ImportBatch, **changes: Any) -> bool:
    """Lengthen the lease, and write `changes` down; False when the import is this worker's no more."""
    with act_for(batch.tenant):
        mine = ImportBatch.objects.filter(pk=batch.pk, epoch=batch.epoch, state=batch.state)
        return bool(mine.update(lease_until=lease(), **changes))


def set_aside(batch: ImportBatch, *, seconds: float | None = None, **changes: Any) -> None:
    """Let go of the import, for whoever claims it after its message, or after `seconds`. Inside act_for."""
    mine = ImportBatch.objects.filter(pk=batch.pk, epoch=batch.epoch, state=batch.state)
    mine.update(is_held=False, lease_until=lease(seconds), **changes)


def set_free(batch_id: UUID) -> ImportBatch | None:
    """Take the import from a worker whose lease is over, for whoever claims it next; None if there is nothing to do.

    The new lease is the time that its message may wait before it counts as lost. Inside act_for.
    """
    stale = ImportBatch.objects.filter(pk=batch_id, state__in=ALIVE, lease_until__lt=Now())
    is_stale = stale.update(is_held=False, lease_until=lease())
    return ImportBatch.objects.get(pk=batch_id) if is_stale else None


def give_up(batch: ImportBatch, refused: ValidationError, state: ImportState = ImportState.FAILED) -> bool:
    """End the import in `state`; False, if it is this worker's no more."""
    with act_for(batch.tenant):
        if locked := still_mine(batch):
            end_for(locked, state, refused)
    return locked is not None


def end_for(batch: ImportBatch, state: ImportState, refused: ValidationError) -> None:
    """End the import, locked in this transaction, in `state`, with the reason."""
    end(batch, state, error_code=refused.code, error_params=refused.params or {})


def lease(seconds: float | None = None) -> Any:
    """Return until when a worker is believed from now on, by the database's clock."""
    return Now() + timedelta(seconds=settings.LEASE_SECONDS if seconds is None else seconds)
