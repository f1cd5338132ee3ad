"""When a scheduled import runs: in the tenant's time zone, once on days of 23, 24 and 25 hours alike."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

ONE_DAY = timedelta(days=1)
DAYS_PER_WEEK = 7


class Rhythm(TextChoices):
    DAILY = "daily", _("Daily")
    WEEKLY = "weekly", _("Weekly")
    MINUTES = "minutes", _("Every n minutes")


@dataclass(frozen=True, slots=True)
class Timetable:
    """`at` and `weekday` (0: Monday) are local; `minutes` is the distance of runs that need no time of day."""

    rhythm: str
    zone: ZoneInfo
    at: time | None = None
    weekday: int | None = None
    minutes: int | None = None

    def next_after(self, now: datetime, *, due: datetime | None = None) -> datetime:
        """Return when it runs next after `now`; `due`: when it was to run, for a distance that does not drift."""
        if self.rhythm == Rhythm.MINUTES:
            step = timedelta(minutes=self.minutes or 1)
            begin = due or now
            return begin + step * max(1, (now - begin) // step + 1)
        today = self.day_of(now)
        coming = (self._run_on(today + n * ONE_DAY) for n in range(-1, DAYS_PER_WEEK + 2))
        return next(moment for moment in coming if moment and moment > now)

    def last_until(self, now: datetime) -> datetime:
        """Return when it was to run last, `now` included."""
        if self.rhythm == Rhythm.MINUTES:
            return now
        today = self.day_of(now)
        gone = (self._run_on(today - n * ONE_DAY) for n in range(-1, DAYS_PER_WEEK + 2))
        return next(moment for moment in gone if moment and moment <= now)

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def is_on(self, day: date) -> bool:
        """Return whether it runs on `day`."""
        return self.rhythm != Rhythm.WEEKLY or day.weekday() == self.weekday

    def moment(self, day: date, at: time) -> datetime:
        """Return `at` on `day`: as far after a gap as it lies in it, and the first of two."""
        return datetime.combine(day, at, self.zone).astimezone(UTC)

    def _run_on(self, day: date) -> datetime | None:
        return self.moment(day, self.at or time()) if self.is_on(day) else None
