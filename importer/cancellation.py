"""An import is ended by a person."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.operation_log import attempt, declare_actions, record
from tenants.refusals import declare, refusal

from .models import ImportBatch, fields_of_end
from .states import ALIVE, ImportState

declare({"import_ended": _("This import has ended already; its status is “%(state)s”.")})

declare_actions({"import.cancel": _("Cancel import")})


def cancel(batch: ImportBatch) -> None:
    """End `batch` now, or raise ValidationError (import_ended). What was created so far is kept.

    One conditional UPDATE: it waits for a chunk that is being committed, and after it nothing more is.
    """
    changes = fields_of_end(ImportState.CANCELLED) | {"updated_at": timezone.now()}
    with attempt("import.cancel", batch):
        if not ImportBatch.objects.filter(pk=batch.pk, state__in=ALIVE).update(**changes):
            batch.refresh_from_db()
            raise refusal("import_ended", state=batch.get_state_display())
    batch.refresh_from_db()
    record("import.cancel", batch, task=batch.task.name, created=batch.created, unprocessed=batch.unprocessed)
