"""Which column is what, by the numbers of a mapping rule."""

import pytest
from django.core.exceptions import ValidationError

from importer.layout import added_columns, by_rule
from importer.models import MappingRule
from marketing.rules import Rules
from marketing.variables import Variable
from tenants.numbers import NumberPolicy

SMS = Rules("sms", NumberPolicy(), (Variable("first_name", None), Variable("plan", "Fun 59")))
EMAIL = Rules("email", NumberPolicy(), ())
ADDED = ["Source row", "Reason code", "Reason"]


def rule(recipient: int = 3, *, has_header: bool = True, **columns: int) -> MappingRule:
    variables = [{"name": name, "column": column} for name, column in (columns or {"first_name": 5, "plan": 1}).items()]
    fields = {"recipient_column": recipient, "variables": variables, "has_header": has_header}
    return MappingRule(name="CRM", tenant_id=None, **fields)


def match(first_row: list[str], by: MappingRule, *, rules: Rules = SMS, columns: int | None = None):
    return by_rule(first_row, rules, by, columns=columns or len(first_row), is_guarded=False)


@pytest.mark.parametrize(
    ("first_row", "by", "address", "variables", "has_header"),
    [
        (["p", "x", "tel", "y", "who"], rule(), 2, {"first_name": 4, "plan": 0}, True),
        (
            ["recipient number", "x", "y", "z", "who"],
            rule(),
            2,
            {"first_name": 4, "plan": 0},
            True,
        ),  # names say nothing
        (["Fun", "x", "138", "y", "Ann"], rule(has_header=False), 2, {"first_name": 4, "plan": 0}, False),
        ([*ADDED, "p", "x", "tel", "y", "who"], rule(), 5, {"first_name": 7, "plan": 3}, True),
        ([*ADDED, "p", "x", "tel", "y", "who"], rule(has_header=False), 5, {"first_name": 7, "plan": 3}, True),
        (
            ["源文件行号", "原因代码", "原因", "p", "x", "tel", "y", "who"],
            rule(),
            5,
            {"first_name": 7, "plan": 3},
            True,
        ),
        (["Source row", "Reason", "tel", "y", "who"], rule(), 2, {"first_name": 4, "plan": 0}, True),  # not all three
        (["tel", "who", "p"], rule(1, FirstName=2, PLAN=3), 0, {"first_name": 1, "plan": 2}, True),  # as headers match
    ],
)
def test_columns_are_taken_by_number(first_row, by, address, variables, has_header):
    layout, notes = match(first_row, by)

    assert (layout.address, layout.variables, layout.has_header, notes) == (address, variables, has_header, [])


def test_a_header_is_kept_as_it_is_even_with_blank_and_repeated_names():
    layout, _notes = match(["a", "", "a", "", "a"], rule())

    assert layout.header == ["a", "", "a", "", "a"]
    assert (layout.title_of(1), layout.title_of(4)) == ("2", "a")


def test_without_a_header_the_columns_are_called_by_what_they_hold():
    layout, _notes = match(["Fun", "x", "138"], rule(has_header=False), columns=6)

    assert layout.header == ["plan", "2", "Recipient number", "4", "first_name", "6"]
    assert (layout.title_of(2), layout.title_of(3)) == ("Recipient number", "4")


def test_a_variable_without_a_column_refuses_the_file_even_if_it_has_a_default():
    with pytest.raises(ValidationError) as refused:
        match(["a", "b", "c"], rule(1, other=2))

    assert (refused.value.code, refused.value.params) == (
        "rule_variables_missing", {"rule": "CRM", "names": "“first_name”, “plan”"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("first_row", "columns", "missing", "has"),
    [
        (["a", "b", "c", "d"], 4, "“first_name” (5 = E)", 4),
        (["a"], 2, "“Recipient number” (3 = C), “first_name” (5 = E)", 2),
        ([*ADDED, "a", "b", "c", "d"], 7, "“first_name” (5 = E)", 4),  # the added ones do not count
    ],
)
def test_a_file_with_fewer_columns_is_refused_and_they_are_named(first_row, columns, missing, has):
    with pytest.raises(ValidationError) as refused:
        match(first_row, rule(), columns=columns)

    assert refused.value.code == "rule_columns_missing"
    assert refused.value.params == {"rule": "CRM", "columns": missing, "n": has}


def test_the_widest_row_decides_how_many_columns_there_are():
    layout, _notes = match(["a"], rule(), columns=5)

    assert layout.values_in(["Fun", "", "138", "", "Ann"]) == {"first_name": "Ann", "plan": "Fun"}


def test_variables_that_the_template_does_not_have_are_named():
    _layout, notes = match(["a", "b", "c"], rule(1, first_name=2, plan=3, gift=40))

    assert notes == [{"code": "rule_variables_ignored", "params": {"names": "“gift”"}}]


@pytest.mark.parametrize(
    ("rules", "cell", "codes"),
    [
        (SMS, "13800000001", ["first_row_is_data"]),
        (SMS, "Phone", []),
        (EMAIL, "ann@example.com", ["first_row_is_data"]),
        (EMAIL, "Mail", []),
    ],
)
def test_a_header_that_holds_a_recipient_is_told(rules, cell, codes):
    _layout, notes = match([cell, "x", "y"], rule(1, first_name=2, plan=3), rules=rules)

    assert [note["code"] for note in notes if note["code"] != "rule_variables_ignored"] == codes


@pytest.mark.parametrize(
    ("header", "count"),
    [
        ([*ADDED, "a"], 3),
        (["SOURCE_ROW", "reasoncode", " reason ", "a"], 3),
        (["a", *ADDED], 0),
        (ADDED[:2], 0),
        ([], 0),
    ],
)
def test_the_columns_of_a_download_are_known(header, count):
    assert added_columns(header) == count
