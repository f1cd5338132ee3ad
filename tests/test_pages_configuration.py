"""Configuration Center: Tenant Parameter."""

import re

import pytest

from tenants.parameters import TENANT_PARAMETERS, parameters_of
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


def value_of(name: str, answer) -> str:
    """Return what stands in the field `name`."""
    return re.search(rf'id="{name}" name="{name}" value="([^"]*)"', answer.content.decode())[1]


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


def test_a_reset_fills_the_default_in_and_saves_nothing(tenant, administrator):
    administrator.post("tenants:parameters-save", **NUMBERS)

    answer = administrator.post("tenants:parameters-save", **(NUMBERS | {"begin_digits": "17", "reset": "area"}))
    reset = administrator.post(
        "tenants:parameters-save", **(NUMBERS | {"begin_digits": "17", "reset": "min_number_length"})
    )

    assert value_of("min_number_length", answer) == "11"  # there is no parameter “area”
    assert (value_of("min_number_length", reset), value_of("begin_digits", reset)) == ("5", "17")
    assert "The default is filled in. It is not saved yet." in text_of(reset)
    with act_for(tenant):
        assert parameters_of(tenant) == parameters_of(tenant) | NUMBERS


def test_a_reset_is_offered_beside_each_value_that_is_not_the_default(administrator, viewer):
    administrator.post("tenants:parameters-save", **NUMBERS)

    def offered(person: Person) -> list[str]:
        page = person.get("tenants:parameters").content.decode()
        return re.findall(r'name="reset" value="(\w+)" data-reset="[^"]*" aria-label', page)  # not hidden

    assert offered(administrator) == [
        "min_number_length",
        "max_number_length",
        "begin_digits",
        "international_area_code",
    ]
    assert offered(viewer) == []


def test_two_who_change_different_parameters_do_not_undo_each_other(tenant, administrator):
    opened = {f"seen:{key}": parameter.default for key, parameter in TENANT_PARAMETERS.items()}
    shown = {key: parameter.default for key, parameter in TENANT_PARAMETERS.items()}

    administrator.post("tenants:parameters-save", **(opened | shown | {"source_file_days": "9"}))
    administrator.post("tenants:parameters-save", **(opened | shown | {"rejected_row_days": "60"}))

    with act_for(tenant):
        saved = parameters_of(tenant)
    assert (saved["source_file_days"], saved["rejected_row_days"]) == ("9", "60")


def test_who_would_replace_what_somebody_else_saved_meanwhile_is_told(tenant, administrator):
    opened = {"seen:number_plan_check": "possible"}
    administrator.post("tenants:parameters-save", number_plan_check="off", **opened)

    answer = administrator.post("tenants:parameters-save", number_plan_check="valid", **opened)
    assert "it is now: Off" in text_of(answer)
    assert '<option value="valid" selected>' in answer.content.decode()
    assert 'name="seen:number_plan_check" value="off"' in answer.content.decode()

    assert administrator.post(
        "tenants:parameters-save", number_plan_check="valid", **{"seen:number_plan_check": "off"}
    ).status_code == 302  # fmt: skip


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
    answer = administrator.post("tenants:number-try", number=number, htmx=True, **NUMBERS)

    assert said in text_of(answer)
    assert [check["passed"] for check in answer.context["checks"]] == checks
    with act_for(tenant):
        assert parameters_of(tenant)["begin_digits"] == ""  # nothing was stored


def test_a_number_is_tried_with_the_saved_values_on_a_page_without_script(administrator):
    answer = administrator.post("tenants:number-try", number="138x")

    assert "The number has the character “x”" in text_of(answer)
    assert 'value="138x"' in answer.content.decode()
    assert "Minimum length of outbound customer number" in text_of(answer)


def test_a_number_is_not_tried_with_values_that_cannot_be(administrator):
    answer = administrator.post("tenants:number-try", number="138", **(NUMBERS | {"min_number_length": "many"}))

    assert "The number was not tried." in text_of(answer)


def test_a_viewer_reads_parameters_and_saves_none(viewer):
    assert "disabled" in viewer.get("tenants:parameters").content.decode()
    assert viewer.post("tenants:parameters-save", **NUMBERS).status_code == 403
    assert viewer.post("tenants:number-try", number="138", **NUMBERS).status_code == 403
