"""An import is ended by a person."""

from django.utils.translation import gettext_lazy as _

from tenants.operation_log import attempt, declare_actions, record
from tenants.refusals import declare, refusal

from .ending import end
from .models import ImportBatch
from .states import ALIVE, ImportState

declare({"import_ended": _("This import has ended already; its status is “%(state)s”.")})

declare_actions({"import.cancel": _("Cancel import")})


def cancel(batch: ImportBatch) -> None:
    """End `batch` now, or raise ValidationError (import_ended). What was created so far is kept.

    One conditional UPDATE: it waits for a chunk that is being committed, and after it nothing more is.
    """
    with attempt("import.cancel", batch):
        if not end(batch, ImportState.CANCELLED, among=ImportBatch.objects.filter(state__in=ALIVE)):
            batch.refresh_from_db()
            raise refusal("import_ended", state=batch.get_state_display())
    batch.refresh_from_db()
    record("import.cancel", batch, task=batch.task.name, created=batch.created, unprocessed=batch.unprocessed)
