"""Every door refuses the same row for the same reason. A new door gets its function here."""

import csv
import io
import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook

from importer import pipeline
from importer.judging import first_of
from importer.models import ImportBatch
from importer.smartcare.client import Query
from importer.smartcare.judging import judge
from marketing import intake, saving
from marketing.models import MarketingTask, OptOut
from marketing.rules import Rules
from tenants.parameters import set_parameters
from tenants.scoping import act_for

from . import make

GOOD = "13800000001"
HELD, OPTED_OUT = "13800000002", "13800000003"
HEADER = ["Recipient number", "name", "last_day"]
NUMBERS = [  # address, values, code; None: every door lets it in
    (GOOD, {"name": "Ann"}, None),
    ("+86 138-0000-0001", {"name": "Ann", "last_day": "15 Dec"}, None),
    ("'13800000001", {"name": "Ann"}, None),
    ("", {"name": "Ann"}, "number_missing"),
    ("138x0000", {"name": "Ann"}, "number_characters"),
    ("１３８００００００００", {"name": "Ann"}, "number_characters"),
    ("13800\u200b000001", {"name": "Ann"}, "number_characters"),
    ("1" * 41, {"name": "Ann"}, "number_characters"),
    ("+442079460958", {"name": "Ann"}, "number_country"),
    ("1380", {"name": "Ann"}, "number_length"),
    ("12345678901234567890123", {"name": "Ann"}, "number_length"),
    ("23800000001", {"name": "Ann"}, "number_begin"),
    ("13800000000123", {"name": "Ann"}, "number_impossible"),
    ("13800000001", {}, "variable_missing"),
    ("13800000001", {"name": "   "}, "variable_missing"),
    ("13800000001", {"name": "x" * 501}, "variable_length"),
    ("13800000001", {"name": "a\x07b"}, "variable_characters"),
    ("13800000001", {"name": "=1+1", "last_day": "{{ 7*7 }}"}, None),
    ("13800000001", {"name": "<script>alert(1)</script>"}, None),
    (f"+86{HELD}", {"name": "Ann"}, "duplicate"),
    (f"0086{OPTED_OUT}", {"name": "Ann"}, "suppressed"),
]
EMAILS = [
    ("Ann@Example.com", {"name": "Ann"}, None),
    ("\u00a0ann@example.com\t\n", {"name": "Ann"}, None),  # copied from a web page, or out of a table
    ("ann@example.com\nbcc:bo@example.com", {"name": "Ann"}, "email_characters"),
    ("", {"name": "Ann"}, "email_missing"),
    ("ann@", {"name": "Ann"}, "email_format"),
    ("a" * 65 + "@example.com", {"name": "Ann"}, "email_format"),
    ("a@[127.0.0.1]", {"name": "Ann"}, "email_literal"),
    ("a\u200bn@example.com", {"name": "Ann"}, "email_characters"),
    ("a" * 250 + "@b.co", {"name": "Ann"}, "email_length"),
    ("İ" * 40 + "@" + "b" * 60 + "." + "c" * 60 + "." + "d" * 60 + "." + "e" * 30, {"name": "Ann"}, "email_length"),
    ("İnan@example.com", {"name": "Ann"}, "email_format"),  # in lower case this letter is two characters
    ("BO@example.com", {"name": "Ann"}, "duplicate"),
]


def by_form(task: MarketingTask, client: Any, address: str, values: dict[str, str]) -> str | None:
    client.force_login(task.tenant.administrator)
    typed = {f"value:{name}": value for name, value in values.items()}
    answer = client.post(reverse("marketing:recipient-add", args=[task.pk]), {"address": address} | typed)
    if answer.status_code == 302 or "HX-Redirect" in answer.headers or answer.status_code == 204:
        return None
    errors = answer.context["form"].errors.as_data()
    return next(error.code for faults in errors.values() for error in faults)


def by_rest(task: MarketingTask, client: Any, address: str, values: dict[str, str]) -> str | None:
    answer = rest(client, task, "recipients/", {"address": address, "variables": values})
    return None if answer.status_code == 201 else first_code(answer.json())


def by_rest_batch(task: MarketingTask, client: Any, address: str, values: dict[str, str]) -> str | None:
    row = {"address": address, "variables": values}
    answer = rest(client, task, "recipients/batch/", {"recipients": [row]})
    if answer.status_code != 200:
        return first_code(answer.json())
    (result,) = answer.json()["results"]
    return None if result["outcome"] == "created" else result["code"]


def by_csv_file(task: MarketingTask, client: Any, address: str, values: dict[str, str]) -> str | None:
    text = io.StringIO()
    csv.writer(text).writerows(sheet_of(task, address, values))
    return imported(task, client, "rows.csv", text.getvalue().encode("utf-8-sig"))


def by_xlsx_file(task: MarketingTask, client: Any, address: str, values: dict[str, str]) -> str | None:
    book, file = Workbook(), io.BytesIO()
    for cells in sheet_of(task, address, values):
        book.active.append([escaped(cell) for cell in cells])
        for cell in book.active[book.active.max_row]:
            cell.data_type = "s"
    book.save(file)
    return imported(task, client, "rows.xlsx", file.getvalue())


def by_server_file(task: MarketingTask, client: Any, address: str, values: dict[str, str], tmp_path: Any) -> str | None:
    path = tmp_path / "rows.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(sheet_of(task, address, values))
    call_command("import_file", str(task.pk), str(path), stdout=io.StringIO(), stderr=io.StringIO())
    return outcome_of(task)


