"""An import that is held is let on, or put aside, by an administrator: by one of them."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.operation_log import attempt, declare_actions, record
from tenants.refusals import declare, refusal

from .contents import APPROVED
from .ending import end
from .models import ImportBatch
from .states import ImportState

declare(
    {
        "not_held": _("This import does not wait for approval any more."),
        "schedule_discarded": _("An administrator discarded this import; nothing was imported."),
    }
)
HELD_NO_MORE: dict[str, Any] = {"held_code": "", "held_params": {}}
declare_actions({"import.approve": _("Approve held import"), "import.discard": _("Discard held import")})


def approve(batch: ImportBatch) -> None:
    """Let the held `batch` go on, or raise ValidationError (not_held). The caller queues it after commit."""
    again = {"fetch": batch.fetch | {APPROVED: True}, "attempts": 0, "is_held": False, "lease_until": Now()}
    now = timezone.now()
    _decide(batch, "import.approve", lambda: bool(_held(batch).update(**again, **HELD_NO_MORE, updated_at=now)))


def discard(batch: ImportBatch) -> None:
    """End the held `batch`, or raise ValidationError (not_held). Its content is not taken again."""
    why: dict[str, Any] = {"error_code": "schedule_discarded", "error_params": {}}
    _decide(
        batch, "import.discard", lambda: end(batch, ImportState.CANCELLED, among=_held(batch), **why, **HELD_NO_MORE)
    )


def _held(batch: ImportBatch) -> QuerySet[ImportBatch]:
    return ImportBatch.objects.filter(pk=batch.pk, state=ImportState.PREPARING).exclude(held_code="")


def _decide(batch: ImportBatch, action: str, do: Callable[[], bool]) -> None:
    with attempt(action, batch):
        if not do():
            raise refusal("not_held")
    batch.refresh_from_db()
    record(action, batch, task=batch.task.name)
