"""Configuration Center: Tenant Parameter."""

import pytest

from tenants.parameters import parameters_of
from tenants.scoping import act_for

from .pages import Person, text_of

NUMBERS = {
    "min_number_length": "11",
    "max_number_length": "11",
    "begin_digits": "13,15",
    "international_crown_code": "00",
    "international_area_code": "86",
    "number_plan_check": "possible",
}


@pytest.fixture
def administrator(tenant) -> Person:
    return Person(tenant.administrator)


@pytest.fixture
def viewer(tenant) -> Person:
    return Person(tenant.viewer)


def test_every_parameter_is_shown_with_its_name_default_and_range(administrator):
    text = text_of(administrator.get("tenants:parameters"))

    for name in (
        "Minimum length of outbound customer number",
        "Maximum length of outbound customer number",
        "The begin digits of the customer number",
        "International Crown Code",
        "International area code",
        "Number plan check",
    ):
        assert name in text
    assert "1 to 24, not below the minimum" in text


def test_parameters_are_saved(tenant, administrator):
    answer = administrator.post("tenants:parameters-save", **NUMBERS)

    assert answer.status_code == 302
    with act_for(tenant):
        assert parameters_of(tenant) == parameters_of(tenant) | NUMBERS


def test_a_value_that_does_not_fit_saves_nothing_and_stays_on_the_page(tenant, administrator):
    with act_for(tenant):
        before = parameters_of(tenant)

    answer = administrator.post("tenants:parameters-save", **(NUMBERS | {"max_number_length": "3"}))

    assert "must not be below the minimum length (11)" in text_of(answer)
    assert 'value="3"' in answer.content.decode()
    with act_for(tenant):
        assert parameters_of(tenant) == before


@pytest.mark.parametrize(
    ("number", "said", "checks"),
    [
        ("0086 138-0000-1201", "It would be stored as +8613800001201", [True] * 5),
        ("138x", "The number has the character “x”", [False, None, None, None, None]),
        ("+852 1234 5678", "The number is of the country +852", [True, False, None, None, None]),
        ("138000012", "The number has 9 national digits", [True, True, False, None, None]),
        ("17000000012", "must begin with one of these groups", [True, True, True, False, None]),
    ],
)
def test_a_number_is_tried_with_the_values_on_the_page(tenant, administrator, number, said, checks):
    answer = administrator.post("tenants:number-try", number=number, **NUMBERS)

    assert said in text_of(answer)
    assert [check["passed"] for check in answer.context["checks"]] == checks
    with act_for(tenant):
        assert parameters_of(tenant)["begin_digits"] == ""  # nothing was stored


def test_a_number_is_not_tried_with_values_that_cannot_be(administrator):
    answer = administrator.post("tenants:number-try", number="138", **(NUMBERS | {"min_number_length": "many"}))

    assert "The number was not tried." in text_of(answer)


def test_a_viewer_reads_parameters_and_saves_none(viewer):
    assert "disabled" in viewer.get("tenants:parameters").content.decode()
    assert viewer.post("tenants:parameters-save", **NUMBERS).status_code == 403
    assert viewer.post("tenants:number-try", number="138", **NUMBERS).status_code == 403
