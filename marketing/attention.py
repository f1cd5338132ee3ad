"""Which tasks somebody should look at, and why; and which end soon."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from tenants.attention import SHOWN, Matter, declare_coming, declare_matters
from tenants.models import Tenant, User

from .models import MarketingTask
from .states import PUBLISHED
from .tasks import feature_refusal

SOON = timedelta(days=7)
GRACE = timedelta(minutes=10)  # the console completes what is over each minute


def overdue_tasks(_user: User) -> Iterator[Matter]:
    """Yield the published tasks past their end, the oldest first: the console should have completed them."""
    why = _("Its end has passed, and the console did not complete it. Tell the system administrator.")
    found = _published().filter(end_at__lt=timezone.now() - GRACE)
    for task in found.order_by("end_at", "id")[:SHOWN]:
        text = _("“%(name)s” is past its end") % {"name": task.name}
        yield Matter(text, _page(task), "clock-exclamation", (why,), task.end_at, is_urgent=True)


def halted_tasks(user: User) -> Iterator[Matter]:
    """Yield the published tasks whose feature was switched off under them, the latest first."""
    going_on = _published().filter(end_at__gt=timezone.now())
    kinds = going_on.order_by().values_list("task_type", "medium").distinct()
    refusals = dict(_refusals(user.tenant, kinds)) if user.tenant else {}
    if not refusals:
        return
    are_refused = reduce(or_, (Q(task_type=task_type, medium=medium) for task_type, medium in refusals))
    for task in going_on.filter(are_refused).order_by("-created_at", "-id")[:SHOWN]:
        text = _("“%(name)s” sends nothing") % {"name": task.name}
        yield Matter(text, _page(task), "plug-off", (refusals[task.task_type, task.medium],))


def ending_tasks(_user: User) -> Iterator[Matter]:
    """Yield the published tasks that end soon, the next one first."""
    now = timezone.now()
    for task in _published().filter(end_at__range=(now, now + SOON)).order_by("end_at", "id")[:SHOWN]:
        yield Matter(_("“%(name)s” ends") % {"name": task.name}, _page(task), "flag", moment=task.end_at)


def _published() -> QuerySet[MarketingTask]:
    return MarketingTask.objects.filter(state__in=PUBLISHED)


def _page(task: MarketingTask) -> str:
    return reverse("marketing:task", args=[task.pk])


def _refusals(tenant: Tenant, kinds: Iterable[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield each (type, medium) that is switched off, with the sentence that says so."""
    for kind in kinds:
        if refused := feature_refusal(tenant, *kind):
            yield kind, refused.messages[0]


declare_matters(overdue_tasks, halted_tasks)
declare_coming(ending_tasks)
