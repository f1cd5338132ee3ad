"""What is kept how long. Tenant parameters: source_file_days, rejected_row_days."""

from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from tenants.models import Tenant
from tenants.parameters import parameters_of

from . import spool
from .models import ImportBatch, RejectedRow
from .states import ENDED


def purge(tenant: Tenant) -> None:
    """Delete the sources and rejected rows of ended imports that `tenant` keeps no longer, and orphaned copies."""
    days = {key: int(value) for key, value in parameters_of(tenant).items() if key.endswith("_days")}
    for batch in _ended_before(days["source_file_days"]).filter(is_purged=False):
        spool.remove(batch)
        batch.is_purged = True
        batch.save(update_fields=["is_purged"])
    kept = RejectedRow.objects.filter(batch=OuterRef("pk"))
    old = _ended_before(days["rejected_row_days"]).filter(Exists(kept))
    for batch in old:  # one by one: each statement has a limit
        batch.rejected_rows.all().delete()
    known = {str(pk) for pk in ImportBatch.objects.values_list("pk", flat=True)}
    spool.remove_orphans(tenant, known)


def _ended_before(days: int):  # type: ignore[no-untyped-def]
    return ImportBatch.objects.filter(state__in=ENDED, ended_at__lt=timezone.now() - timedelta(days=days))
