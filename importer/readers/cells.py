"""What a cell holds, as text: exactly, or with a fault that says why not."""

import re
from datetime import date, datetime, time

from .sharedstrings import SharedStrings
from .styles import SPAN_OF_TIME
from .texts import is_broken, unescape, whole

NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
EXACT_DIGITS = 15  # a number of Excel is exact up to here
DAY = 86_400  # seconds
LEAP_DAY_THAT_WAS_NOT = 60  # Excel's 29 February 1900, kept from Lotus 1-2-3
LAST_SERIAL = 2_958_466  # 10000-01-01
BEFORE_1900 = date(1899, 12, 30).toordinal()
FIRST_OF_1904 = date(1904, 1, 1).toordinal()

# The fault of a cell, or "" if its text is exact. `reasons.CELL` has the sentences.
Fault = str
RECIPIENT_ONLY = frozenset({"cell_date", "cell_amount"})  # faults that count in the recipient column and nowhere else


class Cells:
    """Reads single cells of one workbook and counts the kinds that the import's notes speak of."""

    def __init__(self, shared: SharedStrings | None, meaning_by_style: dict[str, str], *, is_1904: bool) -> None:
        self.texts = shared.texts if shared else []
        self.broken = shared.broken if shared else set()
        self._meaning_by_style = meaning_by_style
        self._is_1904 = is_1904
        self.numbers = self.dates = self.formulas = 0

    def read(self, kind: str, style: str, raw: str) -> tuple[str, Fault]:
        """Return text and fault of a cell that has content; `kind` is the cell's `t`, `raw` the text of its <v>."""
        if kind == "s":
            return self._shared(raw)
        if kind in ("str", "inlineStr"):
            text = unescape(raw)
            return (whole(text), "cell_unreadable") if is_broken(text) else (text, "")
        if kind == "e":
            return raw, "cell_error"
        if kind == "n":
            return self.number(raw.strip(), style)
        if kind == "b":
            return _boolean(raw.strip())
        return self._as_date(iso_text(raw.strip()), raw) if kind == "d" else (raw, "cell_unreadable")

    def number(self, raw: str, style: str) -> tuple[str, Fault]:
        """Return a number ("13812345678.0" -> "13812345678"), or the date that its style makes of it."""
        meaning = self._meaning_by_style.get(style)
        text, fault = number_text(raw)
        if fault or not meaning:
            self.numbers += not fault
            return text, fault or ("cell_amount" if "." in text or text[0] == "-" else "")
        serial = float(raw)
        shown = span_text(serial) if meaning == SPAN_OF_TIME else date_text(serial, is_1904=self._is_1904)
        return self._as_date(shown, text)

    def _as_date(self, shown: str, raw: str) -> tuple[str, Fault]:
        self.dates += bool(shown)
        return (shown, "cell_date") if shown else (raw, "cell_unreadable")

    def _shared(self, raw: str) -> tuple[str, Fault]:
        index = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else -1
        if not 0 <= index < len(self.texts):
            return raw, "cell_unreadable"
        return self.texts[index], "cell_unreadable" if index in self.broken else ""


def number_text(raw: str) -> tuple[str, Fault]:
    """Return the number as Excel shows it in a wide cell: no exponent, at most 15 digits that count.

    "8.613812345678E12" -> "8613812345678", "0.30000000000000004" -> "0.3"; a whole part of more than 15 digits
    has lost some of them: number_precision.
    """
    if len(raw) <= EXACT_DIGITS and raw.isascii() and raw.isdigit():
        return raw.lstrip("0") or "0", ""
    if not NUMBER.fullmatch(raw):
        return raw, "cell_unreadable"
    value = float(raw)
    text = f"{value:.{EXACT_DIGITS}g}"
    if "e+" in text or "inf" in text:
        return raw, "number_precision"
    _, exponent, power = text.partition("e-")
    if exponent:
        text = f"{value:.{EXACT_DIGITS - 1 + int(power)}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text, ""


def date_text(serial: float, *, is_1904: bool) -> str:
    """Return the date, with the time if it has one, or the time alone; "" if Excel has no such date.

    46096 -> "2026-03-15", 46096.5 -> "2026-03-15 12:00:00", 0.5 -> "12:00:00".
    """
    if not 0 <= serial < LAST_SERIAL:
        return ""
    days, seconds = divmod(round(serial * DAY), DAY)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if not days:
        return clock
    ordinal = FIRST_OF_1904 + days if is_1904 else BEFORE_1900 + days + (days < LEAP_DAY_THAT_WAS_NOT)
    if ordinal > date.max.toordinal():
        return ""
    is_leap_day = days == LEAP_DAY_THAT_WAS_NOT and not is_1904
    day = "1900-02-29" if is_leap_day else date.fromordinal(ordinal).isoformat()
    return f"{day} {clock}" if seconds else day


def span_text(serial: float) -> str:
    """Return a span of time as hours, minutes and seconds: 1.5 -> "36:00:00"; "" if it is negative or absurd."""
    if not 0 <= serial < LAST_SERIAL:
        return ""
    seconds = round(serial * DAY)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def iso_text(raw: str) -> str:
    """Return the date of a cell of type "d" in the same form; "" if it is none."""
    try:
        moment = datetime.fromisoformat(raw)
    except ValueError:
        return _time_text(raw)
    has_time = moment.time() != time.min
    return moment.replace(tzinfo=None).isoformat(" ", "seconds") if has_time else moment.date().isoformat()


def _time_text(raw: str) -> str:
    try:
        return time.fromisoformat(raw).isoformat("seconds")
    except ValueError:
        return ""


def _boolean(raw: str) -> tuple[str, Fault]:
    known = {"1": "TRUE", "true": "TRUE", "0": "FALSE", "false": "FALSE"}.get(raw)
    return (known, "") if known else (raw, "cell_unreadable")
