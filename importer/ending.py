"""An import ends: here, whoever ends it, so that every end is told of, and once."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from .events import announce_finished
from .models import ImportBatch
from .states import ImportState


def end(batch: ImportBatch, state: ImportState, *, among: QuerySet[ImportBatch] | None = None, **changes: Any) -> bool:
    """Move the import to the ended `state`, and set `changes`; False: it is not `among` those that may end so.

    Without `among` the caller has locked it, and seen that it is alive. Webhooks are told in the same transaction.
    """
    imports = ImportBatch.objects.all() if among is None else among
    now = timezone.now()
    changes = {"state": state, "ended_at": now, "updated_at": now, "is_held": False, "lease_until": None} | changes
    if not imports.filter(pk=batch.pk).update(**changes):
        return False
    announce_finished(batch.pk)
    return True
