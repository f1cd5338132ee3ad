"""Call Center > System Parameter, and the same by REST."""

import pytest

from tenants.models import User
from tenants.parameters import system_parameter
from tenants.system_parameters import SYSTEM_PARAMETERS

from . import caller, make
from .caller import Caller, code_of, errors_of
from .pages import Person, text_of

VALUES = {key: parameter.default for key, parameter in SYSTEM_PARAMETERS.items()}


@pytest.fixture
def root(db) -> User:
    return User.objects.create_superuser("root", make.PASSWORD, full_name="Sam Sysadmin")


@pytest.fixture
def person(root) -> Person:
    return Person(root)


@pytest.fixture
def api(root) -> Caller:
    return Caller(user=root)


def test_every_parameter_is_shown_with_its_name_default_and_range(person):
    text = text_of(person.get("administration:parameters"))

    for parameter in SYSTEM_PARAMETERS.values():
        assert str(parameter.name) in text
        assert str(parameter.allowed) in text
    assert "Maximum number of caring users" in text  # the guide's name
    assert "is in force until" not in text


def test_parameters_are_saved(person):
    answer = person.post("administration:parameters-save", **(VALUES | {"max_file_rows": "5000"}))

    assert answer.status_code == 302
    assert system_parameter("max_file_rows") == 5_000
    assert "They hold for all tenant spaces from now on." in text_of(person.get("administration:parameters"))


def test_a_change_of_the_caring_users_says_until_when_the_old_value_is_in_force(person):
    person.post("administration:parameters-save", **(VALUES | {"max_caring_users": "800"}))

    page = person.get("administration:parameters")

    assert "1,000 is in force until" in text_of(page)
    assert "then 800." in text_of(page)
    assert 'value="800"' in page.content.decode()
    assert system_parameter("max_caring_users") == 1_000


def test_what_does_not_fit_saves_nothing_and_stays_on_the_page(person):
    wrong = VALUES | {"max_caring_users": "1000001", "max_file_rows": "5000", "smartcare_collection_time": "25:00"}

    answer = person.post("administration:parameters-save", **wrong)

    text = text_of(answer)
    assert "This must be a whole number from 0 to 1000000." in text.replace(",", "")
    assert "This must be a time of day such as 01:00" in text
    assert 'value="1000001"' in answer.content.decode()
    assert system_parameter("max_file_rows") == 10_000


def test_a_reset_fills_the_default_in_and_saves_nothing(person):
    person.post("administration:parameters-save", max_file_rows="5000")

    answer = person.post("administration:parameters-save", max_file_rows="5000", reset="max_file_rows")

    assert 'name="max_file_rows" value="10000"' in answer.content.decode()
    assert system_parameter("max_file_rows") == 5_000


def test_who_would_replace_what_somebody_else_saved_meanwhile_is_told(person):
    opened = {"seen:max_caring_users": "1000", "seen:max_file_rows": "10000"}
    person.post("administration:parameters-save", max_caring_users="800", max_file_rows="10000", **opened)

    answer = person.post("administration:parameters-save", max_caring_users="900", max_file_rows="5000", **opened)

    assert "it is now: 800" in text_of(answer)  # though 1000 is in force for an hour
    assert system_parameter("max_file_rows") == 10_000


def test_rest_reads_all_with_what_is_pending(api):
    changed = api.put("api-system-parameters", body={"max_caring_users": "800"})

    read = api.get("api-system-parameters").json()
    assert changed.json() == read
    assert read.keys() == SYSTEM_PARAMETERS.keys()
    assert read["max_file_rows"] == {"value": "10000", "pending_value": None, "effective_at": None}
    assert (read["max_caring_users"]["value"], read["max_caring_users"]["pending_value"]) == ("1000", "800")
    assert read["max_caring_users"]["effective_at"]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"max_caring_users": "1000001"}, {"max_caring_users": "parameter_range"}),
        ({"max_caring_users": 800}, {"max_caring_users": "text"}),
        ({"smartcare_collection_time": "1 am"}, {"smartcare_collection_time": "parameter_time"}),
        ({"begin_digits": "13"}, {"begin_digits": "unknown_field"}),  # a tenant's
        ([], {"non_field_errors": "format"}),
    ],
)
def test_rest_sets_all_or_none(api, body, errors):
    before = api.get("api-system-parameters").json()

    assert errors_of(api.put("api-system-parameters", body=body)) == errors
    assert api.get("api-system-parameters").json() == before


def test_a_token_never_gets_in(tenant):
    assert code_of(caller.of(tenant).get("api-system-parameters")) == (403, "permission_denied")
