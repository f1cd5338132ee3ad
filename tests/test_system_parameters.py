"""System parameters: what may be set, and the hour that a change of the caring users waits for."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from tenants.models import LogEntry, SystemParameter
from tenants.parameters import system_parameter, system_time
from tenants.system_parameters import Setting, database_now, set_system_parameters, system_settings

pytestmark = pytest.mark.django_db

KEY = "max_caring_users"
NOON = datetime(2026, 11, 22, 12, 0, 0, 123_456, tzinfo=UTC)
HOUR, INSTANT = timedelta(hours=1), timedelta(microseconds=1)


def test_a_change_takes_effect_one_hour_later_to_the_microsecond():
    set_system_parameters({KEY: "500"}, at=NOON)

    assert system_parameter(KEY, at=NOON) == 1_000
    assert system_parameter(KEY, at=NOON + HOUR - INSTANT) == 1_000
    assert system_parameter(KEY, at=NOON + HOUR) == 500
    assert system_parameter(KEY, at=NOON + HOUR + INSTANT) == 500


def test_what_is_pending_is_told_until_it_is_in_force():
    set_system_parameters({KEY: "500"}, at=NOON)

    assert system_settings(at=NOON + HOUR - INSTANT)[KEY] == Setting("1000", "500", NOON + HOUR)
    assert system_settings(at=NOON + HOUR)[KEY] == Setting("500")


def test_a_second_change_takes_the_place_of_the_first_and_waits_the_whole_hour():
    set_system_parameters({KEY: "500"}, at=NOON)
    later = NOON + HOUR - INSTANT

    set_system_parameters({KEY: "800"}, at=later)

    assert system_settings(at=NOON + HOUR)[KEY] == Setting("1000", "800", later + HOUR)
    assert system_parameter(KEY, at=later + HOUR) == 800


def test_a_change_at_the_very_instant_starts_from_the_new_value():
    set_system_parameters({KEY: "500"}, at=NOON)

    set_system_parameters({KEY: "800"}, at=NOON + HOUR)

    assert system_settings(at=NOON + HOUR)[KEY] == Setting("500", "800", NOON + 2 * HOUR)


def test_the_value_in_force_takes_a_pending_change_back():
    set_system_parameters({KEY: "500"}, at=NOON)

    set_system_parameters({KEY: "1000"}, at=NOON + INSTANT)

    assert system_settings(at=NOON + 2 * HOUR)[KEY] == Setting("1000")


def test_the_same_value_again_does_not_start_the_hour_anew():
    set_system_parameters({KEY: "500"}, at=NOON)

    assert set_system_parameters({KEY: "500"}, at=NOON + INSTANT) == []
    assert system_parameter(KEY, at=NOON + HOUR) == 500


def test_the_clock_is_the_databases(monkeypatch):
    """A process whose own clock is wrong, or that was started a moment ago, changes over with all others."""
    set_system_parameters({KEY: "500"})
    row = SystemParameter.objects.get(key=KEY)

    assert abs(row.effective_at - HOUR - database_now()) < timedelta(seconds=10)
    assert system_parameter(KEY) == 1_000
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tenants_systemparameter SET effective_at = statement_timestamp()")
    assert system_parameter(KEY) == 500


def test_every_other_parameter_takes_effect_at_once():
    set_system_parameters({"max_file_rows": "5000", "smartcare_collection_time": "2：30"}, at=NOON)

    assert system_parameter("max_file_rows", at=NOON) == 5_000
    assert system_time("smartcare_collection_time") == time(2, 30)


@pytest.mark.parametrize(
    ("key", "raw", "code"),
    [
        (KEY, "1000001", "parameter_range"),
        (KEY, "-1", "parameter_range"),
        (KEY, "", "parameter_range"),
        (KEY, "many", "parameter_range"),
        ("max_file_rows", "0", "parameter_range"),
        ("smartcare_collection_time", "24:00", "parameter_time"),
        ("smartcare_collection_time", "1", "parameter_time"),
        ("smartcare_collection_time", "01:60", "parameter_time"),
        ("smartcare_collection_time", "０1:00", "parameter_time"),  # a full-width digit
        ("min_number_length", "5", "parameter_unknown"),  # a tenant's
    ],
)
def test_a_parameter_is_refused_and_nothing_is_set(key, raw, code):
    with pytest.raises(ValidationError) as refused:
        set_system_parameters({"advised_rows": "7", key: raw})

    assert {name: errors[0].code for name, errors in refused.value.error_dict.items()} == {key: code}
    assert system_parameter("advised_rows") == 50_000


@pytest.mark.parametrize("value", ["0", "1000000"])
def test_the_ends_of_the_range_may_be_set(value):
    set_system_parameters({KEY: value}, at=NOON)

    assert system_parameter(KEY, at=NOON + HOUR) == int(value)


def test_a_change_is_written_down_with_its_moment():
    set_system_parameters({KEY: "500", "advised_rows": "50000"}, at=NOON)

    entry = LogEntry.objects.get()
    assert (entry.action, entry.object_id, entry.tenant_id) == ("system_parameter.change", KEY, None)
    assert entry.details == {"old": "1000", "new": "500", "effective_at": (NOON + HOUR).isoformat()}
