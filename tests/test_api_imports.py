"""REST: a file becomes recipients; what failed comes back, is mended, and is imported again."""

import csv
import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from importer import pipeline, retention
from importer.models import ImportBatch
from marketing.models import MarketingTask, OptOut
from marketing.states import TaskState
from tenants.models import LogEntry
from tenants.scoping import act_for

from . import caller, make
from .caller import Caller, code_of, errors_of

HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

HEADER = ["Recipient number", "name"]
ROWS = [["13800000001", "Ann"], ["12", "Bo"], ["13800000001", "Ann again"], ["13800000003", "Cai"], ["", "=1+1"]]


@pytest.fixture
def api(tenant):
    return caller.of(tenant)


@pytest.fixture
def task(tenant):
    with act_for(tenant):
        OptOut.objects.create(medium="sms", address="+8613800000003")
        return make.task()


def csv_file(rows=ROWS, *, header=HEADER, name="rows.csv") -> SimpleUploadedFile:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return SimpleUploadedFile(name, text.getvalue().encode())


def xlsx_file(rows, *, header=HEADER) -> SimpleUploadedFile:
    book, content = Workbook(), io.BytesIO()
    for cells in [header, *rows]:
        book.active.append(cells)
    book.save(content)
    return SimpleUploadedFile("rows.xlsx", content.getvalue())


def run_to_end(tenant, answer) -> str:
    """Do a worker's work; return the import's id."""
    assert answer.status_code == 202, answer.content
    batch_id, chunk = answer.json()["id"], 0
    while chunk is not None:
        chunk = pipeline.run_chunk(str(tenant.pk), batch_id, chunk)
    return batch_id


def imported(api, tenant, task, file=None) -> str:
    return run_to_end(tenant, api.upload("api-task-imports", task.pk, file=file or csv_file()))


def kept_files(tenant) -> list[str]:
    """Return the imports of which something lies in the spool."""
    folder = f"imports/{tenant.pk}"
    return default_storage.listdir(folder)[0] if default_storage.exists(folder) else []


