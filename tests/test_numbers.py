"""The recipient-number rule: what becomes one address. Numbers are for fiction or examples of the numbering plans."""

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from tenants.numbers import NumberPolicy, is_calling_code

from .number_policies import ANY, CN, CN_MOBILE, CN_VALID, OFF, VALID, of

ACCEPTED = [
    # China: the same recipient, however written
    ("China", CN, "13800000000", "+8613800000000"),
    ("China", CN, "138-0000-0000", "+8613800000000"),
    ("China", CN, "138 0000 0000", "+8613800000000"),
    ("China", CN, "138.0000.0000", "+8613800000000"),
    ("China", CN, "(138) 0000-0000", "+8613800000000"),
    ("China", CN, "8613800000000", "+8613800000000"),
    ("China", CN, "86 138 0000 0000", "+8613800000000"),
    ("China", CN, "+86 138 0000 0000", "+8613800000000"),
    ("China", CN, "+8613800000000", "+8613800000000"),
    ("China", CN, "008613800000000", "+8613800000000"),
    ("China", CN, "00 86 138 0000 0000", "+8613800000000"),
    ("China", CN, "0-0-8613800000000", "+8613800000000"),  # separators go before the crown code is looked for
    ("China", CN, "'13800000000", "+8613800000000"),  # a spreadsheet's mark of text
    ("China", CN, " ' 13800000000 ", "+8613800000000"),
    ("China", CN, "\t13800000000\r\n", "+8613800000000"),
    ("China", CN, "\u300013800000000\u00a0", "+8613800000000"),  # blanks around it, as form fields trim them too
    ("China", CN, "013800000000", "+8613800000000"),  # a trunk 0 that mobiles do not need
    ("China", CN, "+86 (0) 138 0000 0000", "+8613800000000"),
    ("China", CN, "17951 138 0000 0000", "+8613800000000"),  # a carrier's code in front
    ("China", CN_VALID, "010 6552 9988", "+861065529988"),
    ("China", CN_VALID, "10 6552 9988", "+861065529988"),
    ("China", CN_VALID, "+86 10 6552 9988", "+861065529988"),
    ("China", CN_VALID, "0755 2878 0808", "+8675528780808"),
    ("China", OFF, "+86 00 138 0000 0000", "+8613800000000"),  # two trunk prefixes
    ("China", CN_VALID, "400 810 2525", "+864008102525"),
    ("China", CN_MOBILE, "152-1234-5678", "+8615212345678"),
    (
        "China",
        replace(CN, plan_check="off"),
        "86110",
        "+8686110",
    ),  # national digits: the plan has neither 86110 nor 110
    ("China", CN, "86 12 3456", "+8686123456"),  # 86 12 3456 is a number of the plan: its 86 is no calling code
    ("China", OFF, "+86 86 138 0000 0000", "+868613800000000"),  # the code twice: not asked
    # no area code: a number is of its own country, or of none
    ("none", ANY, "13800000000", "13800000000"),
    ("none", ANY, "138-0000-0000", "13800000000"),
    ("none", ANY, "8613800000000", "8613800000000"),
    ("none", ANY, "013800000000", "013800000000"),  # whose trunk prefix it is, nobody knows
    ("none", ANY, "+86 138 0000 0000", "+8613800000000"),
    ("none", ANY, "0086 138 0000 0000", "+8613800000000"),
    ("none", ANY, "12345", "12345"),
    ("none", NumberPolicy(max_length=24), "1" * 24, "1" * 24),
    ("none", VALID, "+800 1234 5678", "+80012345678"),  # international freephone, of no country
    ("none", VALID, "+882 16 5 5500 1234", "+88216555001234"),
    # Hong Kong, Macao, Taiwan: codes of their own, no trunk prefix but in Taiwan
    ("Hong Kong", of("852"), "5123 4567", "+85251234567"),
    ("Hong Kong", of("852"), "852 5123 4567", "+85251234567"),
    ("Macao", of("853"), "6612 3456", "+85366123456"),
    ("Taiwan", of("886"), "0912 345 678", "+886912345678"),
    ("Taiwan", of("886"), "886 912 345 678", "+886912345678"),
    # Brazil: trunk 0 and two digits of a carrier
    ("Brazil", of("55"), "(11) 96123-4567", "+5511961234567"),
    ("Brazil", of("55"), "0 11 96123-4567", "+5511961234567"),
    ("Brazil", of("55"), "0 15 11 96123-4567", "+5511961234567"),
    ("Brazil", of("55"), "55 11 96123-4567", "+5511961234567"),
    ("Brazil", of("55"), "(55) 96123-4567", "+5555961234567"),  # town 55: not the country's 55
    ("Brazil", of("55"), "+55 55 96123-4567", "+5555961234567"),
    # +1: 25 regions, one tenant code; 1 is trunk prefix and calling code
    ("United States", of("1"), "(201) 555-0123", "+12015550123"),
    ("United States", of("1"), "1 201 555 0123", "+12015550123"),
    ("United States", of("1"), "+1 201 555 0123", "+12015550123"),
    ("United States", of("1", crown_code="011"), "011 1 201 555 0123", "+12015550123"),
    ("Canada", of("1"), "506 234 5678", "+15062345678"),
    ("Jamaica", of("1"), "876-210-1234", "+18762101234"),
    ("Jamaica", VALID, "+1 876 210 1234", "+18762101234"),
    # +7: Russia and Kazakhstan, trunk 8, toll-free numbers that begin with 8
    ("Russia", of("7"), "8 912 345-67-89", "+79123456789"),
    ("Russia", of("7"), "912 345 67 89", "+79123456789"),
    ("Russia", of("7"), "7 912 345 67 89", "+79123456789"),
    ("Russia", of("7", crown_code="810"), "8 10 7 912 345 67 89", "+79123456789"),
    ("Russia", of("7"), "8 800 123 45 67", "+78001234567"),
    ("Russia", of("7"), "800 123 45 67", "+78001234567"),  # its 8 is no trunk prefix
    ("Kazakhstan", of("7"), "8 771 000 9998", "+77710009998"),
    ("Kazakhstan", VALID, "+7 771 000 9998", "+77710009998"),
    # +44: Great Britain, Guernsey, Jersey, Man; trunk 0
    ("Britain", of("44"), "07400 123456", "+447400123456"),
    ("Britain", of("44"), "+44 (0)7400 123456", "+447400123456"),
    ("Britain", of("44"), "0044 7400 123456", "+447400123456"),
    ("Britain", of("44"), "44 7400 123456", "+447400123456"),
    ("Britain", of("44", plan_check="possible"), "07700 900123", "+447700900123"),  # Ofcom's numbers for drama
    ("Guernsey", of("44"), "07781 123456", "+447781123456"),
    ("Jersey", of("44"), "07797 712345", "+447797712345"),
    # Italy and the Vatican: the 0 belongs to the number
    ("Italy", of("39"), "06 1234 5678", "+390612345678"),
    ("Italy", of("39"), "+39 06 1234 5678", "+390612345678"),
    ("Italy", of("39"), "39 06 1234 5678", "+390612345678"),
    ("Italy", of("39"), "312 345 6789", "+393123456789"),
    ("Italy", of("39"), "39 312 345 6789", "+393123456789"),
    ("Vatican", of("39"), "06 698 12345", "+390669812345"),
    ("San Marino", VALID, "+378 0549 886377", "+3780549886377"),
    ("San Marino", of("378"), "886377", "+3780549886377"),  # its plan puts 0549 in front
    # others
    ("Germany", of("49"), "01512 3456789", "+4915123456789"),
    ("Germany", of("49"), "+49 (0) 30 123456", "+4930123456"),
    ("France", of("33"), "06 12 34 56 78", "+33612345678"),
    ("France", of("33"), "0033 6 12 34 56 78", "+33612345678"),
    ("Spain", of("34"), "612 34 56 78", "+34612345678"),
    ("Hungary", of("36"), "06 20 123 4567", "+36201234567"),  # trunk 06
    ("Lithuania", of("370"), "8 612 34567", "+37061234567"),
    ("Finland", of("358"), "041 2345678", "+358412345678"),
    ("Norway", of("47"), "406 12 345", "+4740612345"),
    ("Mexico", of("52"), "200 123 4567", "+522001234567"),
    ("Argentina", of("54"), "011 15 2345-6789", "+5491123456789"),  # dialled with 15 inside, with 9 from abroad
    ("Argentina", of("54"), "+54 9 11 2345 6789", "+5491123456789"),
    ("India", of("91"), "081234 56789", "+918123456789"),
    ("India", of("91"), "91 81234 56789", "+918123456789"),
    ("India", of("91"), "91234 56789", "+919123456789"),  # begins as the code does, and is national
    ("Japan", of("81"), "090-1234-5678", "+819012345678"),
    ("Japan", of("81", crown_code="010"), "010 81 90-1234-5678", "+819012345678"),
    ("South Korea", of("82"), "010-2000-0000", "+821020000000"),
    ("Singapore", of("65"), "8123 4567", "+6581234567"),
    ("Singapore", of("65"), "6512 3456", "+6565123456"),  # begins as the code does, and is national
    ("Indonesia", of("62"), "0812-345-678", "+62812345678"),
    ("Thailand", of("66"), "081 234 5678", "+66812345678"),
    ("Australia", of("61"), "0412 345 678", "+61412345678"),
    ("Australia", of("61", crown_code="0011"), "0011 61 412 345 678", "+61412345678"),
    ("South Africa", of("27"), "071 123 4567", "+27711234567"),
    ("Nigeria", of("234"), "0802 123 4567", "+2348021234567"),
    ("Nigeria", of("234", crown_code="009"), "009 234 802 123 4567", "+2348021234567"),
    ("Kenya", of("254"), "0712 123456", "+254712123456"),
    ("Egypt", of("20"), "0100 123 4567", "+201001234567"),
    ("Saudi Arabia", of("966"), "051 234 5678", "+966512345678"),
    ("Emirates", of("971"), "050 123 4567", "+971501234567"),
    ("Ivory Coast", of("225"), "01 23 45 6789", "+2250123456789"),  # the 0 belongs to the number
]


