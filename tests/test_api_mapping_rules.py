"""REST: mapping rules are made, read, changed and deleted; imports go by them."""

import csv
import io
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from importer import pipeline
from importer.models import ImportBatch, MappingRule
from tenants.models import LogEntry
from tenants.scoping import act_for

from . import caller, make
from .caller import code_of, errors_of

RULE = {
    "name": "CRM export",
    "description": "Nightly",
    "recipient_column": 3,
    "variables": [{"name": "plan", "column": 6}, {"name": "name", "column": 1}],
    "has_header": False,
}


@pytest.fixture
def api(tenant):
    return caller.of(tenant)


def rows_file(*rows: list[str]) -> SimpleUploadedFile:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return SimpleUploadedFile("rows.csv", text.getvalue().encode())


def test_a_rule_is_made_and_read(tenant, api):
    answer = api.post("api-mapping-rules", body=RULE)

    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert list(made) == [
        "id", "name", "description", "recipient_column", "variables", "has_header", "created_at", "updated_at",
    ]  # fmt: skip
    assert {name: made[name] for name in RULE} == RULE
    assert answer["Location"] == f"http://testserver/api/v1/mapping-rules/{made['id']}/"
    assert api.get("api-mapping-rule", made["id"]).json() == made
    with act_for(tenant):
        logged = LogEntry.objects.get(action="mapping_rule.create")
        assert (logged.object_id, logged.actor_role) == (made["id"], "api_client")


def test_what_is_left_out_has_a_default(api):
    made = api.post("api-mapping-rules", body={"name": "Bare", "recipient_column": 1}).json()

    assert (made["description"], made["variables"], made["has_header"]) == ("", [], True)


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"name": ""}, {"name": "blank"}),
        ({"name": 5}, {"name": "text"}),
        ({"recipient_column": None}, {"recipient_column": "null"}),
        ({"recipient_column": "3"}, {"recipient_column": "format"}),
        ({"recipient_column": True}, {"recipient_column": "format"}),
        ({"recipient_column": 3.0}, {"recipient_column": "format"}),
        ({"recipient_column": 101}, {"recipient_column": "rule_column_number"}),
        ({"has_header": "no"}, {"has_header": "format"}),
        ({"has_header": 0}, {"has_header": "format"}),
        ({"variables": {"name": 3}}, {"variables": "not_a_list"}),
        ({"variables": [{"name": "name"}]}, {"variables.0.column": "required"}),
        ({"variables": [{"name": "name", "column": 1, "type": "x"}]}, {"variables.0.type": "unknown_field"}),
        ({"variables": [{"name": "name", "column": 3}]}, {"variables.0.column": "rule_column_taken"}),
        ({"variables": [{"name": "a b", "column": 0}]},
         {"variables.0.name": "variable_name", "variables.0.column": "rule_column_number"}),
        ({"tenant": str(uuid4())}, {"tenant": "unknown_field"}),
    ],
)  # fmt: skip
def test_a_rule_is_refused_by_its_values(tenant, api, change, errors):
    assert errors_of(api.post("api-mapping-rules", body=RULE | change)) == errors
    with act_for(tenant):
        assert not MappingRule.objects.exists()


def test_a_rule_is_changed_and_its_name_stays_unique(api):
    rule_id = api.post("api-mapping-rules", body=RULE).json()["id"]
    api.post("api-mapping-rules", body=RULE | {"name": "Other"})

    changed = api.patch("api-mapping-rule", rule_id, body={"variables": [{"name": "name", "column": 9}]}).json()

    assert (changed["variables"], changed["recipient_column"]) == ([{"name": "name", "column": 9}], 3)
    assert errors_of(api.patch("api-mapping-rule", rule_id, body={"name": "Other"})) == {"name": "name_taken"}


