"""Import Data and Import Result: the dialog, its check, the live import, the result and its rows."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from importer import pipeline
from importer.models import ImportBatch
from importer.states import ImportState
from marketing import intake
from marketing.models import MarketingTask, OptOut
from marketing.rules import Draft
from marketing.states import TaskState
from tenants.scoping import act_for

from . import make
from .pages import Person, text_of

HEADER = "Recipient number,name,Remarks\n"
ROWS = "138-0000-0001,Ann,VIP\n138,Bo,\n13800000003,,asked\n+86 138 0000 0001,Ann again,\n13800000005,Cai,\n"


@pytest.fixture
def task(tenant) -> MarketingTask:
    with act_for(tenant):
        OptOut.objects.create(medium="sms", address="+8613800000005")
        return make.task(name="Autumn")


@pytest.fixture
def ended(tenant, task) -> ImportBatch:
    """An import of which one row was created, two failed, one was a duplicate and one suppressed."""
    with act_for(tenant):
        rows = [line.split(",") for line in ROWS.splitlines()]
        batch = make.batch(task, rows, source_name="november.csv", operator_name="Chen Yu")
        batch.layout["header"].append("Remarks")
        batch.save(update_fields=["layout"])
    chunk = 0
    while chunk is not None:
        chunk = pipeline.run_chunk(str(tenant.pk), str(batch.pk), chunk)
    with act_for(tenant):
        return ImportBatch.objects.get(pk=batch.pk)


def upload(text: str = HEADER + ROWS, name: str = "november.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def batches(tenant) -> list[ImportBatch]:
    with act_for(tenant):
        return list(ImportBatch.objects.order_by("number"))


def lines_of(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_the_dialog_says_the_limits_and_the_advice_before_the_upload(task, administrator):
    for answer in (
        administrator.get("importer:import-data", task.pk),
        administrator.get("importer:import-data", task.pk, htmx=True),
    ):
        text = text_of(answer)
        assert ".xlsx or .csv, up to 10,000 records and 10 MB" in text
        assert "an import by server up to 500,000. 50,000 at a time is recommended" in text
        assert "Download Marketing Data Template" in text
        assert "The first row holds the column names: Recipient number, name." in text
        assert "No file server is set up for this tenant space." in text
        assert "There is no mapping rule yet." in text


def test_the_template_has_a_column_for_each_variable(task, administrator):
    answer = administrator.get("importer:import-template", task.pk)

    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert [cell.value for cell in sheet[1]] == ["Recipient number", "name"]
    assert answer["Content-Disposition"] == 'attachment; filename="marketing-data-template.xlsx"'


def test_the_check_shows_how_the_first_rows_will_be_read_and_imports_nothing(tenant, task, administrator):
    with act_for(tenant), intake.lock(task.pk) as locked:
        intake.admit(locked, Draft("+8613800000007", {"name": "Old"}))
    rows = "138-0000-0001,Ann,\n138,Bo,\n+8613800000001,Ann,\n13800000005,Cai,\n13800000007,Dan,\n13900000000,Eva,\n"

    answer = administrator.post("importer:import-check", task.pk, htmx=True, file=upload(HEADER + rows))

    look = answer.context["look"]
    assert look.refused is None
    assert look.rows == 6
    assert [(one.row, one.typed, one.stored, one.kind) for one in look.verdicts] == [
        (2, "138-0000-0001", "+8613800000001", "good"),
        (3, "138", "", "failed"),
        (4, "+8613800000001", "+8613800000001", "duplicate"),
        (5, "13800000005", "+8613800000005", "suppressed"),
        (6, "13800000007", "+8613800000007", "duplicate"),
    ]
    text = text_of(answer)
    assert "6 rows will be imported." in text
    assert "“Remarks”" in text
    assert "Same as row 2" in text
    assert batches(tenant) == []


def test_the_check_names_the_column_that_is_missing_and_the_nearest_one(tenant, administrator):
    with act_for(tenant):
        task = make.task(body="${name} ${gift}")
    file = upload("recipient_number,Name,Gift GB\n13800000001,Ann,20\n")

    answer = administrator.post("importer:import-check", task.pk, htmx=True, file=file)

    assert answer.context["look"].columns_found == [
        {"name": "Recipient number", "found": "A: recipient_number", "nearest": ""},
        {"name": "name", "found": "B: Name", "nearest": ""},
        {"name": "gift", "found": "", "nearest": "C: Gift GB"},
    ]
    assert "Nothing was imported." in text_of(answer)


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (None, "Choose the file to import."),
        (upload("", "empty.csv"), ""),
        (upload("x", "notes.pdf"), ""),
        (upload(HEADER, "header-only.csv"), "The file has a header but no rows below it."),
        (upload("name\nAnn\n", "column.csv"), "The first row lacks the column “Recipient number”."),
    ],
)
def test_a_file_that_cannot_be_imported_is_refused_with_and_without_script(tenant, task, administrator, file, sentence):
    form = {} if file is None else {"file": file}
    for name, htmx in (("import-check", True), ("import-data", True), ("import-data", False)):
        if file is not None:
            file.seek(0)
        answer = administrator.post(f"importer:{name}", task.pk, htmx=htmx, **form)

        assert answer.status_code == 200
        assert f"This file cannot be imported. {sentence}" in text_of(answer)
    assert batches(tenant) == []


@pytest.mark.parametrize("htmx", [False, True])
def test_ok_imports_the_file_and_leads_to_its_progress(tenant, task, administrator, htmx):
    answer = administrator.post("importer:import-data", task.pk, htmx=htmx, file=upload())

    (batch,) = batches(tenant)
    assert answer.headers["HX-Redirect" if htmx else "Location"] == reverse("importer:import", args=[task.pk, batch.pk])
    assert (batch.state, batch.total, batch.operator_id) == (ImportState.EXECUTING, 5, tenant.administrator.pk)


def test_nothing_is_imported_into_a_running_task(tenant, task, administrator):
    with act_for(tenant):
        MarketingTask.objects.update(state=TaskState.RUNNING)

    refused = administrator.client.post(
        reverse("importer:import-data", args=[task.pk]), {"file": upload()}, follow=True
    )

    assert "Recipients can be changed in Draft and Suspended only" in text_of(refused)
    assert batches(tenant) == []


def test_a_running_import_is_polled_and_cancelled(tenant, task, administrator):
    with act_for(tenant):
        batch = make.batch(task, [["13800000001", "Ann"]] * 10, total=10, unprocessed=6, created=4)

    page = administrator.get("importer:import", task.pk, batch.pk)
    poll = administrator.get("importer:import-progress", task.pk, batch.pk, htmx=True)
    question = administrator.get("importer:import-cancel", task.pk, batch.pk, htmx=True)
    administrator.post("importer:import-cancel", task.pk, batch.pk)
    after = administrator.get("importer:import-progress", task.pk, batch.pk, htmx=True)

    assert 'hx-trigger="every 1s"' in page.content.decode()
    assert "4 of 10 rows" in text_of(poll)
    assert "estimating" in text_of(poll)  # nothing is invented in the first two seconds
    assert "The 4 recipients created so far stay in the task. The other 6 rows will not be read" in text_of(question)
    assert after.headers["HX-Refresh"] == "true"
    assert batches(tenant)[0].state == ImportState.CANCELLED
    rows = lines_of(administrator.get("importer:rows-download", task.pk, batch.pk, "unprocessed", "csv"))
    assert rows[0][:3] == ["Source row", "Reason code", "Reason"]


def test_an_import_that_ended_cannot_be_cancelled(task, ended, administrator):
    answer = administrator.client.post(reverse("importer:import-cancel", args=[task.pk, ended.pk]), follow=True)

    assert "This import has ended already" in text_of(answer)


def test_the_result_adds_up_and_says_why_rows_failed(task, ended, administrator):
    text = text_of(administrator.get("importer:import", task.pk, ended.pk))

    assert "2 of 5 rows failed." in text
    assert "Successful 1 20.0% Failed 2 40.0% Duplicate" in text
    assert "Total 5 100%" in text
    assert "Too few or too many digits number_length" in text
    assert "A variable has no value variable_missing" in text


def test_the_list_links_each_count_to_its_download(task, ended, administrator):
    answer = administrator.get("importer:imports", task.pk)

    content = answer.content.decode()
    assert "Number of Failed Records" in text_of(answer)
    for outcome in ("failed", "duplicate", "suppressed"):
        assert reverse("importer:rows-download", args=[task.pk, ended.pk, outcome, "xlsx"]) in content
    assert f"?origin={ended.pk}" in content


def test_the_list_is_filtered_by_status_and_operator(tenant, task, ended, administrator):
    with act_for(tenant):
        make.batch(task, [["13800000001", "Ann"]], operator_name="Wang Lei")

    by_state = administrator.get("importer:imports", task.pk, state="complete")
    by_operator = administrator.get("importer:imports", task.pk, operator="Wang Lei")

    assert [batch.number for batch in by_state.context["imports"]] == [1]
    assert [batch.number for batch in by_operator.context["imports"]] == [2]


def test_failed_rows_are_shown_with_their_reason_and_their_original_cells(task, ended, administrator):
    answer = administrator.get("importer:rejected-rows", task.pk, ended.pk, "failed")

    first, second = answer.context["rows"]
    assert (first.row, first.code) == (3, "number_length")
    assert first.cells == [("138", True), ("Bo", False), ("", False)]
    assert second.cells == [("13800000003", False), ("", True), ("asked", False)]
    assert "The number has 3 national digits" in text_of(answer)
    assert "empty" in text_of(answer)


def test_rows_are_filtered_by_reason_and_row_number(task, ended, administrator):
    by_code = administrator.get("importer:rejected-rows", task.pk, ended.pk, "failed", code="variable_missing")
    from_row = administrator.get("importer:rejected-rows", task.pk, ended.pk, "failed", row="4")

    assert [row.row for row in by_code.context["rows"]] == [4]
    assert [row.row for row in from_row.context["rows"]] == [4]


@pytest.mark.parametrize("outcome", ["failed", "duplicate", "suppressed"])
@pytest.mark.parametrize("file_type", ["csv", "xlsx"])
def test_rows_are_downloaded(task, ended, administrator, outcome, file_type):
    answer = administrator.get("importer:rows-download", task.pk, ended.pk, outcome, file_type)

    assert answer["Content-Disposition"] == f'attachment; filename="import-1-{outcome}-rows.{file_type}"'
    assert b"".join(answer.streaming_content)


def test_a_download_has_the_reason_before_the_original_cells(task, ended, administrator):
    lines = lines_of(administrator.get("importer:rows-download", task.pk, ended.pk, "duplicate", "csv"))

    assert lines[0] == ["Source row", "Reason code", "Reason", "Recipient number", "name", "Remarks"]
    assert lines[1][:2] == ["5", "duplicate"]
    assert lines[1][4:] == ["Ann again", ""]


@pytest.mark.parametrize("address", ["created-rows/", "failed-rows.pdf", "secret-rows.csv"])
def test_other_rows_and_files_do_not_exist(task, ended, administrator, address):
    answer = administrator.client.get(f"/outbound-call/mmarketing/{task.pk}/imports/{ended.pk}/{address}")

    assert answer.status_code == 404


def test_a_viewer_sees_masked_cells_and_downloads_nothing(task, ended, viewer):
    answer = viewer.get("importer:rejected-rows", task.pk, ended.pk, "failed")

    assert "138****0003" in text_of(answer)
    assert "13800000003" not in answer.content.decode()
    assert viewer.get("importer:rows-download", task.pk, ended.pk, "failed", "csv").status_code == 403
    assert viewer.get("importer:import-data", task.pk).status_code == 403
    assert viewer.post("importer:import-cancel", task.pk, ended.pk).status_code == 403
    assert "rows.xlsx" not in viewer.get("importer:imports", task.pk).content.decode()


def test_imports_of_another_tenant_do_not_exist(task, ended, other_tenant):
    stranger = Person(other_tenant.administrator)

    for name, *args in (
        ("import", task.pk, ended.pk),
        ("import-progress", task.pk, ended.pk),
        ("rejected-rows", task.pk, ended.pk, "failed"),
        ("rows-download", task.pk, ended.pk, "failed", "csv"),
        ("import-data", task.pk),
    ):
        assert stranger.get(f"importer:{name}", *args).status_code == 404


def test_home_shows_what_runs_what_ended_and_what_needs_attention(tenant, task, ended, administrator):
    with act_for(tenant):
        make.batch(task, [["13800000001", "Ann"]], source_name="running.csv")
        ImportBatch.objects.filter(pk=ended.pk).update(state=ImportState.STOPPED, error_code="task_closed")

    text = text_of(administrator.get("importer:home"))

    assert "running.csv, 0 of 1 rows" in text
    assert "Import 1 of “Autumn” stopped" in text
    assert "The task left Draft and Suspended while rows were imported." in text
