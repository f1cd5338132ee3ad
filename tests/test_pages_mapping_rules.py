"""Call Config > Mapping Rule, and mapping rules in the Import Marketing Data dialog."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from importer.mapping import sentence_of
from importer.models import ImportBatch, MappingRule
from marketing.models import MarketingTask
from tenants.scoping import act_for

from . import make
from .pages import text_of

ROWS = "Fun 59,a,13800000001,b,Ann\nFun 99,a,138,b,Bo\n"
FIELDS = {"name": "CRM export", "description": "", "recipient_column": "3", "variable": ["name", ""],
          "column": ["5", ""]}  # fmt: skip


@pytest.fixture
def task(tenant) -> MarketingTask:
    with act_for(tenant):
        return make.task(name="Autumn", body="${name} ${plan}")


@pytest.fixture
def rule(tenant) -> MappingRule:
    with act_for(tenant):
        return make.mapping_rule(variables={"name": 5, "plan": 1}, has_header=False, description="Nightly")


def rules_of(tenant) -> list[MappingRule]:
    with act_for(tenant):
        return list(MappingRule.objects.order_by("name"))


def upload(text: str = ROWS) -> SimpleUploadedFile:
    return SimpleUploadedFile("crm.csv", text.encode())


def lines_of(answer) -> list[tuple[str, str, str]]:
    return [(line.name, line.column, line.letter) for line in answer.context["form"].lines]


def test_rules_are_listed_searched_and_paged(tenant, administrator, rule):
    with act_for(tenant):
        for number in range(20):
            make.mapping_rule(f"Old {number:02}")

    text = text_of(administrator.get("importer:mapping-rules"))
    assert "CRM export Nightly 3 (C) name 5 (E), plan 1 (A)" in text
    assert "Data" in text
    assert "21 mapping rules" in text
    page = administrator.get("importer:mapping-rules", name="old 1")
    assert [one.name for one in page.context["rules"]] == [f"Old {number}" for number in range(10, 20)]
    assert "No mapping rule has this in its name" in text_of(administrator.get("importer:mapping-rules", name="Bill"))
    url = reverse("importer:mapping-rules")
    following = administrator.client.get(url + administrator.client.get(url).context["next"])
    assert [one.name for one in following.context["rules"]] == ["Old 19"]


def test_a_list_without_rules_says_what_one_is_for(administrator, viewer):
    for person, may_create in ((administrator, True), (viewer, False)):
        answer = person.get("importer:mapping-rules")
        assert "No mapping rule yet" in text_of(answer)
        assert (b"mapping-rule/create/" in answer.content) is may_create


def test_a_viewer_reads_only(viewer, rule):
    text = text_of(viewer.get("importer:mapping-rule", rule.pk))

    assert "5 E name 1 A plan" in text
    assert "Edit" not in text
    assert "Delete" not in text_of(viewer.get("importer:mapping-rules"))
    assert viewer.get("importer:mapping-rule-edit", rule.pk).status_code == 403


def test_a_rule_is_created_and_blank_lines_are_passed_over(tenant, administrator):
    answer = administrator.post("importer:mapping-rule-create", **FIELDS, has_header="on")

    assert answer.status_code == 302
    (made,) = rules_of(tenant)
    assert (made.name, made.recipient_column, made.has_header) == ("CRM export", 3, True)
    assert made.variables == [{"name": "name", "column": 5}]
    assert "“CRM export” is saved." in text_of(administrator.get("importer:mapping-rules"))


def test_a_rule_is_changed(tenant, administrator, rule):
    page = administrator.get("importer:mapping-rule-edit", rule.pk)
    assert lines_of(page) == [("name", "5", "E"), ("plan", "1", "A")]
    assert page.context["form"].recipient_letter == "C"

    administrator.post("importer:mapping-rule-edit", rule.pk, **FIELDS)

    (changed,) = rules_of(tenant)
    assert (changed.pk, changed.variables, changed.has_header) == (rule.pk, [{"name": "name", "column": 5}], False)


def test_what_is_wrong_stands_at_its_line_and_what_was_typed_stays(tenant, administrator, rule):
    form = {
        "name": "CRM export",
        "recipient_column": "3",
        "variable": ["name", "first name", "plan", ""],
        "column": ["3", "1", "E", "7"],
    }

    answer = administrator.post("importer:mapping-rule-create", **form)

    typed = answer.context["form"]
    assert lines_of(answer) == [("name", "3", "C"), ("first name", "1", "A"), ("plan", "E", ""), ("", "7", "G")]
    assert [line.faults for line in typed.lines] == [
        ("Column 3 is taken already, by the recipient. Each needs a column of its own.",),
        ("“first name” cannot be the name of a variable: use 1 to 100 letters, digits, “_” and “.”.",),
        ("A column is a whole number from 1 (A) to 100 (CV).",),
        ("“” cannot be the name of a variable: use 1 to 100 letters, digits, “_” and “.”.",),
    ]
    assert "Column 3 is taken already" in text_of(answer)
    assert len(rules_of(tenant)) == 1


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("name", "", "This field is required."),
        ("name", "CRM export", "This name is taken."),
        ("recipient_column", "", "This field is required."),
        ("recipient_column", "C", "Enter a whole number."),
        ("recipient_column", "0", "A column is a whole number from 1 (A) to 100 (CV)."),
        ("recipient_column", "101", "A column is a whole number from 1 (A) to 100 (CV)."),
    ],
)
def test_a_field_is_refused(administrator, rule, field, value, text):
    answer = administrator.post("importer:mapping-rule-create", **FIELDS | {"name": "New"} | {field: value})

    assert answer.context["form"].errors[field] == [text]


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("add", [("name", "5", "E"), ("x", "C", ""), ("", "", "")]),
        ("remove-0", [("x", "C", "")]),
        ("remove-7", [("name", "5", "E"), ("x", "C", "")]),
        ("remove-" + "9" * 5_000, [("name", "5", "E"), ("x", "C", "")]),
        ("remove-x", [("name", "5", "E"), ("x", "C", "")]),
    ],
)
@pytest.mark.parametrize("htmx", [True, False])
def test_lines_come_and_go_without_judging_what_was_typed(tenant, administrator, htmx, line, lines):
    form = FIELDS | {"name": "", "variable": ["name", "x"], "column": ["5", "C"], "line": line}

    answer = administrator.post("importer:mapping-rule-create", htmx=htmx, **form)

    assert lines_of(answer) == lines
    assert "This field is required" not in text_of(answer)
    assert (b"<html" in answer.content) is not htmx
    assert rules_of(tenant) == []


def test_the_last_line_stays_as_a_blank_one(administrator):
    form = FIELDS | {"variable": ["name"], "column": ["5"], "line": "remove-0"}

    assert lines_of(administrator.post("importer:mapping-rule-create", **form)) == [("", "", "")]


def test_the_variables_of_a_template_are_taken_over(tenant, administrator, task):
    form = FIELDS | {"line": "take", "template": str(task.template_id)}

    taken = administrator.post("importer:mapping-rule-create", **form)
    unknown = administrator.post("importer:mapping-rule-create", **form | {"template": "x"})

    assert lines_of(taken) == [("name", "5", "E"), ("plan", "6", "F")]
    assert lines_of(unknown) == [("name", "5", "E"), ("", "", "")]


def test_deleting_asks_first_and_says_what_stays(tenant, administrator, rule):
    question = administrator.get("importer:mapping-rule-delete", rule.pk)
    assert "Imports that ran by this rule keep its name and their rows" in text_of(question)

    administrator.post("importer:mapping-rule-delete", rule.pk)

    assert rules_of(tenant) == []


# In the Import Marketing Data dialog


def test_the_dialog_offers_rules_that_fit_first_and_says_of_the_others_why_not(tenant, task, administrator, rule):
    with act_for(tenant):
        make.mapping_rule("Another")

    answer = administrator.get("importer:import-data", task.pk)

    assert [choice.text for choice in answer.context["choices"]] == ["CRM export", "Another - no column for plan"]
    html = answer.content.decode()
    assert f'<option value="{rule.pk}" data-says="{sentence_of(rule)}">CRM export</option>' in html
    assert "disabled>Another - no column for plan</option>" in html


def test_the_check_reads_the_first_rows_by_the_rule(task, administrator, rule):
    answer = administrator.post(
        "importer:import-check", task.pk, htmx=True, parsing="rule", mapping_rule=rule.pk, file=upload()
    )

    look = answer.context["look"]
    assert look.refused is None
    assert (look.rows, look.columns) == (2, ["Recipient number", "name", "plan"])
    assert [(one.row, one.typed, one.kind, one.values) for one in look.verdicts] == [
        (1, "13800000001", "good", ["Ann", "Fun 59"]),
        (2, "138", "failed", ["Bo", "Fun 99"]),
    ]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"parsing": "rule"}, "Choose the mapping rule that says which column is what."),
        ({"parsing": "rule", "mapping_rule": str(uuid4())}, "There is no such mapping rule."),
    ],
)
def test_the_check_asks_for_the_rule_and_keeps_the_file(tenant, task, administrator, form, said):
    answer = administrator.post("importer:import-check", task.pk, htmx=True, file=upload(), **form)

    text = text_of(answer)
    assert said in text
    assert "crm.csv" in text
    assert 'aria-disabled="true"' in answer.content.decode()


def test_a_rule_left_chosen_beside_parsing_by_template_says_nothing(task, administrator, rule):
    form = {"parsing": "template", "mapping_rule": rule.pk, "file": upload()}

    answer = administrator.post("importer:import-check", task.pk, htmx=True, **form)

    assert answer.context["look"].refused.code == "header_missing"


@pytest.mark.parametrize("htmx", [True, False])
def test_ok_imports_by_the_rule_and_the_pages_say_so(tenant, task, administrator, rule, htmx):
    form = {"parsing": "rule", "mapping_rule": rule.pk, "file": upload()}

    answer = administrator.post("importer:import-data", task.pk, htmx=htmx, **form)

    assert answer.status_code == (200 if htmx else 302)
    with act_for(tenant):
        batch = ImportBatch.objects.get()
    assert (batch.parsing, batch.rule_name, batch.total) == ("rule", "CRM export", 2)
    assert "File, by Rule “CRM export”" in text_of(administrator.get("importer:import", task.pk, batch.pk))
    assert "File, Rule “CRM export”" in text_of(administrator.get("importer:imports", task.pk))


@pytest.mark.parametrize("htmx", [True, False])
def test_ok_without_a_rule_imports_nothing_and_parsing_stays_chosen(tenant, task, administrator, rule, htmx):
    answer = administrator.post("importer:import-data", task.pk, htmx=htmx, parsing="rule", file=upload())

    assert "Choose the mapping rule that says which column is what." in text_of(answer)
    assert answer.context["form"].is_by_rule
    with act_for(tenant):
        assert not ImportBatch.objects.exists()


def test_a_new_rule_is_filled_in_as_the_file_tells(task, administrator):
    answer = administrator.post("importer:import-rule", task.pk, htmx=True, file=upload("plan,x,Tel,y,Name\n" + ROWS))

    form = answer.context["form"]
    assert (form["recipient_column"].value(), form["has_header"].value()) == (3, True)
    assert lines_of(answer) == [("name", "5", "E"), ("plan", "1", "A")]
    assert "1 (A) 2 (B) 3 (C)" in text_of(answer)
    assert "Save the mapping rule first." in text_of(answer)


@pytest.mark.parametrize("file", [{}, {"file": SimpleUploadedFile("rows.pdf", b"%PDF-1.7")}])
def test_without_a_readable_file_a_new_rule_has_the_variables_of_the_task(task, administrator, file):
    answer = administrator.post("importer:import-rule", task.pk, htmx=True, **file)

    assert lines_of(answer) == [("name", "2", "B"), ("plan", "3", "C")]


def test_a_rule_saved_in_the_dialog_is_chosen(tenant, task, administrator):
    form = FIELDS | {"variable": ["name", "plan"], "column": ["5", "1"]}
    refused = administrator.post("importer:import-rule-create", task.pk, htmx=True, **form | {"column": ["5", "5"]})
    assert "Column 5 is taken already, by “name”." in text_of(refused)

    answer = administrator.post("importer:import-rule-create", task.pk, htmx=True, **form)

    (made,) = rules_of(tenant)
    assert answer["HX-Retarget"] == "#import-rule"
    assert "rule-chosen" in answer["HX-Trigger-After-Settle"]
    assert f'<option value="{made.pk}" data-says="{sentence_of(made)}" selected>' in answer.content.decode()


def test_the_page_of_a_new_rule_takes_the_variables_of_a_task(task, administrator):
    for query, lines in (
        ({"task": task.pk}, [("name", "2", "B"), ("plan", "3", "C")]),
        ({"task": "x"}, [("", "", "")]),
    ):
        assert lines_of(administrator.get("importer:mapping-rule-create", **query)) == lines


def test_a_rule_made_for_a_task_leads_back_to_its_dialog_where_it_is_chosen(tenant, task, administrator):
    address = reverse("importer:mapping-rule-create", query={"task": task.pk})
    form = FIELDS | {"variable": ["name", "plan"], "column": ["5", "6"]}

    answer = administrator.client.post(address, form)

    (made,) = rules_of(tenant)
    assert answer.headers["Location"] == reverse(
        "importer:import-data", args=[task.pk], query={"mapping_rule": made.pk}
    )
    dialog = administrator.client.get(answer.headers["Location"])
    assert dialog.context["form"].is_by_rule
    assert f'<option value="{made.pk}" data-says="{sentence_of(made)}" selected>' in dialog.content.decode()
