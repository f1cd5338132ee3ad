"""Which column is what."""

import pytest
from django.core.exceptions import ValidationError

from importer.layout import by_template
from marketing.rules import Rules
from marketing.variables import Variable
from tenants.numbers import NumberPolicy

SMS = Rules("sms", NumberPolicy(), (Variable("first_name", None), Variable("plan", "Fun 59")))
ONE = Rules("sms", NumberPolicy(), (Variable("first_name", None),))
EMAIL = Rules("email", NumberPolicy(), ())


def match(header: list[str], rules: Rules = SMS, *, is_guarded: bool = False):
    return by_template(header, rules, is_guarded=is_guarded)


@pytest.mark.parametrize(
    ("header", "address", "variables"),
    [
        (["Recipient number", "first_name", "plan"], 0, {"first_name": 1, "plan": 2}),
        (["PLAN", " recipient_NUMBER ", "First Name"], 1, {"first_name": 2, "plan": 0}),
        (["", "接收人号码", "firstname", "plan"], 1, {"first_name": 2, "plan": 3}),
        (["Source row", "Reason code", "Reason", "Recipient number", "first_name"], 3, {"first_name": 4}),
    ],
)
def test_columns_are_found_by_name_in_any_order(header, address, variables):
    layout, notes = match(header, SMS if len(variables) == 2 else ONE)

    assert (layout.address, layout.variables, layout.header, notes) == (address, variables, header, [])


def test_an_email_task_asks_for_an_email():
    assert match(["Recipient email"], EMAIL)[0].address == 0
    with pytest.raises(ValidationError) as refused:
        match(["Recipient number"], EMAIL)
    assert refused.value.params["names"] == "“Recipient email”"


def test_missing_columns_are_named():
    with pytest.raises(ValidationError) as refused:
        match(["number", "plan"])

    assert refused.value.code == "header_missing"
    assert refused.value.params == {
        "names": "“Recipient number”, “first_name”",
        "found": "“number”, “plan”",
        "variant": "several",
    }
    assert "lacks the columns “Recipient number”, “first_name”. It has" in refused.value.messages[0]


def test_a_column_that_stands_twice_is_refused():
    with pytest.raises(ValidationError) as refused:
        match(["Recipient number", "first_name", "First Name", "plan"])

    assert (refused.value.code, refused.value.params) == ("header_repeated", {"name": "First Name"})


def test_other_columns_are_ignored_and_named():
    _layout, notes = match(["Recipient number", "first_name", "plan", "Remarks", "", "原因"])

    assert notes == [{"code": "columns_ignored", "params": {"names": "“Remarks”"}}]


def test_a_short_row_has_empty_values():
    layout, _notes = match(["Recipient number", "first_name", "plan"])

    assert (layout.address_in([]), layout.values_in(["138"])) == ("", {"first_name": "", "plan": ""})


@pytest.mark.parametrize(
    ("text", "read"), [("'=1+1", "=1+1"), ("'+86138", "+86138"), ("''=x", "'=x"), ("'quoted'", "'quoted'"), ("'", "'")]
)
def test_the_guard_of_a_csv_download_is_taken_off(text, read):
    layout, _notes = match(["Recipient number", "first_name", "plan"], is_guarded=True)

    assert layout.values_in(["1", text, ""])["first_name"] == read
