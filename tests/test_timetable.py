"""When a scheduled import runs, at the boundaries of days, weeks and summer time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from importer.pattern import check_pattern, matches, parts_on
from importer.timetable import Timetable

BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def daily(at: str, zone: ZoneInfo = SHANGHAI) -> Timetable:
    return Timetable("daily", zone, at=time.fromisoformat(at))


@pytest.mark.parametrize(
    ("now", "following"),
    [
        ("2026-03-01T22:59:59", "2026-03-01T23:00"),  # 07:00 in Shanghai is 23:00 of the day before
        ("2026-03-01T23:00", "2026-03-02T23:00"),  # at its time: the next one is tomorrow's
        ("2026-12-31T23:00", "2027-01-01T23:00"),
    ],
)
def test_daily_is_a_time_of_the_tenants_zone(now, following):
    assert daily("07:00").next_after(utc(now)) == utc(following)


@pytest.mark.parametrize(
    ("now", "following"),
    [
        ("2026-03-02T00:59", "2026-03-02T01:00"),  # a Monday
        ("2026-03-02T01:00", "2026-03-09T01:00"),
        ("2026-03-08T23:00", "2026-03-09T01:00"),
    ],
)
def test_weekly_is_a_day_of_the_tenants_week(now, following):
    table = Timetable("weekly", SHANGHAI, at=time(9), weekday=0)

    assert table.next_after(utc(now)) == utc(following)


def runs_between(table: Timetable, begin: str, end: str) -> list[datetime]:
    runs, now = [], utc(begin)
    while (now := table.next_after(now)) < utc(end):
        runs.append(now)
    return runs


def test_a_local_time_that_does_not_exist_is_one_run_as_far_after_the_gap():
    runs = runs_between(daily("02:30", BERLIN), "2026-03-28T12:00", "2026-03-30T12:00")

    assert runs == [utc("2026-03-29T01:30"), utc("2026-03-30T00:30")]  # 03:30 of summer, then 02:30 of it


def test_a_local_time_that_exists_twice_is_one_run():
    runs = runs_between(daily("02:30", BERLIN), "2026-10-24T12:00", "2026-10-26T12:00")

    assert runs == [utc("2026-10-25T00:30"), utc("2026-10-26T01:30")]


def test_every_n_minutes_keeps_its_distance_and_makes_up_for_nothing():
    table = Timetable("minutes", BERLIN, minutes=15)
    due = utc("2026-03-29T00:50")

    assert table.next_after(due + timedelta(seconds=3), due=due) == utc("2026-03-29T01:05")
    assert table.next_after(utc("2026-03-29T09:00"), due=due) == utc("2026-03-29T09:05")


def test_what_was_missed_is_run_for_the_last_time_that_passed():
    table = daily("23:30")

    assert table.last_until(utc("2026-03-03T16:10")) == utc("2026-03-03T15:30")  # ten past midnight: yesterday's
    assert table.day_of(table.last_until(utc("2026-03-03T16:10"))) == date(2026, 3, 3)


def test_the_day_stands_in_the_path():
    assert parts_on("out/{date:%Y}/rows-{date:%Y%m%d}.csv", date(2026, 3, 1)) == ("out", "2026", "rows-20260301.csv")
    assert parts_on("*.csv", date(2026, 3, 1)) == ("*.csv",)


@pytest.mark.parametrize(
    ("wanted", "name", "does"),
    [
        ("*.csv", "rows.csv", True),
        ("*.csv", "rows.csv.done", False),
        ("rows-?.csv", "rows-1.csv", True),
        ("rows-?.csv", "rows-12.csv", False),
        ("rows[1].csv", "rows1.csv", False),  # brackets are themselves
        ("rows.csv", "rowsxcsv", False),
        ("*.csv", "Rows.CSV", False),
        ("*", "", True),
        ("a*b*c", "axbxc", True),
        ("a*b*c", "abc", True),
        ("a*b*c", "acb", False),
        ("a*ab?c", "aab1abxc", True),
        ("**a**", "bab", True),
        ("a*a", "a", False),
        ("*\n*", "a\nb", True),
        ("*a" * 60 + "b.csv", "a" * 240 + ".csv", False),  # no worker is busy with it for minutes
    ],
)
def test_wildcards_are_stars_and_question_marks_alone(wanted, name, does):
    assert matches(name, wanted) is does


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("{date}.csv", "pattern_date"),
        ("{date:%H}.csv", "pattern_date"),
        ("{0.__class__}.csv", "pattern_date"),
        ("*/rows.csv", "pattern_folder"),
        ("../rows.csv", "path_dots"),
        ("/etc/rows.csv", "path_absolute"),
        ("out\\rows.csv", "path_characters"),
        ("out/", "file_name_path"),
        ("rows.txt", "server_file_type"),
        ("*", "server_file_type"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(path, code):
    with pytest.raises(ValidationError) as refused:
        check_pattern(path)
    assert refused.value.code == code