def by_mapping_rule(task: MarketingTask, client: Any, address: str, values: dict[str, str]) -> str | None:
    """A file without a header, whose columns stand in another order than the template's."""
    with act_for(task.tenant_id):
        rule = make.mapping_rule(recipient=4, variables={"last_day": 1, "name": 3}, has_header=False)
    text = io.StringIO()
    csv.writer(text).writerow([values.get("last_day", ""), "of no use", values.get("name", ""), address])
    form = {"parsing": "rule", "mapping_rule": str(rule.pk)}
    return imported(task, client, "rows.csv", text.getvalue().encode("utf-8-sig"), **form)


DOORS = [by_form, by_rest, by_rest_batch, by_csv_file, by_xlsx_file, by_mapping_rule, by_server_file]


def sheet_of(task: MarketingTask, address: str, values: dict[str, str]) -> list[list[str]]:
    header = ["Recipient email" if task.medium == "email" else "Recipient number", *HEADER[1:]]
    return [header, [address, values.get("name", ""), values.get("last_day", "")]]


def escaped(cell: str) -> str:
    """Write control characters as Excel stores them."""
    return "".join(f"_x{ord(character):04X}_" if ord(character) < 32 else character for character in cell)


def imported(task: MarketingTask, client: Any, name: str, content: bytes, **form: str) -> str | None:
    answer = client.post(
        f"/api/v1/marketing-tasks/{task.pk}/imports/",
        {"file": SimpleUploadedFile(name, content)} | form,
        headers={"Authorization": f"Bearer {task.tenant.token}"},
    )
    assert answer.status_code == 202, answer.content
    pipeline.run_chunk(str(task.tenant_id), answer.json()["id"], 0)
    return outcome_of(task)


def outcome_of(task: MarketingTask) -> str | None:
    with act_for(task.tenant_id):
        batch = ImportBatch.objects.get(task=task)
        assert batch.state == "complete"
        rejected = batch.rejected_rows.first()
        assert batch.created == (0 if rejected else 1)
        return rejected.code if rejected else None


def rest(client: Any, task: MarketingTask, path: str, body: Any) -> Any:
    return client.post(
        f"/api/v1/marketing-tasks/{task.pk}/{path}",
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {task.tenant.token}"},
    )


def first_code(problem: dict[str, Any]) -> str:
    return next(iter(problem["errors"].values()))[0]["code"] if "errors" in problem else problem["code"]


@pytest.fixture
def tasks(tenant) -> dict[str, MarketingTask]:
    with act_for(tenant):
        set_parameters(tenant, {"begin_digits": "13,1"})
        OptOut.objects.create(medium="sms", address=f"+86{OPTED_OUT}")
        OptOut.objects.create(medium="sms", address="+8613800000001", valid_until=timezone.now())  # over: it is let in
        body, defaults = "${name} ${last_day}", {"last_day": "31 Dec"}
        made = {medium: make.task(medium=medium, body=body, defaults=defaults) for medium in ("sms", "email")}
        made["sms"].recipients.create(address=f"+86{HELD}")
        made["email"].recipients.create(address="bo@example.com")
    for task in made.values():
        task.tenant = tenant
    return made


CASES = [("sms", *row) for row in NUMBERS] + [("email", *row) for row in EMAILS]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
@pytest.mark.parametrize(("medium", "address", "values", "code"), CASES)
def test_the_same_reason_at_every_door(tasks, client, tmp_path, door, medium, address, values, code):
    more = [tmp_path] if door is by_server_file else []

    assert door(tasks[medium], client, address, values, *more) == code


NUMBERS_ALONE = [(address, code) for address, _values, code in NUMBERS if not code or code.startswith("number_")]


@pytest.mark.parametrize(("address", "code"), NUMBERS_ALONE)
def test_smartcare_brings_numbers_through_the_same_rules(tasks, address, code):
    """Its customers have no variables but its own; what the task's state and lists say is judged as one transaction."""
    query = Query(date(2026, 11, 21), 1, 9, "voice", page=1, size=1)
    with act_for(tasks["sms"].tenant):
        rules = replace(Rules.of(tasks["sms"]), variables=())

    (customer,) = judge([{"msisdn": address, "qoeScore": 1}], query, rules, first_row=1)

    assert (first_of(customer.refused).code if customer.refused else None) == code


def test_every_door_is_shut_while_the_task_runs(tasks, client, tmp_path):
    task = tasks["sms"]
    with act_for(task.tenant_id):
        MarketingTask.objects.filter(pk=task.pk).update(state="running")

    client.force_login(task.tenant.administrator)
    page = client.post(reverse("marketing:recipient-add", args=[task.pk]), {"address": GOOD}, follow=True)
    assert "Recipients can be changed in Draft and Suspended only" in page.content.decode()
    assert (
        rest(client, task, "recipients/", {"address": GOOD, "variables": {"name": "Ann"}}).json()["code"]
        == "task_state"
    )
    assert rest(client, task, "recipients/batch/", {"recipients": []}).status_code in (400, 409)
    with pytest.raises(CommandError, match="task_state"):
        by_server_file(task, client, GOOD, {"name": "Ann"}, tmp_path)
    with act_for(task.tenant_id):
        assert task.recipients.count() == 1  # HELD


@pytest.mark.parametrize("door", [by_form, by_rest, by_rest_batch], ids=lambda door: door.__name__)
def test_what_was_judged_for_another_message_comes_in_at_no_door(tenant, client, monkeypatch, door):
    """The template gets another variable after a row was judged; files and SmartCare have tests of their own."""
    with act_for(tenant):
        task = make.task(body="${name}")
    task.tenant, lock = tenant, intake.lock

    def change_and_lock(task_id: Any) -> Any:
        task.template.body = "${surname}"
        saving.save_template(task.template, {})
        return lock(task_id)

    monkeypatch.setattr(intake, "lock", change_and_lock)

    assert door(task, client, GOOD, {"name": "Ann"}) == "task_changed"
    with act_for(tenant):
        assert not task.recipients.exists()
