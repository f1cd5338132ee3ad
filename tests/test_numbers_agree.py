"""The rule, whose usual cases are compiled, against the plain reading of its text by phonenumbers alone."""

import random
import re
from collections.abc import Iterable, Iterator

import phonenumbers
import pytest
from django.core.exceptions import ValidationError
from phonenumbers import CountryCodeSource, NumberParseException, PhoneNumber, PhoneNumberType, ValidationResult

from tenants.numbers import NumberPolicy

KINDS = [
    getattr(PhoneNumberType, kind)
    for kind in ["MOBILE", "MOBILE", "FIXED_LINE", "TOLL_FREE", "PREMIUM_RATE", "SHARED_COST", "VOIP", "UAN", "PAGER"]
]
SEEDS = [7, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(100, 120))]
NUMBERS = 100_000  # of each seed
NOT_READ = "not read"  # by phonenumbers: fewer than 2 or more than 17 national digits


class Refused(Exception):
    """Carries the code that the plain reading gives."""


@pytest.mark.parametrize("seed", SEEDS)
def test_the_compiled_rule_gives_the_verdict_of_phonenumbers(seed):
    chance = random.Random(seed)
    differences, accepted = [], 0

    for policy, raw in some_numbers(chance, NUMBERS):
        expected, actual = plain_verdict(policy, raw), verdict(policy, raw)
        accepted += actual.lstrip("+").isdecimal()
        if actual != expected and expected != NOT_READ:
            differences.append((policy, raw, actual, expected))

    assert differences == []
    assert NUMBERS * 0.25 < accepted < NUMBERS * 0.9


def test_no_valid_number_is_changed():
    chance, policy = random.Random(11), NumberPolicy(min_length=1, plan_check="off")
    written = [f"+{code}{national}" for code, national in some_national_numbers(chance, 20_000)]
    valid = [raw for raw in written if is_valid(raw)]

    changed_numbers = [raw for raw in valid if verdict(policy, raw) != raw]

    assert changed_numbers == []
    assert len(valid) > 8_000


def is_valid(address: str) -> bool:
    """Tell whether phonenumbers finds `address` valid as it stands, without taking a prefix away."""
    code = next(code for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE if address[1:].startswith(str(code)))
    national = address.removeprefix(f"+{code}")
    zeros = len(national) - len(national.lstrip("0"))
    number = PhoneNumber(code, int(national), italian_leading_zero=zeros > 0, number_of_leading_zeros=zeros or None)
    return phonenumbers.is_valid_number(number)


def verdict(policy: NumberPolicy, raw: str) -> str:
    """Return the address or the code of `raw`."""
    try:
        return policy.clean(raw)
    except ValidationError as refused:
        return refused.code


def plain_verdict(policy: NumberPolicy, raw: str) -> str:
    """Return the address or the code, by the steps of the rule and no shortcut."""
    try:
        return plain_address(policy, re.sub(r"[ \-.()]", "", raw))
    except Refused as refused:
        return str(refused)


def plain_address(policy: NumberPolicy, written: str) -> str:
    international = written.startswith("+")
    if policy.crown_code and written.startswith(policy.crown_code):
        international, written = True, "+" + written[len(policy.crown_code) :]
    if not international and not policy.area_code:
        plain_limits(policy, written)
        if len(written) < 7 and plain_emergency(written, phonenumbers.SUPPORTED_SHORT_REGIONS):
            raise Refused("number_not_allowed")
        return written
    read = plain_international if international else plain_national
    return plain_plan(policy, *read(policy, written))


def plain_international(policy: NumberPolicy, written: str) -> tuple[PhoneNumber, int]:
    codes = [int(written[1 : 1 + length] or 0) for length in (1, 2, 3)]
    codes = [code for code in codes if code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE]
    if not codes or written[1] == "0" or policy.area_code not in ("", str(codes[0])):
        raise Refused("number_country")
    return parsed(written)


def plain_national(policy: NumberPolicy, written: str) -> tuple[PhoneNumber, int]:
    region = phonenumbers.region_code_for_country_code(int(policy.area_code))
    if written.startswith(policy.area_code) and read_with_calling_code(written, region):
        return parsed(f"+{written}")
    return parsed(f"+{policy.area_code}{written}")


