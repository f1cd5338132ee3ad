"""The catalogue of system parameters, which hold for all tenants, and when a change of one takes effect.

A parameter with a `delay` keeps its old value until the delay is over. The pending value and its moment stand in
the database and are compared with the database's clock, so that every process changes over at the same instant,
whatever was restarted meanwhile. A second change takes the place of the pending one and waits the whole delay again;
going back to the value in force takes the pending change away.
Source: guide 2025-01-23, "Importing Marketing Data Using Scheduled Tasks", step 1 (the caring users).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .models import SystemParameter
from .operation_log import declare_actions, record
from .parameter_kinds import Parameter, WholeNumber, cleaned_by, time_of_day

declare_actions({"system_parameter.change": _("Change system parameter")})

LIMITS, REST, SMARTCARE, RETENTION = _("Limits of imports"), _("REST"), _("SmartCare"), _("Retention")
ONE_HOUR = timedelta(hours=1)  # "does not take effect immediately. Wait for 1 hour."

SYSTEM_PARAMETERS: dict[str, Parameter] = {
    parameter.key: parameter
    for parameter in [
        Parameter(
            "max_file_rows",
            _("Maximum records of an import by file"),
            _("A file with more records is refused."),
            LIMITS,
            "10000",  # "a maximum of 10,000 records can be imported at a time"
            WholeNumber(1, 100_000),
            _("1 to 100,000"),
        ),
        Parameter(
            "max_server_rows",
            _("Maximum records of an import by server"),
            _("A file with more records is refused."),
            LIMITS,
            "500000",  # "a maximum of 500,000 records can be imported at a time"
            WholeNumber(1, 1_000_000),
            _("1 to 1,000,000"),
        ),
        Parameter(
            "advised_rows",
            _("Records of an import above which the console warns"),
            _("More at a time may slow down the sending."),
            LIMITS,
            "50000",  # "recommended that a maximum of 50,000 records be imported at a time"
            WholeNumber(1, 1_000_000),
            _("1 to 1,000,000"),
        ),
        Parameter(
            "api_requests_per_minute",
            _("Requests a minute by REST"),
            _("Of each token. What is above is refused until the minute is over."),
            REST,
            "1200",
            WholeNumber(10, 1_000_000),
            _("10 to 1,000,000"),
        ),
        Parameter(
            "max_caring_users",
            _("Maximum number of caring users"),
            _("Voice and data together, of each tenant space and day. A change takes effect one hour later."),
            SMARTCARE,
            "1000",
            WholeNumber(0, 1_000_000),
            _("0 to 1,000,000"),
            delay=ONE_HOUR,
        ),
        Parameter(
            "smartcare_collection_time",
            _("SmartCare collection time"),
            _("When the customers of the day before are fetched, in the time zone of each tenant space."),
            SMARTCARE,
            "01:00",
            time_of_day,
            _("00:00 to 23:59"),
        ),
        Parameter(
            "log_days",
            _("Days the operation log is kept"),
            _("Afterwards an entry is deleted for good."),
            RETENTION,
            "365",
            WholeNumber(90, 3650),  # purge_log has the same floor
            _("90 to 3,650"),
        ),
    ]
}


class Setting(NamedTuple):
    """A system parameter as it is: the value in force, and what follows it and when ("" and None: nothing)."""

    value: str
    pending: str = ""
    effective_at: datetime | None = None


def system_parameter(key: str, *, at: datetime | None = None) -> int:
    """Return the value in force of a parameter that is a whole number, now or `at` a moment."""
    return int(_setting(key, at).value)


def system_time(key: str) -> time:
    """Return the value in force of a parameter that is a time of day."""
    return time.fromisoformat(_setting(key, None).value)


def system_settings(*, at: datetime | None = None) -> dict[str, Setting]:
    """Return all system parameters as they are now, or `at` a moment, by key."""
    found = {row.key: _as_it_is(row, at) for row in SystemParameter.objects.annotate(now=Now())}
    return {key: found.get(key, Setting(one.default)) for key, one in SYSTEM_PARAMETERS.items()}


def set_system_parameters(raw: Mapping[str, str], *, at: datetime | None = None) -> list[str]:
    """Set the parameters of `raw`, all or none; ValidationError keyed by parameter. Return the keys that changed."""
    cleaned, faults = cleaned_by(SYSTEM_PARAMETERS, raw)
    if faults:
        raise ValidationError(faults)
    with transaction.atomic():
        return list(_changed(cleaned, at or database_now()))


def database_now() -> datetime:
    """Return the moment by the clock of the database, which all processes share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        return cursor.fetchone()[0]


def _changed(cleaned: Mapping[str, str], now: datetime) -> Iterator[str]:
    for key, value in sorted(cleaned.items()):  # sorted: two at once lock in the same order
        if _change(SYSTEM_PARAMETERS[key], value, now):
            yield key


def _change(parameter: Parameter, value: str, now: datetime) -> bool:
    SystemParameter.objects.get_or_create(key=parameter.key, defaults={"value": parameter.default})
    row = SystemParameter.objects.select_for_update().get(key=parameter.key)
    before = _as_it_is(row, now)
    after = _following(parameter, before, value, now)
    if after == before:
        return False
    row.value, row.pending_value, row.effective_at = after
    row.save(update_fields=["value", "pending_value", "effective_at", "updated_at"])
    since = {"effective_at": after.effective_at.isoformat()} if after.effective_at else {}
    record("system_parameter.change", row, old=before.value, new=value, **since)
    return True


def _following(parameter: Parameter, before: Setting, value: str, now: datetime) -> Setting:
    if value == before.value:
        return Setting(value)
    if not parameter.delay:
        return Setting(value)
    if value == before.pending:
        return before
    return Setting(before.value, value, now + parameter.delay)


def _setting(key: str, at: datetime | None) -> Setting:
    row = SystemParameter.objects.filter(key=key).annotate(now=Now()).first()
    return _as_it_is(row, at) if row else Setting(SYSTEM_PARAMETERS[key].default)


def _as_it_is(row: SystemParameter, at: datetime | None) -> Setting:
    """Return the row as it is `at` a moment, which is `row.now` (the database's own) by default."""
    now = at or row.now  # type: ignore[attr-defined]
    if row.effective_at is None:
        return Setting(row.value)
    if now >= row.effective_at:
        return Setting(row.pending_value)
    return Setting(row.value, row.pending_value, row.effective_at)
