"""What phonenumbers knows of the numbering plans, one question at a time. National digits keep their leading zeros."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

import phonenumbers
from phonenumbers import CountryCodeSource, NumberParseException, PhoneMetadata, PhoneNumber, ValidationResult
from phonenumbers.phonemetadata import PhoneNumberDesc

# The library compiles its patterns at each use and re keeps 512 of them: a file of many countries took 8 times as long.
phonenumbers.enable_pattern_cache()

NOTHING = "(?!)"  # the pattern that matches nothing
NO_COUNTRY = "001"  # phonenumbers' region of +800, +882 and the other codes that belong to no country
KINDS = (  # of numbers, the most frequent first; they are valid together, and apart from the short ones
    "mobile", "fixed_line", "toll_free", "premium_rate", "shared_cost",
    "voip", "personal_number", "pager", "uan", "voicemail",
)  # fmt: skip
REGIONS_BY_CALLING_CODE = {str(code): regions for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()}


def is_calling_code(text: str) -> bool:
    """Tell whether `text` is the calling code of a country: "86"; neither "+86" nor "800", freephone of no country."""
    return REGIONS_BY_CALLING_CODE.get(text, (NO_COUNTRY,))[0] != NO_COUNTRY


def calling_code_of(digits: str) -> str:
    """Return the calling code that `digits` begin with, "" if none: no code is the beginning of another."""
    for length in (1, 2, 3):
        if digits[:length] in REGIONS_BY_CALLING_CODE:
            return digits[:length]
    return ""


@cache
def plan_of(calling_code: str) -> "NumberingPlan":
    """Return the plan of a calling code that exists; any other is a KeyError."""
    return NumberingPlan(calling_code)


def is_emergency_somewhere(digits: str) -> bool:
    """Tell whether `digits` call an emergency service in any country."""
    return _emergency_numbers().fullmatch(digits) is not None


class NumberingPlan:
    """The numbers of one calling code, which several regions may share: +1, +7, +39, +44 ..."""

    def __init__(self, calling_code: str) -> None:
        self.calling_code = calling_code
        self._regions = REGIONS_BY_CALLING_CODE[calling_code]
        metadata = PhoneMetadata.metadata_for_region_or_calling_code(int(calling_code), self._regions[0])
        if metadata is None or metadata.general_desc is None:
            raise KeyError(calling_code)
        self.lengths = metadata.general_desc.possible_length  # ascending
        self._general = _any_of(_patterns(metadata.general_desc))
        self._short = _any_of(_short_patterns(self._regions))
        self._plain = self._compile_plain(metadata)
        self._trunk_prefix = _trunk_prefix(metadata)

    def is_plain(self, national: str) -> bool:
        """Tell at little cost that `national` is valid, not short and without a trunk prefix; False leaves it open.

        The questions are phonenumbers' own, put to its patterns of the calling code's main region all at once.
        """
        return self._plain.fullmatch(national) is not None

    def holds_calling_code(self, digits: str) -> bool:
        """Tell whether `digits`, written without "+", begin with the calling code rather than with national digits.

        phonenumbers decides: yes if they are too many for the plan, or it has no such number but one behind the code.
        """
        if not digits.startswith(self.calling_code):
            return False
        if len(digits) > self.lengths[-1]:
            return True
        if self.is_plain(digits):
            return False
        if self.is_plain(digits[len(self.calling_code) :]) and not self._general.fullmatch(digits):
            return True
        return self._is_read_with_calling_code(digits)

    def without_trunk_prefixes(self, national: str) -> tuple[str, int]:
        """Return `national` without what is dialled before it inside the country, and how many prefixes that were.

        A carrier's code is one too. phonenumbers takes one prefix away; here until nothing changes, because its
        result, read again, would be another recipient. A valid number never changes.
        """
        prefix = self._trunk_prefix.match(national)
        if prefix and self.is_plain(national[prefix.end() :]):
            return national[prefix.end() :], 1
        for count in range(len(national)):
            shorter = self._read(national)
            if shorter == national:
                return national, count
            if self.is_plain(shorter):
                return shorter, count + 1
            national = shorter
        return national, len(national)

    def is_short(self, national: str) -> bool:
        """Tell whether `national` is a short or an emergency number in any region of the calling code."""
        if not self._short.fullmatch(national):
            return False
        return phonenumbers.is_valid_short_number(self._number(national)) or any(
            phonenumbers.is_emergency_number(national, region) for region in self._regions
        )

    def is_possible(self, national: str) -> bool:
        """Tell whether the plan has complete numbers as long as `national`."""
        return self._possibility(national) == ValidationResult.IS_POSSIBLE

    def is_local(self, national: str) -> bool:
        """Tell whether `national` is as long as numbers are that are dialled only inside a town."""
        return self._possibility(national) == ValidationResult.IS_POSSIBLE_LOCAL_ONLY

    def is_valid(self, national: str) -> bool:
        """Tell whether `national` lies in a range of numbers that is in use."""
        return phonenumbers.is_valid_number(self._number(national))

    def _is_read_with_calling_code(self, digits: str) -> bool:
        try:
            number = phonenumbers.parse(digits, self._regions[0], keep_raw_input=True)
        except NumberParseException:  # of fewer than 2 digits
            return False
        return number.country_code_source == CountryCodeSource.FROM_NUMBER_WITHOUT_PLUS_SIGN

    def _possibility(self, national: str) -> int:
        return phonenumbers.is_possible_number_with_reason(self._number(national))

    def _read(self, national: str) -> str:
        try:
            return phonenumbers.national_significant_number(phonenumbers.parse(f"+{self.calling_code}{national}"))
        except NumberParseException:  # fewer than 2 digits or more than 17: the library has no opinion
            return national

    def _number(self, national: str) -> PhoneNumber:
        zeros = min(len(national) - len(national.lstrip("0")), len(national) - 1)
        return PhoneNumber(
            country_code=int(self.calling_code),
            national_number=int(national),
            italian_leading_zero=zeros > 0,
            number_of_leading_zeros=zeros or None,
        )

    def _compile_plain(self, metadata: PhoneMetadata) -> re.Pattern[str]:
        """Return a pattern of the main region's valid numbers, less those that nearly are something else."""
        prefix, leading = metadata.national_prefix_for_parsing, metadata.leading_digits
        conditions = [rf"(?!(?:{self._short.pattern})\Z)", rf"(?=(?:{self._general.pattern})\Z)"]
        conditions += [f"(?!{prefix})"] if prefix else []
        conditions += [f"(?={leading})"] if leading else []  # else a neighbour of the same calling code is asked
        kinds = [] if metadata.id == NO_COUNTRY else [getattr(metadata, kind) for kind in KINDS]
        return re.compile("".join(conditions) + f"(?:{'|'.join(_sized_patterns(kinds)) or NOTHING})")


