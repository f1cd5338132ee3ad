"""When a business day is collected, on days of every length and in every zone (fault 41)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from importer.smartcare.calendar import Calendar

HOUR_MS = 3_600_000


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "at", "day", "due"),
    [
        ("Asia/Shanghai", time(1), date(2026, 11, 21), "2026-11-21T17:00"),
        ("America/New_York", time(1), date(2026, 11, 21), "2026-11-22T06:00"),
        ("Europe/Berlin", time(2, 30), date(2026, 3, 28), "2026-03-29T01:30"),  # 02:30 does not exist on the 29th
        ("Europe/Berlin", time(2, 30), date(2026, 10, 24), "2026-10-25T00:30"),  # 02:30 exists twice: the first
        ("Asia/Kathmandu", time(1), date(2028, 2, 28), "2028-02-28T19:15"),  # and 29 February follows
        ("Pacific/Kiritimati", time(1), date(2026, 1, 1), "2026-01-01T11:00"),
    ],
)
def test_a_day_is_collected_once_at_the_collection_time_of_the_next(zone, at, day, due):
    calendar = Calendar(ZoneInfo(zone), at)

    assert calendar.due(day) == moment(due)
    assert calendar.last_due(moment(due)) == day
    assert calendar.last_due(moment(due) - timedelta(microseconds=1)) == day - timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Asia/Shanghai", date(2026, 3, 29), 24),
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),  # which shifts by half an hour
        ("UTC", date(2028, 2, 29), 24),
    ],
)
def test_a_business_day_is_as_long_as_its_zone_makes_it(zone, day, hours):
    calendar = Calendar(ZoneInfo(zone), time(1))

    begin, end = calendar.bounds(day)

    assert end - begin == hours * HOUR_MS
    assert calendar.bounds(day + timedelta(days=1))[0] == end


def test_every_day_of_two_years_is_due_once_and_in_order():
    calendar = Calendar(ZoneInfo("Europe/Berlin"), time(2, 30))
    days = [date(2026, 1, 1) + timedelta(days=count) for count in range(730)]

    dues = [calendar.due(day) for day in days]

    assert dues == sorted(set(dues))
    assert [calendar.last_due(due) for due in dues] == days
