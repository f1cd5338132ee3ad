"""A file of another system becomes recipients by a mapping rule; what failed comes back and is mended."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from openpyxl import Workbook, load_workbook

from importer import downloads, pipeline
from importer.limits import Limits
from importer.mapping import delete_rule, save_rule
from importer.models import ImportBatch, MappingRule
from importer.overview import header_of, numbered_rows
from importer.row_api import _named
from importer.submission import BY_FILE, submit

from . import make

SAMPLE = Path(__file__).parent.parent / "docs" / "samples" / "crm-export.csv"
HEADER = ["plan", "x", "phone", "x", "customer"]
ROWS = [
    ["Fun 59", "a", "13800000001", "b", "Ann"],
    ["", "a", "138", "b", "Bo"],
    ["Fun 99", "a", "13800000003", "b", ""],
    ["Fun 59", "a", "+86 138 0000 0001", "b", "Ann again"],
    ["Fun 59", "a", "13800000005", "b", "Cai"],
]
LINE = {"name": 5, "plan": 1}


@pytest.fixture
def task(acting):
    return make.task(body="${name} ${plan}", defaults={"plan": "Fun 59"})


@pytest.fixture(params=[True, False], ids=["with header", "without header"])
def rule(request, acting) -> MappingRule:
    return make.mapping_rule(recipient=3, variables=LINE, has_header=request.param)


def rows_of(rule: MappingRule) -> list[list[str]]:
    return [HEADER, *ROWS] if rule.has_header else ROWS


def csv_of(rows: list[list[str]]) -> io.BytesIO:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return io.BytesIO(text.getvalue().encode())


def xlsx_of(rows: list[list[str]]) -> io.BytesIO:
    book, content = Workbook(), io.BytesIO()
    for cells in rows:
        book.active.append(cells)
    book.save(content)
    content.seek(0)
    return content


def submitted(task, file, rule: MappingRule | None, *, name: str = "rows.csv", **more) -> ImportBatch:
    operator = task.tenant.users.get(username="demo-administrator")
    return submit(task, file, name=name, operator=operator, rule=rule, **more)


def imported(*args, **more) -> ImportBatch:
    return pipeline.run_to_the_end(submitted(*args, **more))


def counts(batch: ImportBatch) -> tuple[int, ...]:
    return batch.total, batch.created, batch.failed, batch.duplicate


def downloaded(batch: ImportBatch, kind: str, file_type: str) -> list[list[str]]:
    content = b"".join(downloads.rows_file(batch, kind, file_type).streaming_content)
    if file_type == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    return [[cell.value or "" for cell in line] for line in load_workbook(io.BytesIO(content)).active]


@pytest.mark.parametrize("file_type", ["csv", "xlsx"])
def test_columns_are_taken_by_number(task, rule, file_type):
    file = csv_of(rows_of(rule)) if file_type == "csv" else xlsx_of(rows_of(rule))

    batch = imported(task, file, rule, name=f"rows.{file_type}")

    assert counts(batch) == (5, 2, 2, 1)
    made = task.recipients.order_by("address").values_list("address", "variables", "origin_row")
    first = 2 if rule.has_header else 1
    assert list(made) == [
        ("+8613800000001", {"name": "Ann", "plan": "Fun 59"}, first),
        ("+8613800000005", {"name": "Cai", "plan": "Fun 59"}, first + 4),
    ]
    failed = batch.rejected_rows.filter(outcome="failed").order_by("row").values_list("row", "code", "cells")
    assert list(failed) == [(first + 1, "number_length", ROWS[1]), (first + 2, "variable_missing", ROWS[2][:4])]


@pytest.mark.parametrize("file_type", ["csv", "xlsx"])
def test_failed_rows_are_mended_and_imported_by_the_same_rule_again_and_again(task, rule, file_type):
    lines = downloaded(imported(task, csv_of(rows_of(rule)), rule), "failed", file_type)
    titles = HEADER if rule.has_header else ["plan", "2", "Recipient number", "4", "name"]
    assert lines[0] == ["Source row", "Reason code", "Reason", *titles]

    lines[1][5] = "139"  # still wrong
    lines[2] += [""] * (8 - len(lines[2]))
    lines[2][7] = "Bea"
    again = imported(task, csv_of(lines) if file_type == "csv" else xlsx_of(lines), rule, name=f"rows.{file_type}")

    assert counts(again) == (2, 1, 1, 0)
    assert task.recipients.get(address="+8613800000003").variables["name"] == "Bea"
    lines = downloaded(again, "failed", file_type)
    assert lines[0] == ["Source row", "Reason code", "Reason", *titles]  # once, however often
    assert lines[1][:2] + lines[1][3:] == ["2", "number_length", "", "a", "139", "b", "Bo"]

    lines[1][5] = "13800000009"
    assert counts(imported(task, csv_of(lines), rule)) == (1, 1, 0, 0)


def test_rows_of_a_file_without_header_come_back_by_the_template_too(task):
    rule = make.mapping_rule(recipient=3, variables=LINE, has_header=False)
    lines = downloaded(imported(task, csv_of(ROWS), rule), "failed", "csv")
    lines[1][5] = "13800000009"

    assert counts(imported(task, csv_of(lines[:2]), None)) == (1, 1, 0, 0)


def test_mended_rows_come_back_by_the_template_a_second_time(task):
    header = ["Recipient number", "name", "plan"]
    lines = downloaded(imported(task, csv_of([header, ["138", "Ann", ""]]), None), "failed", "csv")

    lines = downloaded(imported(task, csv_of(lines), None), "failed", "csv")

    assert lines[0] == ["Source row", "Reason code", "Reason", *header]
    assert counts(imported(task, csv_of(lines), None)) == (1, 0, 1, 0)


def test_an_import_keeps_what_its_rule_said(task, rule):
    batch = submitted(task, csv_of(rows_of(rule)), rule)
    rule.name, rule.recipient_column = "Another name", 7
    save_rule(rule)
    delete_rule(rule)

    batch = pipeline.run_to_the_end(batch)

    assert counts(batch) == (5, 2, 2, 1)
    assert (batch.parsing, batch.rule_name, batch.parsing_text) == ("rule", "CRM export", "Rule “CRM export”")


def test_the_limit_counts_records_whether_or_not_there_is_a_header(task, rule):
    five = replace(BY_FILE, limits_of=lambda _rows: Limits.by_file(5))
    assert imported(task, csv_of(rows_of(rule)), rule, origin=five).total == 5

    with pytest.raises(ValidationError) as refused:
        imported(task, csv_of([*rows_of(rule), ROWS[0]]), rule, origin=five)

    assert (refused.value.code, refused.value.params["max"]) == ("file_too_many_rows", 5)


def test_empty_columns_at_the_end_are_columns(task):
    rule = make.mapping_rule(recipient=1, variables={"name": 2, "plan": 3}, has_header=False)

    assert counts(imported(task, csv_of([["13800000001", "Ann", ""]]), rule)) == (1, 1, 0, 0)


def test_a_file_that_is_too_narrow_imports_nothing(task, rule):
    with pytest.raises(ValidationError) as refused:
        imported(task, csv_of([row[:4] for row in rows_of(rule)]), rule)

    assert refused.value.messages == [
        "The mapping rule “CRM export” needs columns that the file does not have: “name” (5 = E). It has 4."
    ]
    assert not task.imports.exists()


def test_a_header_of_one_name_for_two_columns_loses_no_cell(task):
    header, cells = ["x", "tel", "x", "", "x"], ["1", "138", "2", "3", "4", "5"]

    assert dict(_named(header, cells)) == {"x": "1", "tel": "138", "3": "2", "4": "3", "5": "4", "6": "5"}


def test_a_recipient_taken_for_a_header_is_told_and_masked(task, tenant):
    rule = make.mapping_rule(recipient=3, variables=LINE)

    batch = imported(task, csv_of(ROWS), rule)

    assert [note["code"] for note in batch.notes] == ["encoding", "first_row_is_data"]
    assert header_of(batch, tenant.administrator)[2] == "13800000001"
    assert header_of(batch, tenant.viewer)[2] == "138****0001"


def test_the_cell_at_fault_is_found_under_a_name_that_stands_twice(task, tenant):
    rule = make.mapping_rule(recipient=3, variables=LINE)
    book, content = Workbook(), io.BytesIO()
    book.active.append(["x", "x", "x", "x", "x"])
    book.active.append(["Fun", "a", 86138000012345678, "b", "Ann"])
    book.save(content)
    batch = imported(task, io.BytesIO(content.getvalue()), rule, name="rows.xlsx")

    (row,) = numbered_rows(batch, batch.rejected_rows.all(), tenant.administrator)

    assert row.code == "number_precision"
    assert [index for index, (_text, is_bad) in enumerate(row.cells) if is_bad] == [2]


def test_the_sample_of_another_system_needs_its_rule(tenant, task):
    task = make.task(body="${name} ${plan} ${last_day} ${gift}", defaults={"last_day": "31 Dec"})
    columns = {"name": 5, "plan": 6, "last_day": 9, "gift": 11}
    rule = make.mapping_rule(recipient=3, variables=columns, has_header=False)

    with SAMPLE.open("rb") as file, pytest.raises(ValidationError, match="The first row lacks"):
        imported(task, file, None, name=SAMPLE.name)
    with SAMPLE.open("rb") as file:
        batch = imported(task, file, rule, name=SAMPLE.name)

    assert counts(batch) == (300, 296, 4, 0)


def test_the_command_goes_by_a_rule_too(task, tmp_path):
    make.mapping_rule(recipient=3, variables=LINE, has_header=False)
    path = tmp_path / "rows.csv"
    path.write_bytes(csv_of(ROWS).getvalue())

    with pytest.raises(CommandError, match="no mapping rule “Other”"):
        call_command("import_file", str(task.pk), str(path), rule="Other")
    call_command("import_file", str(task.pk), str(path), rule="CRM export", stdout=io.StringIO())

    assert (task.imports.get().rule_name, task.imports.get().created) == ("CRM export", 2)
