"""Which tasks of a tenant somebody should look at, and why."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.models import Tenant

from .models import MarketingTask
from .states import PUBLISHED
from .tasks import feature_refusal

SHOWN = 6  # tasks of each kind
SOON = timedelta(days=7)
GRACE = timedelta(minutes=10)  # the console completes what is over each minute
NOT_COMPLETED = _("Its end has passed, and the console did not complete it. Tell the system administrator.")


class Matter(NamedTuple):
    """A published task that somebody should look at, and the sentence that says why."""

    task: MarketingTask
    reason: Any


def overdue_tasks(tenant: Tenant) -> list[Matter]:
    """Return the published tasks past their end, the oldest first: the console should have completed them."""
    found = _published(tenant).filter(end_at__lt=timezone.now() - GRACE)
    return [Matter(task, NOT_COMPLETED) for task in found.order_by("end_at", "id")[:SHOWN]]


def halted_tasks(tenant: Tenant) -> list[Matter]:
    """Return the published tasks whose feature was switched off under them, the latest first."""
    going_on = _published(tenant).filter(end_at__gt=timezone.now())
    refusals = dict(_refusals(tenant, going_on.order_by().values_list("task_type", "medium").distinct()))
    if not refusals:
        return []
    are_refused = reduce(or_, (Q(task_type=task_type, medium=medium) for task_type, medium in refusals))
    found = going_on.filter(are_refused).order_by("-created_at", "-id")[:SHOWN]
    return [Matter(task, refusals[task.task_type, task.medium]) for task in found]


def ending_tasks(tenant: Tenant) -> list[MarketingTask]:
    """Return the published tasks that end soon, the next one first."""
    now = timezone.now()
    return list(_published(tenant).filter(end_at__range=(now, now + SOON)).order_by("end_at", "id")[:SHOWN])


def _published(tenant: Tenant) -> QuerySet[MarketingTask]:
    return tenant.marketing_tasks.filter(state__in=PUBLISHED)


def _refusals(tenant: Tenant, kinds: Iterable[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield each (type, medium) that is switched off, with the sentence that says so."""
    for kind in kinds:
        if refused := feature_refusal(tenant, *kind):
            yield kind, refused.messages[0]