def test_an_import_is_accepted_queued_and_followed(api, tenant, task, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as queued:
        answer = api.upload("api-task-imports", task.pk, file=csv_file(), mode="file", parsing="template")

    assert answer.status_code == 202, answer.content
    accepted = answer.json()
    assert len(queued) == 1
    assert answer["Location"] == f"http://testserver/api/v1/imports/{accepted['id']}/"
    assert list(accepted) == [
        "id", "number", "task", "status", "mode", "parsing", "mapping_rule_name", "source",
        "file_server", "path", "sha256", "progress", "counts",
        "notes", "error", "held", "begun_at", "ended_at",
    ]  # fmt: skip
    assert (accepted["number"], accepted["task"], accepted["source"]) == (1, str(task.pk), "rows.csv")
    assert (accepted["status"], accepted["mode"], accepted["parsing"]) == ("executing", "file", "template")
    assert accepted["mapping_rule_name"] == ""
    size = len(csv_file().read())
    assert accepted["progress"] == {
        "bytes_done": size, "bytes_total": size,
        "rows_done": 0, "rows_total": 5, "rows_per_second": 0, "seconds_left": None,
    }  # fmt: skip
    assert (accepted["error"], accepted["ended_at"]) == (None, None)

    run_to_end(tenant, answer)

    ended = api.get("api-import", accepted["id"]).json()
    assert (ended["status"], ended["error"]) == ("complete", None)
    assert ended["counts"] == {
        "total": 5, "created": 1, "failed": 2, "duplicate": 1, "suppressed": 1, "unprocessed": 0,
    }  # fmt: skip
    assert (ended["progress"]["rows_done"], ended["progress"]["seconds_left"]) == (5, None)
    assert ended["ended_at"] >= ended["begun_at"]
    (brought,) = api.get("api-recipients", task.pk, origin=accepted["id"]).json()["results"]
    assert (brought["address"], brought["origin_row"]) == ("+8613800000001", 2)


def test_the_rows_of_each_outcome_are_read(api, tenant, task):
    batch_id = imported(api, tenant, task)

    read = {
        outcome: [
            (row["row"], row["code"], row["cells"])
            for row in api.get(f"api-{outcome}-rows", batch_id).json()["results"]
        ]
        for outcome in ("failed", "duplicate", "suppressed", "unprocessed")
    }

    assert read == {
        "failed": [
            (3, "number_length", {"Recipient number": "12", "name": "Bo"}),
            (6, "number_missing", {"Recipient number": "", "name": "=1+1"}),
        ],
        "duplicate": [(4, "duplicate", {"Recipient number": "13800000001", "name": "Ann again"})],
        "suppressed": [(5, "suppressed", {"Recipient number": "13800000003", "name": "Cai"})],
        "unprocessed": [],
    }
    first = api.get("api-failed-rows", batch_id).json()["results"][0]
    assert first["detail"].startswith("The number has 2 ")


def test_rows_are_paged_in_source_order(api, tenant, task):
    batch_id = imported(api, tenant, task, csv_file([[str(number), "x"] for number in range(5)]))

    first = api.get("api-failed-rows", batch_id, format="json", limit=2).json()
    second = api.client.get(first["next"], headers=api.headers).json()

    assert [row["row"] for row in first["results"] + second["results"]] == [2, 3, 4, 5]
    assert api.client.get(second["previous"], headers=api.headers).json()["results"] == first["results"]


def test_the_whole_round_of_fill_import_download_mend_import_again(api, tenant, task):
    sheet = load_workbook(io.BytesIO(b"".join(api.get("api-import-template", task.pk).streaming_content))).active
    header = [cell.value for cell in sheet[1]]
    rows = [[f"137{number:08}", f"Person {number}"] for number in range(1_000)]
    for number in range(0, 1_000, 100):
        rows[number][0] = f"wrong {number}"
    batch_id = imported(api, tenant, task, xlsx_file(rows, header=header))
    assert api.get("api-import", batch_id).json()["counts"]["failed"] == 10

    answer = api.get("api-failed-rows", batch_id, format="xlsx")
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    for line in book.active.iter_rows(min_row=2):
        line[3].value = f"139{line[0].value:>08}"
    mended = io.BytesIO()
    book.save(mended)

    again = imported(api, tenant, task, SimpleUploadedFile("mended.xlsx", mended.getvalue()))
    assert api.get("api-import", again).json()["counts"] == {
        "total": 10, "created": 10, "failed": 0, "duplicate": 0, "suppressed": 0, "unprocessed": 0,
    }  # fmt: skip
    assert api.get("api-task", task.pk).json()["recipient_count"] == 1_000


@pytest.mark.parametrize(
    ("file_type", "content_type"),
    [
        ("csv", "text/csv; charset=utf-8"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_rows_come_as_a_file_to_keep(api, tenant, task, file_type, content_type):
    batch_id = imported(api, tenant, task)

    answer = api.get("api-failed-rows", batch_id, format=file_type)

    assert answer["Content-Type"] == content_type
    assert answer["Content-Disposition"] == f'attachment; filename="import-1-failed-rows.{file_type}"'
    assert answer["Cache-Control"] == "no-store"
    content = b"".join(answer.streaming_content)
    if file_type == "csv":
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    else:
        lines = [[cell.value or "" for cell in row] for row in load_workbook(io.BytesIO(content)).active]
    assert [line[0:2] + line[3:4] for line in lines] == [
        ["Source row", "Reason code", "Recipient number"], ["3", "number_length", "12"], ["6", "number_missing", ""],
    ]  # fmt: skip
    assert lines[2][4] == ("'=1+1" if file_type == "csv" else "=1+1")


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"file": SimpleUploadedFile("rows.pdf", b"%PDF-1.7 x")}, "file_type"),
        ({"file": SimpleUploadedFile("rows.csv", b"")}, "file_empty"),
        ({"file": csv_file([], header=["Recipient number", "name"])}, "no_data_rows"),
        ({"file": csv_file(header=["Recipient number", "nickname"])}, "header_missing"),
        ({"file": csv_file(header=["name", "name"])}, "header_repeated"),
        ({"file": csv_file([["1", "x"]] * 10_001)}, "file_too_many_rows"),
    ],
)
def test_what_is_known_at_once_is_refused_at_once(api, tenant, task, form, code):
    answer = api.upload("api-task-imports", task.pk, **form)

    assert code_of(answer) == (400, code)
    with act_for(tenant):
        assert not ImportBatch.objects.exists()
    assert not kept_files(tenant)


