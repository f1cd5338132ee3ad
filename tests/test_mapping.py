"""Mapping rules: what they may say, how they are saved and deleted, which fit a task."""

from collections.abc import Callable
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from importer.columns import letter_of
from importer.mapping import choices, delete_rule, save_rule, sentence_of, with_variables
from importer.models import MappingRule
from marketing.variables import Variable
from tenants.models import LogEntry
from tenants.scoping import act_for


def rule(*columns: tuple[str, int | None], recipient: int = 1, **fields) -> Callable[[], MappingRule]:
    """What makes the rule: outside of a tenant none can be."""
    variables = [{"name": name, "column": column} for name, column in columns]
    return partial(MappingRule, **{"name": "CRM", "recipient_column": recipient, "variables": variables} | fields)


def faults_of(made: MappingRule) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refused:
        save_rule(made)
    return {place: [fault.code for fault in faults] for place, faults in refused.value.error_dict.items()}


@pytest.mark.parametrize(
    ("made", "faults"),
    [
        (rule(name=""), {"name": ["blank"]}),
        (rule(name="x" * 101), {"name": ["max_length"]}),
        (rule(name="a\x07"), {"name": ["control_characters"]}),
        (rule(description="x" * 201), {"description": ["max_length"]}),
        (rule(recipient=0), {"recipient_column": ["rule_column_number"]}),
        (rule(recipient=101), {"recipient_column": ["rule_column_number"]}),
        (rule(("name", None)), {"variables.0.column": ["rule_column_number"]}),
        (rule(("name", 0)), {"variables.0.column": ["rule_column_number"]}),
        (rule(("name", 101)), {"variables.0.column": ["rule_column_number"]}),
        (rule(("name", -1), recipient=-1), {"recipient_column": ["min_value", "rule_column_number"],
                                            "variables.0.column": ["rule_column_number"]}),
        (rule(("name", 1)), {"variables.0.column": ["rule_column_taken"]}),
        (rule(("name", 2), ("plan", 2)), {"variables.1.column": ["rule_column_taken"]}),
        (rule(("", 2)), {"variables.0.name": ["variable_name"]}),
        (rule(("first name", 2)), {"variables.0.name": ["variable_name"]}),
        (rule(("Address", 2)), {"variables.0.name": ["variable_reserved"]}),
        (rule(("name", 2), ("name", 3)), {"variables.1.name": ["rule_variable_repeated"]}),
        (rule(("first_name", 2), ("FirstName", 3)), {"variables.1.name": ["variable_alike"]}),
        (rule(("a b", 0), ("plan", 1)), {"variables.0.name": ["variable_name"],
                                         "variables.0.column": ["rule_column_number"],
                                         "variables.1.column": ["rule_column_taken"]}),
    ],
)  # fmt: skip
def test_a_rule_is_refused_with_all_that_is_wrong(acting, made, faults):
    assert faults_of(made()) == faults
    assert not MappingRule.objects.exists()


@pytest.mark.parametrize(
    "made",
    [
        rule(),  # a template without variables needs no more
        rule(("name", 2), ("plan", 100), recipient=99),
        rule(*((f"v{column}", column) for column in range(2, 101))),
        rule(("3", 2), ("名字", 3)),
    ],
)
def test_a_rule_is_saved(acting, made):
    saved = save_rule(made())

    kept = MappingRule.objects.get()
    assert (kept.recipient_column, kept.variables) == (saved.recipient_column, saved.variables)


def test_a_name_is_unique_in_the_tenant_only(tenant, other_tenant):
    with act_for(tenant):
        save_rule(rule()())
        assert faults_of(rule()()) == {"name": ["name_taken"]}
    with act_for(other_tenant):
        save_rule(rule()())


def test_the_database_knows_the_columns_too(acting):
    with pytest.raises(IntegrityError, match="importer_rule_column"), transaction.atomic():
        MappingRule.objects.create(name="CRM", recipient_column=101)


def test_what_is_done_is_written_down_and_what_is_refused_is_not(acting):
    kept = save_rule(rule()())
    kept.description = "Nightly"
    save_rule(kept)
    faults_of(rule(recipient=0)())
    delete_rule(kept)

    entries = LogEntry.objects.filter(action__startswith="mapping_rule.").order_by("pk")
    logged = entries.values_list("action", "object_type", "object_name")
    assert list(logged) == [
        (f"mapping_rule.{what}", "mappingrule", "CRM") for what in ("create", "edit", "delete")
    ]  # fmt: skip
    assert not MappingRule.objects.exists()


def test_rules_that_fit_come_first_and_the_others_say_what_they_lack(acting):
    rules = [rule(name="A"), rule(("name", 2), name="B"), rule(("NAME", 2), ("plan", 3), name="C")]

    found = choices([make() for make in rules], [Variable("name", None), Variable("plan", "Fun 59")])

    assert [(choice.text, choice.missing) for choice in found] == [
        ("C", []),
        ("A - no column for name, plan", ["name", "plan"]),
        ("B - no column for plan", ["plan"]),
    ]


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (rule(("name", 5), ("plan", 28), recipient=3),
         "Column 3 (C) is the recipient, 5 (E) name, 28 (AB) plan. The first row is a header."),
        (rule(has_header=False), "Column 1 (A) is the recipient. The first row is data already."),
    ],
)  # fmt: skip
def test_a_rule_is_told_in_a_sentence(acting, made, text):
    assert sentence_of(made()) == text


def test_the_variables_of_a_template_take_the_next_columns(acting):
    made = with_variables(rule(("name", 7), recipient=3)(), [Variable("Name", None), Variable("plan", None)])

    assert made.variables == [{"name": "name", "column": 7}, {"name": "plan", "column": 8}]


@pytest.mark.parametrize(("column", "letter"), [(1, "A"), (26, "Z"), (27, "AA"), (52, "AZ"), (53, "BA"), (100, "CV")])
def test_columns_have_the_letters_of_spreadsheets(column, letter):
    assert letter_of(column) == letter
