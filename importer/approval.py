"""An import that is held is let on, or put aside, by an administrator: by one of them."""

from typing import Any

from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.operation_log import attempt, declare_actions, record
from tenants.refusals import declare, refusal

from .contents import APPROVED
from .models import ImportBatch, fields_of_end
from .states import ImportState

declare(
    {
        "not_held": _("This import does not wait for approval any more."),
        "schedule_discarded": _("An administrator discarded this import; nothing was imported."),
    }
)
declare_actions({"import.approve": _("Approve held import"), "import.discard": _("Discard held import")})


def approve(batch: ImportBatch) -> None:
    """Let the held `batch` go on, or raise ValidationError (not_held). The caller queues it after commit."""
    fetch = batch.fetch | {APPROVED: True}
    _decide(batch, "import.approve", fetch=fetch, attempts=0, is_held=False, lease_until=Now())


def discard(batch: ImportBatch) -> None:
    """End the held `batch`, or raise ValidationError (not_held). Its content is not taken again."""
    end = fields_of_end(ImportState.CANCELLED)
    _decide(batch, "import.discard", **end, error_code="schedule_discarded", error_params={})


def _decide(batch: ImportBatch, action: str, **changes: Any) -> None:
    held = ImportBatch.objects.filter(pk=batch.pk, state=ImportState.PREPARING).exclude(held_code="")
    with attempt(action, batch):
        if not held.update(held_code="", held_params={}, updated_at=timezone.now(), **changes):
            raise refusal("not_held")
    batch.refresh_from_db()
    record(action, batch, task=batch.task.name)