@pytest.mark.parametrize(
    ("form", "errors"),
    [
        ({}, {"file": "required"}),
        ({"file": "no file"}, {"file": "format"}),
        ({"file": csv_file(), "mode": "ftp"}, {"mode": "invalid_choice"}),
        ({"file": csv_file(), "mode": "server"}, {"mode": "invalid_choice"}),
        ({"file": csv_file(), "tenant": "x"}, {"tenant": "unknown_field"}),
        ({"file": [csv_file(), csv_file(name="other.csv")]}, {"file": "repeated"}),
        ({"file": csv_file(), "mode": ["file", "file"]}, {"mode": "repeated"}),
    ],
)
def test_a_form_is_refused_by_its_fields(api, task, form, errors):
    assert errors_of(api.upload("api-task-imports", task.pk, **form)) == errors


def test_a_file_of_a_server_is_imported(api, tenant, task):
    with act_for(tenant):
        server = make.file_server(host_key=HOST_KEY)
    body = {"file_server": str(server.pk), "path": "in/may", "file_name": "rows.csv"}

    answer = api.post("api-task-imports", task.pk, body=body)

    made = answer.json()
    assert (answer.status_code, made["status"], made["mode"]) == (202, "preparing", "server")
    assert (made["file_server"], made["path"], made["sha256"]) == (str(server.pk), "in/may/rows.csv", "")
    assert made["progress"]["bytes_done"] == 0


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"file_server": str(uuid4())}, {"file_server": "server_unknown"}),
        ({"file_server": 5}, {"file_server": "invalid"}),
        ({"file_name": ""}, {"file_name": "blank"}),
        ({"mode": "file"}, {"mode": "invalid_choice"}),
        ({"parsing": "rule"}, {"mapping_rule": "rule_missing"}),
        ({"host": "evil"}, {"host": "unknown_field"}),
    ],
)
def test_a_server_import_is_refused_by_its_fields(api, tenant, task, changes, errors):
    with act_for(tenant):
        server = make.file_server(host_key=HOST_KEY)
    body = {"file_server": str(server.pk), "path": "", "file_name": "rows.csv"} | changes

    found = errors_of(api.post("api-task-imports", task.pk, body=body))
    assert found.keys() == errors.keys()


@pytest.mark.parametrize(
    ("path", "name", "code"),
    [("..", "a.csv", "path_dots"), ("/etc", "a.csv", "path_absolute"), ("", "a.txt", "server_file_type")],
)
def test_a_path_that_leads_out_is_refused_and_logged(api, tenant, task, path, name, code):
    with act_for(tenant):
        server = make.file_server(host_key=HOST_KEY)
    body = {"file_server": str(server.pk), "path": path, "file_name": name}

    assert code_of(api.post("api-task-imports", task.pk, body=body)) == (400, code)
    with act_for(tenant):
        assert [entry.refused for entry in LogEntry.objects.filter(action="import.submit")] == [code]


def test_another_tenants_server_does_not_exist(api, other_tenant, task):
    with act_for(other_tenant):
        server = make.file_server(host_key=HOST_KEY)
    body = {"file_server": str(server.pk), "file_name": "rows.csv"}

    assert errors_of(api.post("api-task-imports", task.pk, body=body)) == {"file_server": "server_unknown"}


