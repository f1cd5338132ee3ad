"""REST: the other forms in which an import is sent - its file as the body, its rows as JSON - and its status."""

import errno
import gzip
import json
import zlib

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.urls import reverse

from importer import pipeline, submission
from importer.downloads import XLSX
from importer.models import ImportBatch
from marketing.models import MarketingTask
from tenants.scoping import act_for

from . import caller, make
from .caller import Caller, code_of, errors_of
from .pages import Person, text_of
from .test_api_imports import xlsx_file

CSV = b"Recipient number,name\n13800000001,Ann\n12,Bo\n"


@pytest.fixture
def api(tenant) -> Caller:
    return caller.of(tenant)


@pytest.fixture
def task(tenant) -> MarketingTask:
    with act_for(tenant):
        return make.task()


def send(api: Caller, task: MarketingTask, content: bytes, content_type="text/csv", query="", **headers):
    url = reverse("api-task-imports", args=[task.pk]) + query
    return api.client.post(url, content, content_type=content_type, headers=api.headers | headers)


def run(tenant, answer) -> ImportBatch:
    """Do a worker's work; return the import."""
    assert answer.status_code == 202, answer.content
    with act_for(tenant):
        batch = ImportBatch.objects.get(pk=answer.json()["id"])
    return pipeline.run_to_the_end(batch)


@pytest.mark.parametrize(
    ("content_type", "content", "headers"),
    [
        ("text/csv", CSV, {}),
        ("text/csv; charset=utf-8", CSV, {}),
        ("text/csv", gzip.compress(CSV, mtime=0), {"Content-Encoding": "gzip"}),
        ("text/csv", CSV, {"Content-Encoding": "identity"}),
        (XLSX, xlsx_file([["13800000001", "Ann"], ["12", "Bo"]]).read(), {}),
        (
            XLSX,
            gzip.compress(xlsx_file([["13800000001", "Ann"], ["12", "Bo"]]).read()),
            {"Content-Encoding": "GZIP"},
        ),
    ],
)
def test_the_body_may_be_the_file(api, tenant, task, content_type, content, headers):
    batch = run(tenant, send(api, task, content, content_type, **headers))

    assert (batch.created, batch.failed, batch.total) == (1, 1, 2)


@pytest.mark.parametrize(
    ("query", "disposition", "name"),
    [
        ("", "", "upload.csv"),
        ("?file_name=may.csv", "", "may.csv"),
        ("?file_name=may", "", "may.csv"),
        ("", 'attachment; filename="may.csv"', "may.csv"),
        ("", "attachment; filename*=UTF-8''%E4%BA%94%E6%9C%88.csv", "五月.csv"),
        ("?file_name=../../etc/passwd", "", "passwd.csv"),
        ("?file_name=..%5C..%5Cmay.csv", "", "may.csv"),
        ("?file_name=a%00b%0D%0A%E2%80%AE.csv", "", "ab.csv"),
        ("?file_name=..", "", "upload.csv"),
        ("?file_name=.csv", "", "csv.csv"),
        (f"?file_name={'x' * 300}.csv", "", "x" * 96 + ".csv"),
    ],
)
def test_the_file_has_a_name_that_can_be_shown(api, task, query, disposition, name):
    answer = send(api, task, CSV, query=query, **({"Content-Disposition": disposition} if disposition else {}))

    assert (answer.status_code, answer.json().get("source")) == (202, name)


def test_what_a_form_has_beside_its_file_stands_in_the_query(api, task):
    assert send(api, task, CSV, query="?parsing=template&mode=file&file_name=may.csv").status_code == 202
    assert errors_of(send(api, task, CSV, query="?parsing=magic&tenant=x")) == {
        "parsing": "invalid_choice",
        "tenant": "unknown_field",
    }


@pytest.mark.parametrize(
    ("content", "encoding", "status", "code"),
    [
        (b"not packed", "gzip", 400, "parse_error"),
        (gzip.compress(CSV, mtime=0)[:-4], "gzip", 400, "parse_error"),
        (gzip.compress(b"a,b\n" * 4_000_000), "gzip", 413, "file_too_large"),
        (gzip.compress(b"", mtime=0), "gzip", 400, "file_empty"),
        (b"", "identity", 400, "validation"),
        (CSV, "br", 415, "content_encoding"),
        (gzip.compress(gzip.compress(CSV, mtime=0), mtime=0), "gzip, gzip", 415, "content_encoding"),
        (b"x" * (11 << 20), "identity", 413, "file_too_large"),
    ],
)
def test_a_body_that_is_no_file_is_refused(api, tenant, task, content, encoding, status, code):
    answer = send(api, task, content, **{"Content-Encoding": encoding})

    assert code_of(answer) == (status, code)
    with act_for(tenant):
        assert not ImportBatch.objects.exists()
    folder = f"imports/{tenant.pk}"
    assert not default_storage.exists(folder) or not default_storage.listdir(folder)[0]


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=x"])
def test_only_a_file_may_be_packed(api, task, content_type):
    answer = send(api, task, gzip.compress(b"{}"), content_type, **{"Content-Encoding": "gzip"})

    assert code_of(answer) == (415, "content_encoding")


def test_a_bomb_is_stopped_while_it_is_unpacked(api, task, monkeypatch):
    """1 GB of zeros is 1 MB packed: no more than the limit is ever written."""
    written = []
    monkeypatch.setattr(TemporaryUploadedFile, "write", lambda _file, block: written.append(len(block)), raising=False)
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(300)) + packer.flush()

    assert code_of(send(api, task, bomb, **{"Content-Encoding": "gzip"})) == (413, "file_too_large")
    assert sum(written) <= 10 << 20


