"""The recipient-number rule: what is refused, with which code and in which words."""

import time
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError

from tenants.numbers import NumberPolicy

from .number_policies import ANY, CN, CN_MOBILE, CN_VALID, OFF, VALID, of

REFUSED = [
    # nothing there
    (CN, "", "number_missing"),
    (CN, " \t\u3000", "number_missing"),
    (CN, "'", "number_missing"),
    (CN, "-", "number_missing"),  # what people write for "none": separators alone are no number
    (CN, "( ) . -", "number_missing"),
    (CN, "+", "number_missing"),
    # characters: the first bad one is named
    (CN, "call me 13800000000", "number_characters"),
    (CN, "1-800-FLOWERS", "number_characters"),
    (CN, "13800000000 ext. 12", "number_characters"),
    (CN, "13800000000x123", "number_characters"),
    (CN, "13800000000;isub=1", "number_characters"),
    (CN, "13800000000;phone-context=+86", "number_characters"),
    (CN, "tel:13800000000", "number_characters"),
    (CN, "1.38E+10", "number_characters"),  # what a spreadsheet makes of a number that is no text
    (CN, "138/0000/0000", "number_characters"),
    (CN, "13800000000,13900000000", "number_characters"),
    (CN, "138*0000#", "number_characters"),
    (CN, "''13800000000", "number_characters"),  # one mark of text is taken away, not two
    (CN, '"13800000000"', "number_characters"),
    (CN, "++8613800000000", "number_characters"),  # the plus may only lead
    (CN, "86+13800000000", "number_characters"),
    (CN, "(+86) 13800000000", "number_characters"),
    (CN, "１３８００００００００", "number_characters"),  # full-width digits, typed with a Chinese keyboard
    (CN, "＋8613800000000", "number_characters"),
    (CN, "٠٠٨٦١٣٨٠٠٠٠٠٠٠٠", "number_characters"),  # Arabic-Indic digits
    (CN, "138①③⑧00000", "number_characters"),
    (CN, "138²0000000", "number_characters"),
    (CN, "\u202e13800000000", "number_characters"),
    (CN, "138\u200b00000000", "number_characters"),
    (CN, "\ufeff13800000000", "number_characters"),
    (CN, "\u221213800000000", "number_characters"),  # a minus sign
    (CN, "138\u20110000\u20110000", "number_characters"),  # a hyphen that does not break
    (CN, "138\u00a00000\u00a00000", "number_characters"),  # a blank that does not break
    (CN, "138\t00000000", "number_characters"),
    (CN, "138\n00000000", "number_characters"),
    (CN, "138\x0000000000", "number_characters"),
    (CN, "138\ud80000000000", "number_characters"),  # half a character
    (CN, "138😀0000000", "number_characters"),
    (CN, "1380000\u03010000", "number_characters"),  # an accent without a letter
    (CN, "1" * 41, "number_characters"),
    (CN, "13800000000" + " -" * 20 + "1", "number_characters"),
    (CN, "+" * 1_000_000, "number_characters"),
    # the country
    (CN, "+44 7400 123456", "number_country"),
    (CN, "0044 7400 123456", "number_country"),
    (CN, "+1 201 555 0123", "number_country"),
    (CN, "+138 0000 0000", "number_country"),  # the calling code forgotten
    (CN, "00 138 0000 0000", "number_country"),
    (CN, "+0086 138 0000 0000", "number_country"),  # plus and crown code
    (CN, "0000 86 138 0000 0000", "number_country"),  # the crown code twice
    (CN, "00", "number_country"),
    (CN, "+852 5123 4567", "number_country"),
    (CN, "+80012345678", "number_country"),
    (of("1"), "+7 912 345 67 89", "number_country"),
    (of("378"), "+39 0549 886377", "number_country"),  # San Marino by way of Italy
    (replace(CN, crown_code="0"), "013800000000", "number_country"),  # the crown code comes before the trunk prefix
    (ANY, "+999 123 456 789", "number_country"),
    (ANY, "+210 123 456 789", "number_country"),
    (ANY, "+0 123 456 789", "number_country"),
    (ANY, "000 123 456", "number_country"),
    (ANY, "+-0", "number_country"),
    # the national digits: 5 to 20 unless the tenant says otherwise
    (CN, "110", "number_length"),
    (CN, "+86", "number_length"),
    (CN, "86", "number_length"),
    (ANY, "1", "number_length"),
    (ANY, "1234", "number_length"),
    (ANY, "1" * 21, "number_length"),
    (ANY, "1" * 40, "number_length"),
    (CN_MOBILE, "010 6552 9988", "number_length"),
    # the begin digits, of the national number
    (CN_MOBILE, "139-1234-5678".replace("139", "177"), "number_begin"),
    (CN_MOBILE, "+86 177 1234 5678", "number_begin"),
    (CN_MOBILE, "0177 1234 5678", "number_begin"),
    (replace(CN, begin_digits=("86",)), "8613800000000", "number_begin"),
    (NumberPolicy(begin_digits=("13",)), "8613800000000", "number_begin"),
    # short and emergency numbers, whatever the plan check
    (CN, "10086", "number_not_allowed"),
    (CN, "+86 10086", "number_not_allowed"),
    (OFF, "10086", "number_not_allowed"),
    (OFF, "95588", "number_not_allowed"),
    (replace(OFF, min_length=1), "110", "number_not_allowed"),
    (replace(OFF, min_length=1), "112", "number_not_allowed"),
    (replace(OFF, min_length=1), "+86 120", "number_not_allowed"),
    (of("1", min_length=1), "911", "number_not_allowed"),
    (of("1", min_length=1), "+1 911", "number_not_allowed"),
    (of("44", min_length=1), "999", "number_not_allowed"),
    (of("61", min_length=1, crown_code="0011"), "000", "number_not_allowed"),
    (of("49"), "116117", "number_not_allowed"),
    (replace(ANY, min_length=1), "112", "number_not_allowed"),  # no country: emergency anywhere
    (replace(ANY, min_length=1, plan_check="off"), "911", "number_not_allowed"),
    (replace(ANY, min_length=1), "+39 118", "number_not_allowed"),
    # the plan's lengths
    (CN, "86110", "number_impossible"),
    (CN, "1380000000000", "number_impossible"),
    (CN, "+86 86 138 0000 0000", "number_impossible"),  # the calling code twice
    (CN, "5" * 20, "number_impossible"),
    (CN, "17951 0 10 6552 9988", "number_impossible"),  # a carrier's code and a trunk prefix
    (CN, "+86 00 138 0000 0000", "number_impossible"),
    (ANY, "+86 1380000000000", "number_impossible"),
    (of("1", plan_check="possible"), "555 0123", "number_impossible"),  # a local number, not to be reached from outside
    (VALID, "+1 310 1234", "number_impossible"),  # valid in Canada, and local all the same
    (of("65", plan_check="possible"), "812 3456", "number_impossible"),
    (replace(CN, crown_code=""), "0086 138 0000 0000", "number_impossible"),  # without a crown code only + is one
    (replace(CN, min_length=1), "5", "number_impossible"),
    # the plan's ranges
    (CN_VALID, "11000000000", "number_invalid"),
    (VALID, "+86 110 0000 0000", "number_invalid"),
    (of("44"), "07700 900123", "number_invalid"),
    (of("1"), "101 555 0123", "number_invalid"),
]