def read_with_calling_code(written: str, region: str) -> bool:
    try:
        number = phonenumbers.parse(written, region, keep_raw_input=True)
    except NumberParseException:
        return False
    return number.country_code_source == CountryCodeSource.FROM_NUMBER_WITHOUT_PLUS_SIGN


def parsed(written: str, prefixes: int = 0) -> tuple[PhoneNumber, int]:
    """Return `written` as phonenumbers reads it again and again, and how often that changed it."""
    try:
        number = phonenumbers.parse(written)
    except NumberParseException as refused:
        raise Refused(NOT_READ) from refused
    address = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return (number, prefixes) if address == written else parsed(address, prefixes + 1)


def plain_plan(policy: NumberPolicy, number: PhoneNumber, prefixes: int) -> str:
    national = phonenumbers.national_significant_number(number)
    plain_limits(policy, national)
    regions = phonenumbers.region_codes_for_country_code(number.country_code)
    if plain_emergency(national, regions) or phonenumbers.is_valid_short_number(number):
        raise Refused("number_not_allowed")
    possible = phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
    if policy.plan_check != "off" and (prefixes > 1 or not possible):
        raise Refused("number_impossible")
    if policy.plan_check == "valid" and not phonenumbers.is_valid_number(number):
        raise Refused("number_invalid")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def plain_emergency(national: str, regions: Iterable[str]) -> bool:
    return any(phonenumbers.is_emergency_number(national, region) for region in regions)


def plain_limits(policy: NumberPolicy, national: str) -> None:
    if not policy.min_length <= len(national) <= policy.max_length:
        raise Refused("number_length")
    if policy.begin_digits and not any(national.startswith(begin) for begin in policy.begin_digits):
        raise Refused("number_begin")


def some_numbers(chance: random.Random, count: int) -> Iterator[tuple[NumberPolicy, str]]:
    """Yield numbers near valid ones of all regions, in all spellings, under policies that fit and that do not."""
    for calling_code, national in some_national_numbers(chance, count):
        policy = some_policy(chance, calling_code, national)
        yield policy, spelled(chance, policy, calling_code, national)


def some_national_numbers(chance: random.Random, count: int) -> Iterator[tuple[str, str]]:
    """Yield calling codes with national digits, most of them valid or nearly so."""
    examples = [
        phonenumbers.example_number_for_type(region, kind)
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        for kind in KINDS
    ]
    examples = [example for example in examples if example]
    for _number in range(count):
        example = chance.choice(examples)
        yield str(example.country_code), changed(chance, phonenumbers.national_significant_number(example))


def changed(chance: random.Random, national: str) -> str:
    """Return `national` with other last digits, at times one or two too many or too few."""
    kept = len(national) - chance.choice([0, 2, 4, 4, 6, len(national)])
    other = "".join(chance.choices("0123456789", k=20))
    length = len(national) + chance.choice([0, 0, 0, 0, 0, 0, 0, 1, 2, -1, -2, -5])
    return (national[: max(kept, 0)] + other)[: max(length, 2)]


def some_policy(chance: random.Random, calling_code: str, national: str) -> NumberPolicy:
    return NumberPolicy(
        min_length=chance.choice([1, 5, 5, 8]),
        max_length=chance.choice([9, 11, 20, 20]),
        begin_digits=chance.choice([(), (), (), (national[:2], "99"), ("13", "7")]),
        crown_code=chance.choice(["00", "00", "011", "", "810", "0"]),
        area_code=chance.choice(["", calling_code, calling_code, calling_code, "86"]),
        plan_check=chance.choice(["off", "possible", "valid"]),
    )


def spelled(chance: random.Random, policy: NumberPolicy, calling_code: str, national: str) -> str:
    trunk = chance.choice(["", "", "", "0", "1", "8", "00"])
    front = chance.choice([f"+{calling_code}", f"{policy.crown_code}{calling_code}", calling_code, "", "", "+"])
    if chance.random() < 0.2:
        return f"{front} ({trunk}{national[:2]}) {national[2:5]}-{national[5:]}"
    return f"{front}{trunk}{national}"