@pytest.mark.parametrize(("country", "policy", "raw", "address"), ACCEPTED)
def test_a_number_becomes_its_one_address(country, policy, raw, address):
    assert policy.clean(raw) == address


@pytest.mark.parametrize(("country", "policy", "raw", "address"), ACCEPTED)
def test_an_address_is_its_own_address(country, policy, raw, address):
    assert policy.clean(address) == address


@pytest.mark.parametrize("policy", [ANY, CN_MOBILE, NumberPolicy(crown_code="", plan_check="off", begin_digits=("1",))])
def test_a_policy_survives_being_stored(policy):
    assert NumberPolicy.from_json(policy.to_json()) == policy


@pytest.mark.parametrize(
    ("text", "exists"),
    [("86", True), ("1", True), ("852", True), ("7", True)]
    + [
        (text, False) for text in ["", "+86", "086", "999", "0", "210", "800", "882", "8613", "８６"]
    ],  # 800: no country's
)
def test_a_calling_code_belongs_to_a_country(text, exists):
    assert is_calling_code(text) is exists


policies = st.builds(
    NumberPolicy,
    min_length=st.integers(1, 8),
    max_length=st.integers(8, 24),
    begin_digits=st.sampled_from([(), (), ("1", "8"), ("0",)]),
    crown_code=st.sampled_from(["00", "00", "", "0", "011", "810", "8"]),
    area_code=st.sampled_from(["", "86", "86", "1", "7", "39", "44", "54", "55", "261", "378", "672", "225", "850"]),
    plan_check=st.sampled_from(["off", "possible", "valid"]),
)
odd_spellings = st.from_regex(r"\A'?\+?[0-9 ().\-]{1,24}\Z")
spellings = odd_spellings | st.from_regex(r"\A(\+|00)?(86|1|7|39|54|261)?0{0,3}[0-9]{4,12}\Z")


