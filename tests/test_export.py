"""A task's recipients as a file: what the search found, in the shape of the template, written down in the log."""

import io

import pytest
from openpyxl import load_workbook

from importer import results
from marketing import intake
from marketing.models import MarketingTask
from marketing.rules import Draft
from tenants.models import LogEntry
from tenants.scoping import act_for

from . import make
from .architecture.made import body_of
from .pages import Person, text_of

EVERYBODY = {"how": "", "text": "", "origin": ""}


@pytest.fixture
def task(tenant) -> MarketingTask:
    with act_for(tenant):
        made = make.task(body="Dear ${name}, until ${day}", defaults={"day": "31 Dec"})
        with intake.lock(made.pk) as locked:
            intake.admit(locked, Draft("+8613800000112", {"name": "=1+1", "day": "31 Dec"}))
            intake.admit(locked, Draft("+8615900000345", {"name": "李, 雷", "day": "1 Jan"}))
    return made


def exported(person: Person, task: MarketingTask, file_type: str, **form: str):
    return person.post("importer:recipients-export", task.pk, file_type, **(EVERYBODY | form))


def test_a_csv_holds_the_columns_of_the_template_and_no_formula(task, administrator):
    answer = exported(administrator, task, "csv")

    assert body_of(answer).decode("utf-8-sig").splitlines() == [
        "Recipient number,name,day",
        "'+8613800000112,'=1+1,31 Dec",
        '\'+8615900000345,"李, 雷",1 Jan',
    ]
    assert answer["Content-Disposition"] == 'attachment; filename="recipients.csv"'
    assert "no-store" in answer["Cache-Control"]


def test_a_workbook_holds_text_only(task, administrator):
    sheet = load_workbook(io.BytesIO(body_of(exported(administrator, task, "xlsx")))).active

    assert [cell.value for cell in sheet[2]] == ["+8613800000112", "=1+1", "31 Dec"]
    assert {cell.data_type for row in sheet for cell in row} == {"s"}


def test_only_what_the_search_found_is_exported(task, administrator):
    answer = exported(administrator, task, "csv", how="ends", text="0345")

    assert len(body_of(answer).splitlines()) == 2


def test_the_file_can_be_imported_as_it_is(tenant, task, administrator, tmp_path):
    path = tmp_path / "recipients.csv"
    path.write_bytes(body_of(exported(administrator, task, "csv")))
    with act_for(tenant):
        other = make.task(template=task.template)

    with path.open("rb") as file:
        administrator.post("importer:import-data", other.pk, mode="file", parsing="template", file=file)

    with act_for(tenant):
        assert (other.imports.get().total, other.imports.get().layout["address"]) == (2, 0)


def test_an_export_is_written_down_without_an_address(tenant, task, administrator):
    exported(administrator, task, "csv", how="ends", text="0345")

    with act_for(tenant):
        entry = LogEntry.objects.get(action="recipients.export")
    assert (entry.actor_name, entry.object_id) == (tenant.administrator.get_full_name(), str(task.pk))
    assert entry.details == {"count": 1, "file_type": "csv"}


def test_too_many_for_a_workbook_are_refused_with_the_way_out(task, administrator, monkeypatch):
    monkeypatch.setattr(results, "MAX_XLSX_ROWS", 1)

    answer = exported(administrator, task, "xlsx")

    assert answer.status_code == 302
    assert "An .xlsx holds up to 1 rows; these are 2." in text_of(administrator.get("marketing:recipients", task.pk))


def test_viewers_have_no_export(tenant, task):
    viewer = Person(tenant.viewer)

    assert exported(viewer, task, "csv").status_code == 403
    assert "Export" not in text_of(viewer.get("marketing:recipients", task.pk))


def test_there_are_two_kinds_of_files(task, administrator):
    assert exported(administrator, task, "pdf").status_code == 404