def test_rules_are_listed_and_found_by_a_part_of_the_name(api):
    for name in ("CRM export", "Billing extract", "crm, old"):
        api.post("api-mapping-rules", body=RULE | {"name": name})

    def listed(**query):
        return [one["name"] for one in api.get("api-mapping-rules", **query).json()["results"]]

    assert listed() == ["crm, old", "Billing extract", "CRM export"]
    assert listed(name="crm") == ["crm, old", "CRM export"]
    assert listed(limit=1) == ["crm, old"]
    assert errors_of(api.get("api-mapping-rules", part="crm")) == {"part": "unknown_field"}


def test_a_rule_is_deleted_and_the_import_keeps_its_name(tenant, api):
    with act_for(tenant):
        task = make.task()
    rule_id = api.post("api-mapping-rules", body=RULE).json()["id"]
    file = rows_file(["Ann", "", "13800000001", "", "", "Fun"], ["Bo", "", "138", "", "", ""])

    answer = api.upload("api-task-imports", task.pk, file=file, parsing="rule", mapping_rule=rule_id)
    assert api.delete("api-mapping-rule", rule_id).status_code == 204

    accepted = answer.json()
    assert (accepted["parsing"], accepted["mapping_rule_name"]) == ("rule", "CRM export")
    pipeline.run_chunk(str(tenant.pk), accepted["id"], 0)
    ended = api.get("api-import", accepted["id"]).json()
    assert (ended["counts"]["created"], ended["counts"]["failed"]) == (1, 1)
    assert ended["mapping_rule_name"] == "CRM export"
    (failed,) = api.get("api-failed-rows", accepted["id"]).json()["results"]
    assert (failed["row"], failed["cells"]) == (2, {"name": "Bo", "2": "", "Recipient number": "138", "4": "", "5": "",
                                                    "6": ""})  # fmt: skip
    assert code_of(api.get("api-mapping-rule", rule_id)) == (404, "not_found")


@pytest.mark.parametrize(
    ("form", "errors"),
    [
        ({"parsing": "rule"}, {"mapping_rule": "rule_missing"}),
        ({"mapping_rule": str(uuid4())}, {"mapping_rule": "rule_unwanted"}),
        ({"mapping_rule": str(uuid4()), "parsing": "template"}, {"mapping_rule": "rule_unwanted"}),
        ({"mapping_rule": str(uuid4()), "parsing": "rule"}, {"mapping_rule": "rule_unknown"}),
        ({"mapping_rule": "CRM export", "parsing": "rule"}, {"mapping_rule": "format"}),
        ({"parsing": "guess"}, {"parsing": "invalid_choice"}),
    ],
)
def test_an_import_names_its_rule_and_only_then(tenant, api, form, errors):
    with act_for(tenant):
        task = make.task()

    assert errors_of(api.upload("api-task-imports", task.pk, file=rows_file(["x"]), **form)) == errors
    with act_for(tenant):
        assert not ImportBatch.objects.exists()


@pytest.mark.parametrize(
    ("variables", "rows", "code"),
    [
        ([], [["13800000001", "Ann", "x"]], "rule_variables_missing"),
        ([{"name": "name", "column": 4}], [["a", "b", "13800000001"]], "rule_columns_missing"),
        ([{"name": "name", "column": 1}], [["who", "x", "tel"]], "no_data_rows"),
    ],
)
def test_a_rule_that_does_not_fit_refuses_the_file(tenant, api, variables, rows, code):
    with act_for(tenant):
        task = make.task()
    rule = api.post("api-mapping-rules", body=RULE | {"variables": variables, "has_header": True}).json()

    answer = api.upload(
        "api-task-imports", task.pk, file=rows_file(*rows), parsing="rule", mapping_rule=rule["id"]
    )  # fmt: skip

    assert code_of(answer) == (400, code)


def test_another_tenants_rule_is_unknown(tenant, other_tenant, api):
    with act_for(other_tenant):
        foreign = make.mapping_rule()
    with act_for(tenant):
        task = make.task()

    answer = api.upload(
        "api-task-imports", task.pk, file=rows_file(["x"]), parsing="rule", mapping_rule=str(foreign.pk)
    )

    assert errors_of(answer) == {"mapping_rule": "rule_unknown"}
