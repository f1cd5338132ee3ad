"""A run of a care day ends: here, whatever ended it, so that every end is told of, and once.

A day that is partial or stopped may be gone on with by the next run, whose end is told of as well.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from importer.events import TaskTold
from tenants.webhooks.events import Event, Moment, announce, declare_events, link

from .models import CareDay
from .serializers import CareCounts, CareFailure
from .states import ENDED, PAUSED, DayState

FINISHED = "care_day.finished"


class CareDayFinished(serializers.Serializer):
    """The `data` of care_day.finished. `partial` and `stopped` may be gone on with, and told of again."""

    id = serializers.UUIDField(help_text="The care day.")
    business_date = serializers.DateField()
    status = serializers.ChoiceField(
        [(one.value, one.label) for one in DayState if one in ENDED | PAUSED], source="state"
    )
    task = TaskTold()
    scenario = serializers.CharField(source="task.care_scenario", help_text="voice or data")
    total = serializers.IntegerField(allow_null=True, help_text="What SmartCare said there is.")
    counts = CareCounts(source="*")
    is_late = serializers.BooleanField(help_text="Collected in a later night than its own.")
    error = serializers.SerializerMethodField()
    ended_at = Moment(source="updated_at")
    url = serializers.SerializerMethodField(help_text="The page of its task.")
    api_url = serializers.SerializerMethodField(help_text="The REST resource of the task's days.")

    @extend_schema_field(CareFailure(allow_null=True))
    def get_error(self, day: CareDay) -> dict[str, Any] | None:
        """Return why it is not whole, or None."""
        return CareFailure(day).data if day.error_code else None

    def get_url(self, day: CareDay) -> str:
        return link("smartcare:care-task", day.task_id)

    def get_api_url(self, day: CareDay) -> str:
        return link("api-care-days", day.task_id)


declare_events(
    {
        FINISHED: Event(
            _("SmartCare day finished"),
            _("The collection of a business day has ended: complete, partial, stopped or missed."),
            CareDayFinished,
        )
    }
)


def end(day: CareDay, state: DayState, **changes: Any) -> None:
    """Move `day` to `state`, as `CareDay.move` does, and tell of it."""
    day.move(state, **changes)
    tell([day.pk])


def end_all(days: QuerySet[CareDay], state: DayState, **changes: Any) -> int:
    """Move all `days`, which may get there, to `state`, and tell of each; return how many."""
    if ids := [day.pk for day in days.order_by("business_date", "pk").select_for_update(of=("self",)).only("pk")]:
        CareDay.objects.filter(pk__in=ids).update(state=state, updated_at=timezone.now(), **changes)
        tell(ids)
    return len(ids)


def tell(ids: Iterable[UUID]) -> None:
    """Tell that these days have ended. In the transaction that ended them."""
    for day_id in ids:
        announce(FINISHED, lambda day_id=day_id: CareDay.objects.select_related("task").get(pk=day_id))  # type: ignore[misc]
