"""The real web server: bodies without a length, connections that break off, and what is not HTTP at all."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest

from importer.models import ImportBatch
from tenants.scoping import act_for

from . import make
from .caller import DOCUMENTED
from .web import Answer, Web, chunks_of, running_web

pytestmark = pytest.mark.django_db(transaction=True)
CSV = b"Recipient number,name\n" + b"".join(b"1380000%04d,Ann\n" % number for number in range(1_000))
FORM = b'--x\r\nContent-Disposition: form-data; name="file"; filename="may.csv"\r\n\r\n%s\r\n--x--\r\n' % CSV
ROWS = json.dumps({"rows": [{"address": "13800000001", "variables": {"name": "Ann"}}]}).encode()


@pytest.fixture(scope="module")
def web(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Web]:
    with django_db_blocker.unblock(), running_web(tmp_path_factory.mktemp("web")) as running:
        yield running


@pytest.fixture
def task(tenant) -> Any:
    with act_for(tenant):
        return make.task(tenant=tenant)


def post(web: Web, task: Any, *pieces: bytes, content_type: str = "text/csv", **headers: str) -> Answer:
    told = {"Authorization": f"Bearer {task.tenant.token}", "Content_Type": content_type} | headers
    return web.ask(f"POST /api/v1/marketing-tasks/{task.pk}/imports/", *pieces, **told)


def imports_of(task: Any) -> list[ImportBatch]:
    with act_for(task.tenant):
        return list(task.imports.all())


@pytest.mark.parametrize(
    ("content_type", "content", "headers", "total"),
    [
        ("text/csv", CSV, {}, 1_000),
        ("text/csv", gzip.compress(CSV), {"Content_Encoding": "gzip"}, 1_000),
        ("multipart/form-data; boundary=x", FORM, {}, 1_000),
        ("application/json", ROWS, {}, 1),
    ],
)
def test_a_body_that_comes_in_chunks_is_read_whole(web, task, content_type, content, headers, total):
    chunks = chunks_of(content, 1_000)

    answer = post(web, task, *chunks, content_type=content_type, Transfer_Encoding="chunked", **headers)

    assert answer.status == 202, answer
    assert [batch.total for batch in imports_of(task)] == [total]


@pytest.mark.parametrize("content_type", ["text/csv", "multipart/form-data; boundary=x", "application/json"])
def test_a_body_in_chunks_is_not_read_further_than_any_body_goes(web, task, content_type):
    endless = (b"10000\r\n" + b"x" * 65_536 + b"\r\n" for _number in range(400))  # 25 MB, and no end

    answer = post(web, task, *endless, content_type=content_type, Transfer_Encoding="chunked")

    assert answer.problem[0] == 413
    assert imports_of(task) == []


@pytest.mark.parametrize("key", ["", "may-1"])
def test_a_body_in_chunks_that_breaks_off_is_no_import(web, task, key):
    head = f"POST /api/v1/marketing-tasks/{task.pk}/imports/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/csv\r\n"
    head += f"Authorization: Bearer {task.tenant.token}\r\nTransfer-Encoding: chunked\r\n"
    head += f"Idempotency-Key: {key}\r\n\r\n" if key else "\r\n"
    web.send([head.encode(), *chunks_of(CSV, 1_000)[:5]], ends=False)

    again = {"Idempotency_Key": key} if key else {}
    answer = post(web, task, *chunks_of(CSV, 1_000), Transfer_Encoding="chunked", **again)

    assert answer.status == 202, answer
    assert [batch.total for batch in imports_of(task)] == [1_000]


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"GET /api/v1/%s HTTP/1.1\r\nHost: x\r\n\r\n" % (b"a" * 5_000), 414, "address_too_long"),
        (b"GET /api/v1/ HTTP/1.1\r\nHost: x\r\nCookie: %s\r\n\r\n" % (b"a" * 9_000), 431, "headers_too_large"),
        (b"GET /api/v1/ HTTP/1.1\r\nHost: x\r\n%s\r\n" % (b"A: b\r\n" * 200), 431, "headers_too_large"),
        (b"GET /api/v1/ HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n", 400, "bad_request"),
        (b"GET /api/v1/ HTTP/1.1\r\nHost: x\r\nA: b\0\r\n\r\n", 400, "bad_request"),
        (b"get it\r\n\r\n", 400, "bad_request"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", 400, "bad_request"),  # TLS, spoken to the wrong port
        (b"POST /api/v1/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: br\r\n\r\n", 501, "transfer_coding"),
        (b"POST /api/v1/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n", 400, "bad_request"),
        (
            b"POST /api/v1/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
            400,
            "bad_request",
        ),
    ],
)
def test_what_is_not_http_as_it_is_taken_here_is_a_problem_too(web, db, raw, status, code):
    answer = web.send([raw])

    assert answer.problem == (status, code)
    assert code in DOCUMENTED


@pytest.mark.parametrize(
    ("head", "headers", "status"),
    [
        ("GET /api/v1/%ff%fe/", {}, 404),
        ("GET /api/v1/%00/", {}, 404),
        ("GET /api/v1/%zz/", {}, 404),
        ("GET /api/v1/nothing/", {"Host": "evil.example"}, 400),
    ],
)
def test_an_odd_address_is_a_problem_too(web, db, head, headers, status):
    answer = web.send(
        [f"{head} HTTP/1.1\r\nHost: {headers.get('Host', '127.0.0.1')}\r\nConnection: close\r\n\r\n".encode()]
    )

    assert answer
    assert answer.problem[0] == status
