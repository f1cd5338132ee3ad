"""REST: the tenant parameters."""

import pytest

from tenants.parameters import TENANT_PARAMETERS, parameters_of
from tenants.scoping import act_for

from . import caller, make
from .caller import Caller, code_of, errors_of


@pytest.fixture
def api(tenant):
    return caller.of(tenant)


def test_all_parameters_are_read_with_their_defaults(api):
    assert api.get("api-tenant-parameters").json() == {
        key: parameter.default for key, parameter in TENANT_PARAMETERS.items()
    } | {"international_area_code": "86"}


def test_those_named_are_set_and_the_others_stay(api, tenant):
    answer = api.put("api-tenant-parameters", body={"min_number_length": "7", "begin_digits": "13, 15"})

    assert answer.status_code == 200
    assert answer.json() == api.get("api-tenant-parameters").json()
    with act_for(tenant):
        stored = parameters_of(tenant)
    assert (stored["min_number_length"], stored["begin_digits"], stored["international_area_code"]) == (
        "7", "13,15", "86",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"min_number_length": "0"}, {"min_number_length": "parameter_range"}),
        ({"min_number_length": 7}, {"min_number_length": "text"}),
        ({"min_number_length": None}, {"min_number_length": "null"}),
        ({"min_number_length": "21"}, {"max_number_length": "parameter_order"}),
        ({"begin_digits": "1a"}, {"begin_digits": "parameter_prefixes"}),
        ({"international_area_code": "999"}, {"international_area_code": "parameter_area_code"}),
        ({"number_plan_check": "maybe"}, {"number_plan_check": "parameter_choice"}),
        ({"max_file_rows": "5"}, {"max_file_rows": "unknown_field"}),  # the system administrator's
        ({"begin_digits": "13", "max_number_length": "25"}, {"max_number_length": "parameter_range"}),
        ([], {"non_field_errors": "format"}),
    ],
)
def test_all_or_none_are_set(api, body, errors):
    before = api.get("api-tenant-parameters").json()

    assert errors_of(api.put("api-tenant-parameters", body=body)) == errors
    assert api.get("api-tenant-parameters").json() == before


def test_reading_and_setting_are_scopes_of_their_own(tenant):
    with act_for(tenant):
        api = Caller(make.token(tenant.client, "parameters:read"))

    assert api.get("api-tenant-parameters").status_code == 200
    assert code_of(api.put("api-tenant-parameters", body={})) == (403, "scope_missing")
