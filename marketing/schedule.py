"""When a task may send: its period, the daily windows, and the days off. Stored as text, in the tenant's time zone."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.days import is_kept
from tenants.refusals import declare, refusal

MAX_WINDOWS = 3  # "up to three daily sending windows"
MAX_SPECIAL_DATES = 50
DURATION = timedelta(days=30)  # of a task whose end is not given
CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

declare(
    {
        "period_year": _("There is no task in this year."),
        "window_count": _("There are %(n)s sending windows; up to %(high)s are allowed."),
        "window_time": _("A sending window goes from a time to a later time of the same day, such as 09:00 to 18:00."),
        "window_overlap": _("The sending windows %(first)s and %(second)s overlap."),
        "special_date_count": _("There are %(n)s special dates; up to %(high)s are allowed."),
        "special_date": _("“%(text)s” is not a day: write it as 2026-12-25."),
    }
)


def period(begin_at: datetime | None, end_at: datetime | None) -> tuple[datetime, datetime]:
    """Return begin and end, where they are not given: from now on, and for 30 days."""
    begin = begin_at or timezone.now()
    return begin, end_at or (begin + DURATION if is_kept(begin) else begin)


def check_windows(windows: Any) -> None:
    """Refuse `windows` unless they are up to three [{"begin": "09:00", "end": "18:00"}] that do not overlap."""
    if len(windows) > MAX_WINDOWS:
        raise refusal("window_count", n=len(windows), high=MAX_WINDOWS)
    for window in windows:
        begin, end = window["begin"], window["end"]
        if not (CLOCK.fullmatch(begin) and CLOCK.fullmatch(end) and begin < end):
            raise refusal("window_time")
    ordered = sorted((window["begin"], window["end"]) for window in windows)
    for first, second in pairwise(ordered):
        if second[0] < first[1]:
            raise refusal("window_overlap", first="–".join(first), second="–".join(second))


def check_special_dates(days: Sequence[str]) -> None:
    """Refuse `days` unless they are up to 50 texts such as "2026-12-25"."""
    if len(days) > MAX_SPECIAL_DATES:
        raise refusal("special_date_count", n=len(days), high=MAX_SPECIAL_DATES)
    for text in days:
        if not _is_day(text):
            raise refusal("special_date", text=text[:20])


def _is_day(text: str) -> bool:
    try:
        return bool(DAY.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False