@pytest.mark.parametrize(("policy", "raw", "code"), REFUSED, ids=lambda value: repr(value)[:40])
def test_a_number_is_refused(policy, raw, code):
    with pytest.raises(ValidationError) as refused:
        policy.clean(raw)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("policy", "raw", "facts"),
    [
        (CN, "138x0", ["“x”", "U+0078", "digits"]),
        (CN, "138８", ["“８”", "U+FF18"]),
        (CN, "138\u202e0", ["invisible", "U+202E"]),
        (CN, "138\x000", ["invisible", "U+0000"]),
        (CN, "138\ud8000", ["invisible", "U+D800"]),
        (CN, "138\u03010", ["invisible", "U+0301"]),
        (CN, "138😀", ["“😀”", "U+1F600"]),
        (CN, "1" * 41, ["41", "40"]),
        (CN, "+44 7400 123456", ["+44", "+86"]),
        (ANY, "+999 123", ["999"]),
        (ANY, "00", ["calling code"]),
        (CN, "110", ["3", "5 to 20"]),
        (CN_MOBILE, "17712345678", ["13, 15, 18"]),
        (CN, "1380000000000", ["13", "+86", "7, 8, 9, 10, 11, 12"]),
        (of("1"), "555 0123", ["local", "7", "+1"]),
        (CN_VALID, "11000000000", ["+86"]),
    ],
)
def test_the_sentence_says_what_is_wrong_and_what_is_allowed(policy, raw, facts):
    with pytest.raises(ValidationError) as refused:
        policy.clean(raw)

    sentence = refused.value.messages[0]
    assert [fact for fact in facts if fact not in sentence] == []
    sentence.encode()  # half a character would not go into a file or the database


@pytest.mark.parametrize("policy", [replace(ANY, min_length=7, max_length=9), replace(OFF, min_length=7, max_length=9)])
@pytest.mark.parametrize(("digits", "fits"), [(6, False), (7, True), (9, True), (10, False)])
def test_the_limits_themselves_are_allowed(policy, digits, fits):
    number = "2345678901"[:digits]

    if fits:
        assert policy.clean(number).endswith(number)
    else:
        with pytest.raises(ValidationError, match=rf"has {digits} national digits; 7 to 9 are allowed"):
            policy.clean(number)


def test_only_the_national_digits_are_counted():
    policy = replace(CN, min_length=11, max_length=11)

    assert policy.clean("+86 0 138-0000-0000") == "+8613800000000"


@pytest.mark.parametrize("digits", range(1, 25))
def test_without_a_plan_check_the_tenants_limits_alone_count(digits):
    number = "5" * digits

    assert replace(OFF, min_length=1, max_length=24).clean(number) == f"+86{number}"


def test_a_megabyte_of_digits_is_refused_at_once():
    huge = "1" * 1_000_000
    fastest = 1.0

    for _attempt in range(5):
        began = time.perf_counter()
        with pytest.raises(ValidationError):
            CN.clean(huge)
        fastest = min(fastest, time.perf_counter() - began)

    assert fastest < 0.001


def test_forty_characters_are_read():
    assert CN.clean("1-3-8-0-0-0-0-0-0-0-0" + "-" * 19) == "+8613800000000"