@given(policies, spellings)
def test_a_result_is_accepted_unchanged(policy, raw):
    address = address_of(policy, raw)

    assert address == "" or policy.clean(address) == address


@given(policies, spellings)
def test_a_stricter_plan_check_accepts_less_and_changes_nothing(policy, raw):
    off, possible, valid = (
        address_of(replace(policy, plan_check=check), raw) for check in ("off", "possible", "valid")
    )

    assert valid in ("", possible)
    assert possible in ("", off)


@given(policies, st.text(max_size=45))
def test_any_text_is_an_address_or_a_refusal_with_a_code(policy, raw):
    address = address_of(policy, raw)

    assert address == "" or (address.removeprefix("+").isdecimal() and address.isascii())


@given(
    policies.filter(lambda policy: policy.area_code and policy.crown_code in ("00", "011")),
    st.from_regex(r"\A[1-9][0-9]{6,10}\Z"),
    st.sampled_from(["{n}", "'{n}", " {n} ", "{c}{n}", "+{c}{n}", "+{c} ({n})", "{x}{c}{n}", "{x} {c}-{n}"]),
)
def test_all_spellings_of_a_valid_number_are_one_recipient(policy, national, spelling):
    policy = replace(policy, min_length=1, begin_digits=(), plan_check="valid")
    address = f"+{policy.area_code}{national}"
    raw = spelling.format(n=national, c=policy.area_code, x=policy.crown_code)

    if address_of(policy, address) == address and not national.startswith(policy.crown_code):
        assert policy.clean(raw) == address


def address_of(policy: NumberPolicy, raw: str) -> str:
    """Return the address of `raw`, "" if it is refused; any other error is one of the rule."""
    try:
        return policy.clean(raw)
    except ValidationError as refused:
        return "" if refused.code.startswith("number_") else refused.code
