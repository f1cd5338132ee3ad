"""Business days and when they are collected: in the tenant's time zone, on days of 23, 24 and 25 hours alike."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tenants.models import Tenant
from tenants.parameters import system_time

DAYS_BACK = 7  # business days that are still caught up, the latest one included
ONE_DAY = timedelta(days=1)


class Calendar:
    """The collection of one tenant: `at`, in `zone`. A time that a day does not have is taken as far after the gap."""

    def __init__(self, zone: ZoneInfo, at: time) -> None:
        self.zone, self.at = zone, at

    @classmethod
    def of(cls, tenant: Tenant) -> "Calendar":
        """Return the calendar that holds for `tenant` now."""
        return cls(ZoneInfo(tenant.time_zone), system_time("smartcare_collection_time"))

    def due(self, day: date) -> datetime:
        """Return when business day `day` is collected: at the collection time of the day after it."""
        return datetime.combine(day + ONE_DAY, self.at, self.zone).astimezone(UTC)

    def yesterday(self, now: datetime) -> date:
        """Return the last business day that is over."""
        return now.astimezone(self.zone).date() - ONE_DAY

    def last_due(self, now: datetime) -> date:
        """Return the latest business day whose collection has come."""
        day = self.yesterday(now)
        return day if now >= self.due(day) else day - ONE_DAY

    def earliest(self, now: datetime) -> date:
        """Return the oldest business day that is still caught up."""
        return self.last_due(now) - (DAYS_BACK - 1) * ONE_DAY

    def bounds(self, day: date) -> tuple[int, int]:
        """Return begin and end of `day`, ms since 1970."""
        begin, end = (datetime.combine(one, time(), self.zone) for one in (day, day + ONE_DAY))
        return round(begin.timestamp() * 1000), round(end.timestamp() * 1000)
