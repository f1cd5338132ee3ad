"""What a parameter is, and the kinds of values that parameters have."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .numbers import is_calling_code
from .refusals import declare, refusal

declare(
    {
        "parameter_unknown": _("There is no parameter “%(key)s”."),
        "parameter_range": _("This must be a whole number from %(low)s to %(high)s."),
        "parameter_digits": _("This must be %(low)s to %(high)s digits."),
        "parameter_area_code": _("No country has the calling code %(value)s."),
        "parameter_prefixes": _("Write up to 50 groups of 1 to 10 digits, separated by commas."),
        "parameter_time": _("This must be a time of day such as 01:00, from 00:00 to 23:59."),
        "parameter_choice": _("This must be one of: %(choices)s."),
        "parameter_changed": _(
            "Somebody else changed this after you opened the page; it is now: %(value)s. Saving again replaces it."
        ),
    }
)


@dataclass(frozen=True, slots=True)
class WholeNumber:
    """The cleaner of a whole number in the range."""

    low: int
    high: int

    def __call__(self, raw: str) -> str:
        if not re.fullmatch(r"[0-9]{1,9}", raw) or not self.low <= int(raw) <= self.high:
            raise refusal("parameter_range", low=self.low, high=self.high)
        return str(int(raw))


@dataclass(frozen=True, slots=True)
class Parameter:
    """One line of the catalogue. `clean` takes what was typed and returns what is stored, or raises."""

    key: str
    name: Any
    description: Any
    group: Any
    default: str
    clean: Callable[[str], str]
    allowed: Any
    choices: tuple[tuple[str, Any], ...] = ()
    delay: timedelta = timedelta()  # until a change takes effect

    def shown(self, value: str) -> str:
        """Return `value` in words, a number with its thousands apart."""
        if value and isinstance(self.clean, WholeNumber):
            return f"{int(value):,}"
        return str(dict(self.choices).get(value, value) or _("empty"))


def digits(low: int, high: int) -> Callable[[str], str]:
    """Return the cleaner of so many digits."""

    def clean(raw: str) -> str:
        if not re.fullmatch(rf"[0-9]{{{low},{high}}}", raw):
            raise refusal("parameter_digits", low=low, high=high)
        return raw

    return clean


def area_code(raw: str) -> str:
    """Return a country calling code as it is, or nothing."""
    value = digits(0, 3)(raw)
    if value and not is_calling_code(value):
        raise refusal("parameter_area_code", value=value)
    return value


def prefixes(raw: str) -> str:
    """Return groups of digits, each once: "13, 15" -> "13,15"."""
    found = list(dict.fromkeys(piece.strip() for piece in raw.replace("，", ",").split(",") if piece.strip()))
    if len(found) > 50 or not all(re.fullmatch(r"[0-9]{1,10}", prefix) for prefix in found):
        raise refusal("parameter_prefixes")
    return ",".join(found)


def one_of(*choices: str) -> Callable[[str], str]:
    """Return the cleaner of one of a few words."""

    def clean(raw: str) -> str:
        if raw not in choices:
            raise refusal("parameter_choice", choices=", ".join(choices))
        return raw

    return clean


def time_of_day(raw: str) -> str:
    """Return a time of day as HH:MM: "1:00" -> "01:00"."""
    found = re.fullmatch(r"([01]?[0-9]|2[0-3])[:：]([0-5][0-9])", raw)  # the second colon is of a Chinese keyboard
    if not found:
        raise refusal("parameter_time")
    return f"{int(found[1]):02}:{found[2]}"


def cleaned_by(
    catalogue: Mapping[str, Parameter], raw: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, ValidationError]]:
    """Return what is stored for the typed values that fit, and the refusals of the others, both by key."""
    cleaned, faults = {}, {}
    for key, text in raw.items():
        try:
            cleaned[key] = _known(catalogue, key).clean(str(text).strip())
        except ValidationError as refused:
            faults[key] = refused
    return cleaned, faults


def _known(catalogue: Mapping[str, Parameter], key: str) -> Parameter:
    if key not in catalogue:
        raise refusal("parameter_unknown", key=key)
    return catalogue[key]
