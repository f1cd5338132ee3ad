"""Which tasks of a tenant somebody should look at, and why."""

from typing import NamedTuple

from django.utils import timezone

from tenants.models import Tenant

from .models import MarketingTask
from .states import PUBLISHED
from .tasks import feature_refusal

SHOWN = 6  # tasks


class Halted(NamedTuple):
    """A published task that cannot send, and the sentence that says why."""

    task: MarketingTask
    reason: str


def halted_tasks(tenant: Tenant) -> list[Halted]:
    """Return the published tasks whose feature was switched off under them, the latest first."""
    kinds = tenant.marketing_tasks.filter(state__in=PUBLISHED, end_at__gt=timezone.now())
    refusals = {
        kind: refused
        for kind in kinds.order_by().values_list("task_type", "medium").distinct()
        if (refused := feature_refusal(tenant, *kind))
    }
    if not refusals:
        return []
    latest = kinds.order_by("-created_at", "-id")
    found = [task for task in latest[:100] if (task.task_type, task.medium) in refusals][:SHOWN]
    return [Halted(task, refusals[task.task_type, task.medium].messages[0]) for task in found]
