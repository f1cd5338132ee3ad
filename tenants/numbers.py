"""The recipient-number rule: one function judges a number for form, REST, file, server and SmartCare.

Source: guide 2025-01-23, "Importing Marketing Data in Batches", step 2 (the five number parameters).
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .number_plans import NumberingPlan, calling_code_of, is_calling_code, is_emergency_somewhere, plan_of
from .refusals import declare, refusal

__all__ = ["NumberPolicy", "is_calling_code"]

MAX_CHARACTERS = 40  # as written, with separators
SEPARATORS = " -.()"
written_number = re.compile(rf"\+?[0-9{re.escape(SEPARATORS)}]*")
no_separators = str.maketrans("", "", SEPARATORS)

declare(
    {
        "number_missing": _("There is no recipient number."),
        "number_characters": _(
            "The number has the character “%(character)s” (%(code_point)s) where only digits, one “+” in front, and"
            " the separators space - . ( ) are allowed."
        ),
        "number_characters.invisible": _(
            "The number has the invisible character %(code_point)s where only digits, one “+” in front, and the"
            " separators space - . ( ) are allowed."
        ),
        "number_characters.length": _("The number is written with %(n)d characters; at most %(high)d are allowed."),
        "number_country": _("The number is of the country +%(country)s; only numbers of +%(allowed)s are allowed."),
        "number_country.unknown": _(
            "After “+” or the international prefix the number begins with %(begin)s, and no country has that calling"
            " code; a calling code such as 86 must stand there."
        ),
        "number_country.missing": _(
            "The number ends after “+” or the international prefix; a calling code such as 86 and a national number"
            " must follow."
        ),
        "number_length": _("The number has %(n)d national digits; %(low)d to %(high)d are allowed."),
        "number_length.exact": _("The number has %(n)d national digits; %(high)d are needed."),
        "number_begin": _("The national number must begin with one of these groups of digits: %(allowed)s."),
        "number_impossible": _("The number has %(n)d national digits; a number of +%(country)s has %(allowed)s."),
        "number_impossible.local": _(
            "The number is a local one of %(n)d digits; of +%(country)s only complete numbers are allowed, with the"
            " digits of the town or network in front."
        ),
        "number_impossible.prefix": _(
            "More than one trunk prefix or carrier code stands in front of the number; at most one is allowed."
        ),
        "number_invalid": _(
            "No range of numbers in use in +%(country)s holds this number; only numbers of such a range are allowed."
        ),
        "number_not_allowed": _("This is a short or emergency number; only numbers of subscribers are allowed."),
    }
)


@dataclass(frozen=True, slots=True)
class NumberPolicy:
    """A tenant's limits on outbound customer numbers. Lengths count national digits."""

    min_length: int = 5
    max_length: int = 20
    begin_digits: tuple[str, ...] = ()  # empty: any
    crown_code: str = "00"  # International Crown Code, what is dialled for "+"; empty: only "+" is international
    area_code: str = ""  # International area code, a country's calling code; empty: any country
    plan_check: str = "possible"  # off | possible | valid

    def clean(self, raw: str) -> str:
        """Return `raw` as E.164 ("138 0000 0000" -> "+8613800000000"), or as bare digits if no country is known.

        Codes, in the order of the checks: number_missing, number_characters, number_country, number_length,
        number_begin, number_not_allowed, number_impossible, number_invalid. What it returns, it accepts unchanged.
        """
        digits, is_international = self._read(raw)
        if not (is_international or self.area_code):
            return self._clean_bare(digits)
        code = self._country(digits) if is_international else self.area_code
        plan = plan_of(code)
        if is_international or plan.holds_calling_code(digits):
            digits = digits[len(code) :]
        if plan.is_plain(digits):
            self._check_digits(digits)
        else:
            digits, prefixes = plan.without_trunk_prefixes(digits)
            self._check_digits(digits)
            self._check_plan(digits, plan, prefixes=prefixes)
        return f"+{code}{digits}"

    def to_json(self) -> dict[str, Any]:
        """Return the policy as it is frozen into an import."""
        return asdict(self) | {"begin_digits": list(self.begin_digits)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "NumberPolicy":
        """Return the policy that `to_json` stored."""
        return cls(**{**stored, "begin_digits": tuple(stored["begin_digits"])})

    def _read(self, raw: str) -> tuple[str, bool]:
        """Return the digits of `raw`, and whether "+" or the crown code, not among them, stood in front."""
        text = raw.strip()
        if text.startswith("'"):  # what spreadsheet programs put before a number that is text
            text = text[1:].strip()
        digits = text.removeprefix("+")
        if len(text) > MAX_CHARACTERS or not (digits.isascii() and digits.isdecimal()):
            _check_characters(text)
            digits = digits.translate(no_separators)
        if not digits:
            raise refusal("number_missing")
        if text.startswith("+"):
            return digits, True
        if self.crown_code and digits.startswith(self.crown_code):
            return digits[len(self.crown_code) :], True
        return digits, False

    def _country(self, digits: str) -> str:
        if not digits:
            raise refusal("number_country.missing")
        code = calling_code_of(digits)
        if not code:
            raise refusal("number_country.unknown", begin=digits[:3])
        if self.area_code not in ("", code):
            raise refusal("number_country", country=code, allowed=self.area_code)
        return code

    def _clean_bare(self, digits: str) -> str:
        """Without a country there is no plan to ask; an emergency number of any country is refused."""
        self._check_digits(digits)
        if is_emergency_somewhere(digits):
            raise refusal("number_not_allowed")
        return digits

    def _check_digits(self, national: str) -> None:
        if not self.min_length <= len(national) <= self.max_length:
            key = "number_length.exact" if self.min_length == self.max_length else "number_length"
            raise refusal(key, n=len(national), low=self.min_length, high=self.max_length)
        if self.begin_digits and not national.startswith(self.begin_digits):
            raise refusal("number_begin", allowed=", ".join(self.begin_digits))

    def _check_plan(self, national: str, plan: NumberingPlan, *, prefixes: int) -> None:
        if prefixes == 1 and plan.is_plain(national):
            return
        if plan.is_short(national):
            raise refusal("number_not_allowed")
        if self.plan_check == "off":
            return
        if prefixes > 1:
            raise refusal("number_impossible.prefix")
        if not plan.is_possible(national):
            raise _impossible(national, plan)
        if self.plan_check == "valid" and not plan.is_valid(national):
            raise refusal("number_invalid", country=plan.calling_code)


def _impossible(national: str, plan: NumberingPlan) -> ValidationError:
    if plan.is_local(national):
        return refusal("number_impossible.local", n=len(national), country=plan.calling_code)
    allowed = ", ".join(map(str, plan.lengths))
    return refusal("number_impossible", n=len(national), country=plan.calling_code, allowed=allowed)


def _check_characters(text: str) -> None:
    """Refuse a number that is written too long or with other characters: phonenumbers would take letters for digits."""
    if len(text) > MAX_CHARACTERS:
        raise refusal("number_characters.length", n=len(text), high=MAX_CHARACTERS)
    accepted = written_number.match(text)
    end = accepted.end() if accepted else 0
    if end < len(text):
        _refuse_character(text[end])


def _refuse_character(character: str) -> None:
    code_point = f"U+{ord(character):04X}"
    if character.isprintable() and not unicodedata.category(character).startswith("M"):  # a mark has no body of its own
        raise refusal("number_characters", character=character, code_point=code_point)
    raise refusal("number_characters.invisible", code_point=code_point)
