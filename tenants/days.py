"""Days of the tenant's time zone, as filters name them."""

from datetime import date, datetime, time

from django.utils import timezone


def midnight(day: date) -> datetime:
    """Return when `day` begins in the time zone that is active."""
    return timezone.make_aware(datetime.combine(day, time.min))
