"""What of SmartCare needs a look: nights that are not whole, customers who were cut, certificates that end."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marketing.models import MarketingTask
from marketing.states import PUBLISHED, TaskType
from tenants.attention import SHOWN, Matter, declare_coming, declare_matters
from tenants.models import User

from .integration import integration_or_none
from .models import CareDay, Certificate
from .overview import STATE_LOOKS, next_collection, notes_of
from .states import PAUSED, DayState

NAMED_FOR = timedelta(days=7)
SOON = timedelta(days=30)
TEXTS = {
    DayState.PARTIAL: gettext_lazy("SmartCare sent the customers of %(day)s only in part: “%(task)s”"),
    DayState.STOPPED: gettext_lazy("The collection of %(day)s stopped: “%(task)s”"),
    DayState.MISSED: gettext_lazy("The customers of %(day)s were missed: “%(task)s”"),
}


def unwhole_days(_user: User) -> Iterator[Matter]:
    """Yield the days of the last week that are not whole, the latest first."""
    for day in _lately().filter(state__in=[*PAUSED, DayState.MISSED]).order_by("-business_date", "task")[:SHOWN]:
        text = TEXTS[DayState(day.state)] % _names(day)
        yield Matter(
            text,
            _page(day),
            STATE_LOOKS[DayState(day.state)][1],
            tuple(notes_of(day)),
            is_urgent=day.state == DayState.MISSED,
        )


def cut_days(_user: User) -> Iterator[Matter]:
    """Yield the latest day of each task on which the maximum left customers out, in the last week."""
    for day in _lately().filter(cut__gt=0).order_by("task", "-business_date").distinct("task")[:SHOWN]:
        text = ngettext(
            "%(count)s customer of %(day)s was cut by the maximum: “%(task)s”",
            "%(count)s customers of %(day)s were cut by the maximum: “%(task)s”",
            day.cut,
        )
        yield Matter(text % (_names(day) | {"count": f"{day.cut:,}"}), _page(day), "scissors", tuple(notes_of(day)))


def ending_certificates(user: User) -> Iterator[Matter]:
    """Yield the certificates that expire soon or have expired, the first to end first; to those who may change them."""
    if not user.is_tenant_administrator:
        return
    soon = timezone.now() + SOON
    for one in Certificate.objects.filter(expires_at__lte=soon).order_by("expires_at", "id")[:SHOWN]:
        said = (
            _("The certificate “%(name)s” has expired")
            if one.has_expired
            else _("The certificate “%(name)s” expires soon")
        )
        why = _("Ask for a new one, add it, and choose it in SmartCare Integration.")
        page = reverse("smartcare:certificates")
        yield Matter(said % {"name": one.name}, page, "certificate", (why,), one.expires_at, one.has_expired)


def next_nights(user: User) -> Iterator[Matter]:
    """Yield the next collection of each published Care task; there is one of each scenario at most."""
    if user.tenant is None or integration_or_none() is None:
        return
    tasks = MarketingTask.objects.filter(task_type=TaskType.CARE, state__in=PUBLISHED)
    for task in tasks.order_by("care_scenario"):
        if moment := next_collection(user.tenant, task):
            text = _("SmartCare collection for “%(task)s”") % {"task": task.name}
            page = reverse("smartcare:care-task", args=[task.pk])
            yield Matter(text, page, "calendar-heart", moment=moment)


def _lately() -> QuerySet[CareDay]:
    return CareDay.objects.filter(business_date__gte=timezone.localdate() - NAMED_FOR).select_related("task")


def _names(day: CareDay) -> dict[str, str]:
    return {"day": date_format(day.business_date, "DATE_FORMAT"), "task": day.task.name}


def _page(day: CareDay) -> str:
    return reverse("smartcare:care-task", args=[day.task_id])


declare_matters(unwhole_days, cut_days, ending_certificates)
declare_coming(next_nights)