def _trunk_prefix(metadata: PhoneMetadata) -> re.Pattern[str]:
    """Return the pattern of what may be taken away; of nothing if something else would have to take its place."""
    pattern = None if metadata.national_prefix_transform_rule else metadata.national_prefix_for_parsing
    return re.compile(pattern or NOTHING)


@cache
def _emergency_numbers() -> re.Pattern[str]:
    short = [PhoneMetadata.short_metadata_for_region(region) for region in phonenumbers.SUPPORTED_SHORT_REGIONS]
    return _any_of(_patterns(*(metadata.emergency for metadata in short if metadata)))


def _short_patterns(regions: Iterable[str]) -> Iterator[str]:
    for region in regions:
        metadata = PhoneMetadata.short_metadata_for_region(region)
        if metadata:
            yield from _patterns(metadata.short_code, metadata.emergency)


def _patterns(*descriptions: PhoneNumberDesc | None) -> Iterator[str]:
    for description in descriptions:
        if description and description.national_number_pattern:
            yield description.national_number_pattern


def _sized_patterns(descriptions: Iterable[PhoneNumberDesc | None]) -> Iterator[str]:
    """Yield the pattern of each description, held to its possible lengths: patterns alone allow more at times."""
    for description in descriptions:
        if description and description.national_number_pattern:
            lengths = "|".join(rf"\d{{{length}}}" for length in description.possible_length)
            yield rf"(?=(?:{lengths})\Z)(?:{description.national_number_pattern})"


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern of all that one of `patterns` matches; of nothing if there is none."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in sorted(set(patterns))) or NOTHING)