def test_a_file_above_the_limit_is_refused_unread(api, tenant, task):
    big = SimpleUploadedFile("rows.csv", b"1,x\n" * (11 * 1024 * 1024 // 4))

    assert code_of(api.upload("api-task-imports", task.pk, file=big)) == (413, "file_too_large")
    assert not kept_files(tenant)


def test_a_running_task_takes_no_import(api, tenant, task):
    with act_for(tenant):
        MarketingTask.objects.filter(pk=task.pk).update(state=TaskState.RUNNING)

    assert code_of(api.upload("api-task-imports", task.pk, file=csv_file())) == (409, "task_state")
    assert not kept_files(tenant)


def test_a_cancelled_import_keeps_what_it_created(api, tenant, task, settings):
    settings.CHUNK_ROWS = 2
    rows = [[f"1380000000{number}", "x"] for number in range(4, 9)]
    answer = api.upload("api-task-imports", task.pk, file=csv_file(rows))
    batch_id = answer.json()["id"]
    assert code_of(api.get("api-unprocessed-rows", batch_id)) == (409, "import_not_ended")
    following = pipeline.run_chunk(str(tenant.pk), batch_id, 0)

    cancelled = api.post("api-import-cancel", batch_id)

    assert pipeline.run_chunk(str(tenant.pk), batch_id, following) is None
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert api.get("api-import", batch_id).json() == cancelled.json()
    counts = cancelled.json()["counts"]
    assert (counts["created"], counts["unprocessed"]) == (1, 4)  # the header is a row of the first chunk
    assert cancelled.json()["ended_at"]
    assert code_of(api.post("api-import-cancel", batch_id)) == (409, "import_ended")
    assert len(api.get("api-recipients", task.pk).json()["results"]) == 1


def test_unprocessed_rows_are_paged_from_the_spool(api, tenant, task, settings):
    settings.CHUNK_ROWS = 4
    numbers = [f"138000000{number:02}" for number in range(10, 21)]
    answer = api.upload("api-task-imports", task.pk, file=csv_file([[number, "x"] for number in numbers]))
    batch_id = answer.json()["id"]
    pipeline.run_chunk(str(tenant.pk), batch_id, 0)
    api.post("api-import-cancel", batch_id)

    pages = [api.get("api-unprocessed-rows", batch_id, limit=3).json()]
    while pages[-1]["next"]:
        pages.append(api.client.get(pages[-1]["next"], headers=api.headers).json())

    assert [[row["row"] for row in page["results"]] for page in pages] == [[5, 6, 7], [8, 9, 10], [11, 12]]
    assert pages[0]["results"][0] == {
        "row": 5,
        "code": "unprocessed",
        "detail": "The import ended before this row.",
        "cells": {"Recipient number": "13800000013", "name": "x"},
    }
    assert pages[0]["previous"] is None
    back = api.client.get(pages[2]["previous"], headers=api.headers).json()
    assert back["results"] == pages[1]["results"]
    assert api.client.get(back["previous"], headers=api.headers).json()["results"] == pages[0]["results"]
    lines = b"".join(api.get("api-unprocessed-rows", batch_id, format="csv").streaming_content).decode()
    assert [line.split(",")[0] for line in lines.splitlines()[1:]] == [str(row) for row in range(5, 13)]


@pytest.mark.parametrize("cursor", ["x", "1", "-1-0", "9999999999-0", "1-2-3"])
def test_a_made_up_place_in_the_spool_is_refused(api, tenant, task, cursor):
    batch_id = imported(api, tenant, task)

    assert errors_of(api.get("api-unprocessed-rows", batch_id, cursor=cursor)) == {"cursor": "cursor"}


@pytest.mark.parametrize("file_type", ["json", "csv"])
def test_rows_past_their_time_are_gone(api, tenant, task, file_type):
    batch_id = imported(api, tenant, task)
    with act_for(tenant):
        ImportBatch.objects.update(ended_at=timezone.now() - timedelta(days=400))
        retention.purge(tenant)

    for rows in ("api-failed-rows", "api-unprocessed-rows"):
        assert code_of(api.get(rows, batch_id, format=file_type)) == (410, "rows_purged")


def test_imports_are_listed_the_latest_first_and_filtered(api, tenant, task):
    with act_for(tenant):
        other = make.task()
    done = imported(api, tenant, task)
    alive = api.upload("api-task-imports", other.pk, file=csv_file()).json()["id"]

    def found(**query) -> list[str]:
        return [one["id"] for one in api.get("api-imports", **query).json()["results"]]

    assert found() == [alive, done]
    assert found(task=task.pk) == [done]
    assert found(status="executing") == [alive]
    assert found(task=task.pk, status="executing") == []
    assert found(task=uuid4()) == []
    assert errors_of(api.get("api-imports", status="Complete")) == {"status": "invalid_choice"}


def test_the_list_costs_the_same_queries_whatever_its_length(api, tenant, task):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert api.get("api-imports").status_code == 200
        return len(captured)

    imported(api, tenant, task)
    few = queries()
    for _ in range(3):
        imported(api, tenant, task)

    assert queries() == few


def test_a_viewer_follows_imports_but_gets_no_rows(tenant, task, api):
    batch_id = imported(api, tenant, task)
    viewer = Caller(user=tenant.viewer)

    assert viewer.get("api-import", batch_id).json()["counts"]["failed"] == 2
    for rows in ("api-failed-rows", "api-duplicate-rows", "api-suppressed-rows", "api-unprocessed-rows"):
        assert code_of(viewer.get(rows, batch_id)) == (403, "permission_denied")
    assert code_of(viewer.post("api-import-cancel", batch_id)) == (403, "permission_denied")


def test_an_import_goes_on_as_it_was_after_its_parameters_change(api, tenant, task):
    answer = api.upload("api-task-imports", task.pk, file=csv_file([["13800000009", "x"]]))
    api.put("api-tenant-parameters", body={"begin_digits": "15"})

    batch_id = run_to_end(tenant, answer)

    assert api.get("api-import", batch_id).json()["counts"]["created"] == 1
