"""What becomes of tasks when a system administrator switches a feature of their tenant space.

A feature that published tasks need is switched off only by whoever says so, knowing which they are. Then the running
ones are suspended; they are resumed by hand once the feature is on again, for nobody can say whether they still should.
"""

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from tenants.features import Feature
from tenants.models import Tenant
from tenants.operation_log import record
from tenants.refusals import declare, refusal
from tenants.scoping import act_for
from tenants.spaces import set_feature

from .channels import FEATURES
from .intake import lock
from .models import MarketingTask
from .states import PUBLISHED, TaskState, TaskType

declare(
    {
        "feature_needed": _(
            "Published tasks need “%(feature)s”: %(names)s. Say that you suspend them, or leave the feature on."
        ),
    }
)

NAMED = 10  # tasks, in a refusal


def switch(space: Tenant, feature: Feature, *, is_on: bool, may_suspend: bool = False) -> list[str]:
    """Switch `feature` of `space`; return the names of the tasks that were suspended.

    ValidationError: space_disabled; feature_needed, when published tasks need it and not `may_suspend`.
    """
    if getattr(space, feature) == is_on:
        return []
    with transaction.atomic():
        space.hold()
        names = [] if is_on else _suspended(space, feature, may_suspend=may_suspend)
        set_feature(space, feature, is_on, suspended=len(names))
    return names


def names_of_needing(space: Tenant, feature: Feature) -> list[str]:
    """Return the names of the published tasks of `space` that need `feature`, sorted."""
    with act_for(space):
        return list(_needing(feature).order_by("name").values_list("name", flat=True))


def _suspended(space: Tenant, feature: Feature, *, may_suspend: bool) -> list[str]:
    with act_for(space):
        tasks = list(_needing(feature).order_by("pk"))  # locked in this order, as by whoever locks several
        if tasks and not may_suspend:
            names = ", ".join(sorted(task.name for task in tasks)[:NAMED])
            raise refusal("feature_needed", feature=feature.label, names=names)
        return sorted(task.name for task in tasks if _is_suspended(task, feature))


def _is_suspended(task: MarketingTask, feature: Feature) -> bool:
    with lock(task.pk) as locked:
        if locked.state != TaskState.RUNNING:
            return False
        locked.move(TaskState.SUSPENDED)
        record("task.suspend", locked, feature=feature.value)
        return True


def _needing(feature: Feature) -> QuerySet[MarketingTask]:
    """Return the published tasks of the tenant acted for that `tasks.features_of` says need `feature`."""
    media = [medium for medium, needed in FEATURES.items() if needed == feature]
    of_feature = {
        Feature.INTELLIGENT_OUTBOUND_CALL: Q(),
        Feature.SMARTCARE: Q(task_type=TaskType.CARE),
    }.get(feature, Q(medium__in=media))
    return MarketingTask.objects.filter(of_feature, state__in=PUBLISHED)
