"""What a system administrator may know of a tenant space: how much runs, and when something was last imported.

Counts and moments only: no recipient, no number, no message.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.core.cache import cache
from django.db.models import Count, Min, Q, QuerySet

from importer.models import ImportBatch
from importer.states import ALIVE
from marketing.models import MarketingTask
from marketing.states import TaskState
from tenants.models import Role, Tenant
from tenants.scoping import act_for, each_tenant

LOAD_SECONDS = 5  # that the load of all tenant spaces is believed: asking them takes a millisecond each
ACTIVE_ADMINISTRATORS = Q(users__role=Role.TENANT_ADMINISTRATOR, users__is_active=True)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one tenant space. `last_import_at`: when the latest one was submitted."""

    running_tasks: int
    running_imports: int
    last_import_at: datetime | None


def figures_of(space: Tenant) -> Figures:
    """Return the figures of `space`, in three queries that its size does not slow down."""
    with act_for(space):
        latest = ImportBatch.objects.order_by("-created_at", "-id").values_list("created_at", flat=True).first()
        return Figures(
            MarketingTask.objects.filter(state=TaskState.RUNNING).count(),
            ImportBatch.objects.filter(state__in=ALIVE).count(),
            latest,
        )


def with_administrators(spaces: QuerySet[Tenant]) -> QuerySet[Any]:
    """Add `administrators`, the number of those that can sign in."""
    return spaces.annotate(administrators=Count("users", filter=ACTIVE_ADMINISTRATORS))


def with_figures(spaces: Iterable[Tenant]) -> list[tuple[Tenant, Figures]]:
    """Return each of the `spaces`, a page of them, with its figures."""
    return [(space, figures_of(space)) for space in spaces]


@dataclass(frozen=True, slots=True)
class Load:
    """What runs over all tenant spaces. `waiting_since`: of the oldest import that no worker has taken yet."""

    running_imports: int
    importing_spaces: int
    waiting_since: datetime | None


def load() -> Load:
    """Return the load of the active tenant spaces, at most LOAD_SECONDS old."""
    return cast(Load, cache.get_or_set("administration.load", _load, LOAD_SECONDS))


def _load() -> Load:
    counts, waiting = [], []
    for _space in each_tenant(Tenant.objects.filter(is_active=True)):
        alive = ImportBatch.objects.filter(state__in=ALIVE)
        found = alive.aggregate(count=Count("pk"), since=Min("created_at", filter=Q(epoch=0)))
        counts.append(found["count"])
        waiting += [found["since"]] if found["since"] else []
    return Load(sum(counts), sum(map(bool, counts)), min(waiting, default=None))
