"""Days of the tenant's time zone, as filters name them, and which moments can be kept."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

ONE_DAY = timedelta(days=1)
YEARS = range(2, 9_999)  # a moment of the years around them is, in another time zone, none that can be read again


def midnight(day: date) -> datetime:
    """Return when `day` begins in the time zone that is active."""
    return timezone.make_aware(datetime.combine(day, time.min))


def end_of(day: date) -> datetime:
    """Return when `day` is over; the last day that there is has no end, and begins instead."""
    return midnight(min(day, date.max - ONE_DAY) + ONE_DAY)


def is_kept(moment: datetime) -> bool:
    """Return whether `moment` can be kept, and shown in every time zone."""
    return moment.year in YEARS