def test_rows_become_an_import_with_a_result_of_its_own(api, tenant, task):
    rows = [
        {"address": "138 0000 0001", "variables": {"name": "Ann"}},
        {"address": "12", "variables": {"name": "=1+1\n'x"}},
        {"address": "8613800000001", "variables": {"name": "Ann"}},
        {"address": "13800000002"},
    ]
    answer = api.post("api-task-imports", task.pk, body={"rows": rows})
    batch = run(tenant, answer)

    assert answer.json()["source"] == "rows.json"
    assert (batch.total, batch.created, batch.failed, batch.duplicate) == (4, 1, 2, 1)
    failed = api.get("api-failed-rows", batch.pk).json()["results"]
    assert [(row["row"], row["code"]) for row in failed] == [(2, "number_length"), (4, "variable_missing")]
    assert failed[0]["cells"] == {"Recipient number": "12", "name": "=1+1\n'x"}
    (duplicate,) = api.get("api-duplicate-rows", batch.pk).json()["results"]
    assert duplicate["row"] == 3


def test_a_thousand_rows_are_cut_into_chunks(api, tenant, task, settings):
    settings.CHUNK_ROWS = 300
    rows = [{"address": f"138{number:08}", "variables": {"name": "x"}} for number in range(1_000)]

    batch = run(tenant, api.post("api-task-imports", task.pk, body={"rows": rows}))

    assert (batch.chunks, batch.created) == (4, 1_000)


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"rows": []}, {"rows": "min_length"}),
        ({"rows": [{"address": "1"}] * 1_001}, {"rows": "max_length"}),
        ({"rows": "x"}, {"rows": "not_a_list"}),
        ({"rows": ["x"]}, {"rows.0": "format"}),
        ({"rows": [{"address": "1", "variables": {"name": 5}}]}, {"rows.0.variables.name": "text"}),
        (
            {"rows": [{"address": "1"}, {"number": "2"}]},
            {"rows.1.address": "required", "rows.1.number": "unknown_field"},
        ),
        ({"rows": [{"address": "1", "variables": {"age": "5"}}]}, {"rows.0.variables.age": "variable_unknown"}),
        ({"rows": [{"address": "1"}], "tenant": "x"}, {"tenant": "unknown_field"}),
    ],
)
def test_rows_of_another_shape_are_refused_whole(api, tenant, task, body, errors):
    assert errors_of(api.post("api-task-imports", task.pk, body=body)) == errors
    with act_for(tenant):
        assert not ImportBatch.objects.exists()


def test_rows_are_bound_by_the_same_rules_as_files(api, tenant, task, monkeypatch):
    monkeypatch.setattr(submission, "MAX_ALIVE", 1)
    body = {"rows": [{"address": "13800000001", "variables": {"name": "Ann"}}]}

    assert api.post("api-task-imports", task.pk, body=body).status_code == 202
    assert code_of(api.post("api-task-imports", task.pk, body=body)) == (409, "too_many_imports")


def test_a_status_that_did_not_change_is_not_sent_again(api, tenant, task):
    answer = send(api, task, CSV)
    url = reverse("api-import", args=[answer.json()["id"]])
    first = api.client.get(url, headers=api.headers)
    tag = first["ETag"]

    again = api.client.get(url, headers=api.headers | {"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    assert first["Retry-After"] == again["Retry-After"] == answer["Retry-After"] == "1"

    run(tenant, answer)
    ended = api.client.get(url, headers=api.headers | {"If-None-Match": tag})
    assert (ended.status_code, ended.json()["status"]) == (200, "complete")
    assert ended["ETag"] != tag
    assert "Retry-After" not in ended


def test_a_status_in_another_language_is_another_one(api, task):
    url = reverse("api-import", args=[send(api, task, CSV).json()["id"]])
    tag = api.client.get(url, headers=api.headers)["ETag"]

    answer = api.client.get(url, headers=api.headers | {"If-None-Match": tag, "Accept-Language": "zh-hans"})

    assert answer.status_code == 200
    assert json.loads(answer.content)["source"] == "upload.csv"


def test_a_status_moves_while_a_servers_file_is_fetched(api, tenant, task):
    with act_for(tenant):
        batch = make.batch(task, [], state="preparing", source_bytes=9_000)
    first = api.get("api-import", batch.pk)
    with act_for(tenant):
        ImportBatch.objects.filter(pk=batch.pk).update(fetched_bytes=4_000)

    answer = api.client.get(
        reverse("api-import", args=[batch.pk]), headers=api.headers | {"If-None-Match": first["ETag"]}
    )

    assert (answer.status_code, answer.json()["progress"]["bytes_done"]) == (200, 4_000)


def test_a_body_packed_in_several_parts_is_read_whole(api, tenant, task):
    """As `cat monday.csv.gz tuesday.csv.gz` makes it, and as programs that pack with many processors write."""
    head, tail = CSV[:40], CSV[40:]
    packed = gzip.compress(head, mtime=0) + gzip.compress(b"", mtime=0) + gzip.compress(tail, mtime=0)

    batch = run(tenant, send(api, task, packed, **{"Content-Encoding": "gzip"}))

    assert (batch.created, batch.failed, batch.total) == (1, 1, 2)


def test_a_full_disk_is_said_and_nothing_is_imported(api, tenant, task, monkeypatch):
    def full(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("importer.spool.keep_source", full)

    assert code_of(send(api, task, CSV)) == (507, "storage_full")
    with act_for(tenant):
        assert not ImportBatch.objects.exists()
    page = Person(tenant.administrator)
    page.client.raise_request_exception = False
    answer = page.post("importer:import-data", task.pk, file=SimpleUploadedFile("a.csv", CSV))
    assert (answer.status_code, "no space left to keep files" in text_of(answer)) == (507, True)
