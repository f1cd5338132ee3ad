"""Tenant parameters and system parameters: the guide's names, their defaults, and what may be set."""

from datetime import time

import pytest
from django.core.exceptions import ValidationError

from tenants.models import SystemParameter, TenantParameter
from tenants.numbers import NumberPolicy
from tenants.parameters import (
    SYSTEM_PARAMETERS,
    TENANT_PARAMETERS,
    number_policy,
    parameters_of,
    set_parameters,
    system_parameter,
    system_time,
)
from tenants.scoping import act_for


def test_the_defaults(db, other_tenant):
    with act_for(other_tenant):
        TenantParameter.objects.all().delete()
        assert parameters_of(other_tenant) == {
            "min_number_length": "5",
            "max_number_length": "20",
            "begin_digits": "",
            "international_crown_code": "00",
            "international_area_code": "",
            "number_plan_check": "possible",
            "source_file_days": "7",
            "rejected_row_days": "30",
        }
        assert number_policy(other_tenant) == NumberPolicy()


def test_the_guides_names_are_kept():
    """Guide 2025-01-23, "Importing Marketing Data in Batches", step 2."""
    assert [str(TENANT_PARAMETERS[key].name) for key in list(TENANT_PARAMETERS)[:5]] == [
        "Minimum length of outbound customer number",
        "Maximum length of outbound customer number",
        "The begin digits of the customer number",
        "International Crown Code",
        "International area code",
    ]


def test_every_default_may_be_set(acting):
    set_parameters(acting, {key: parameter.default for key, parameter in TENANT_PARAMETERS.items()})


@pytest.mark.parametrize(
    ("key", "raw", "stored"),
    [
        ("min_number_length", " 7 ", "7"),
        ("min_number_length", "007", "7"),
        ("max_number_length", "24", "24"),
        ("begin_digits", "13, 15,,13 ", "13,15"),
        ("begin_digits", "13，15", "13,15"),  # the comma of a Chinese keyboard
        ("begin_digits", ",".join(str(number) for number in range(100, 150)), ",".join(map(str, range(100, 150)))),
        ("begin_digits", "", ""),
        ("international_crown_code", "", ""),
        ("international_crown_code", "001", "001"),
        ("international_area_code", "86", "86"),
        ("international_area_code", "", ""),
        ("number_plan_check", "valid", "valid"),
        ("rejected_row_days", "365", "365"),
    ],
)
def test_a_parameter_is_stored_as_it_is_used(acting, key, raw, stored):
    set_parameters(acting, {key: raw})

    assert parameters_of(acting)[key] == stored


@pytest.mark.parametrize(
    ("key", "raw", "code"),
    [
        ("min_number_length", "0", "parameter_range"),
        ("min_number_length", "25", "parameter_range"),
        ("min_number_length", "", "parameter_range"),
        ("min_number_length", "-1", "parameter_range"),
        ("min_number_length", "5.0", "parameter_range"),
        ("min_number_length", "５", "parameter_range"),  # full width
        ("max_number_length", "9" * 30, "parameter_range"),
        ("min_number_length", "21", "parameter_order"),  # above the maximum of 20, and told at the maximum
        ("begin_digits", "1a", "parameter_prefixes"),
        ("begin_digits", "1" * 11, "parameter_prefixes"),
        ("begin_digits", ",".join(str(number) for number in range(100, 151)), "parameter_prefixes"),
        ("international_crown_code", "0000000", "parameter_digits"),
        ("international_crown_code", "+", "parameter_digits"),
        ("international_area_code", "1234", "parameter_digits"),
        ("international_area_code", "999", "parameter_area_code"),
        ("number_plan_check", "strict", "parameter_choice"),
        ("source_file_days", "91", "parameter_range"),
        ("colour", "red", "parameter_unknown"),
    ],
)
def test_a_parameter_is_refused(acting, key, raw, code):
    before = parameters_of(acting)

    with pytest.raises(ValidationError) as refused:
        set_parameters(acting, {key: raw})

    field = "max_number_length" if code == "parameter_order" else key
    assert {name: errors[0].code for name, errors in refused.value.error_dict.items()} == {field: code}
    assert parameters_of(acting) == before


def test_minimum_and_maximum_are_judged_together(acting):
    set_parameters(acting, {"min_number_length": "22", "max_number_length": "23"})

    assert number_policy(acting).min_length == 22


def test_one_refusal_stops_all(acting):
    with pytest.raises(ValidationError):
        set_parameters(acting, {"min_number_length": "6", "max_number_length": "x"})

    assert parameters_of(acting)["min_number_length"] == "5"


def test_the_policy_of_numbers_is_what_the_tenant_set(acting):
    values = {"min_number_length": "6", "max_number_length": "11", "begin_digits": "13,15"}
    set_parameters(acting, values | {"international_crown_code": "001", "number_plan_check": "off"})

    assert number_policy(acting) == NumberPolicy(
        min_length=6, max_length=11, begin_digits=("13", "15"), crown_code="001", area_code="86", plan_check="off"
    )


def test_parameters_belong_to_one_tenant(tenant, other_tenant):
    with act_for(tenant):
        set_parameters(tenant, {"begin_digits": "13"})

    with act_for(other_tenant):
        assert parameters_of(other_tenant)["begin_digits"] == ""


def test_system_parameters_hold_for_all_tenants(tenant):
    numbers = [key for key in SYSTEM_PARAMETERS if key != "smartcare_collection_time"]
    assert system_time("smartcare_collection_time") == time(1)
    assert {key: system_parameter(key) for key in numbers} == {
        "max_file_rows": 10_000,  # "a maximum of 10,000 records can be imported at a time"
        "max_server_rows": 500_000,  # "a maximum of 500,000 records can be imported at a time"
        "advised_rows": 50_000,  # "recommended that a maximum of 50,000 records be imported at a time"
        "max_caring_users": 1_000,
        "log_days": 365,
        "api_requests_per_minute": 1_200,
    }

    SystemParameter.objects.create(key="max_file_rows", value="5000")

    with act_for(tenant):
        assert system_parameter("max_file_rows") == 5000
