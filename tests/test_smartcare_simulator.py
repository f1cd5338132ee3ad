"""The simulator speaks docs/smartcare-interface.md, and its faults are the scripted ones."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError

from importer.smartcare.simulator.authority import Authority
from importer.smartcare.simulator.customers import Customers
from importer.smartcare.simulator.faults import FAULTS
from importer.smartcare.simulator.server import QUERY_PATH, TOKEN_PATH, Simulator
from tenants.outbound.http import Answer, Call, Limits, send
from tenants.outbound.tls import Tls
from tenants.outbound.trust import Destination

DAY = date(2026, 11, 21)
QUERY = {"businessDate": "2026-11-21", "beginTime": 1, "endTime": 9, "scene": "voice", "pageNo": 1, "pageSize": 100}
PATIENT, QUICK = Limits(), Limits(read_seconds=1, total_seconds=2)


@pytest.fixture
def smartcare():
    with Simulator(Customers(voice=250, data=100)) as simulator:
        yield simulator


def post(smartcare: Simulator, path: str, body: dict, limits: Limits = PATIENT, **headers: str) -> Answer:
    destination = Destination("127.0.0.1", smartcare.port, ("127.0.0.1",))
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    tls = Tls(smartcare.authority.certificate)
    return send(destination, Call("POST", path, sent, json.dumps(body).encode()), tls=tls, limits=limits)


def query(smartcare: Simulator, limits: Limits = PATIENT, **changes) -> Answer:
    answer = post(smartcare, TOKEN_PATH, {"app_key": smartcare.app_id, "app_secret": smartcare.app_secret})
    token = json.loads(answer.body)["access_token"]
    headers = {"X_APP_Key": smartcare.app_id, "Authorization": f"Bearer {token}"}
    return post(smartcare, QUERY_PATH, QUERY | changes, limits, **headers)


def test_a_day_is_read_page_by_page(smartcare):
    pages = [json.loads(query(smartcare, pageNo=number).body) for number in (1, 2, 3, 4)]

    total = pages[0]["total"]
    assert {page["total"] for page in pages} == {total}
    assert sum(len(page["data"]) for page in pages) == total
    assert {one["scene"] for page in pages for one in page["data"]} == {"voice"}


def test_the_same_day_is_the_same_list():
    customers = Customers()

    assert customers.of(DAY, "voice", 1, 9) == customers.of(DAY, "voice", 1, 9)
    assert customers.of(DAY, "voice", 1, 9) != customers.of(date(2026, 11, 20), "voice", 1, 9)


def test_nobody_reads_without_the_secret_or_with_another_token(smartcare):
    wrong = post(smartcare, TOKEN_PATH, {"app_key": smartcare.app_id, "app_secret": "wrong"})
    unknown = post(smartcare, QUERY_PATH, QUERY, X_APP_Key=smartcare.app_id, Authorization="Bearer x")

    assert (wrong.status, unknown.status) == (401, 401)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("slow", "http_timeout"),
        ("drip", "http_timeout"),
        ("oversized", "http_too_large"),
        ("endless", "http_too_large"),
        ("gzip_bomb", "http_encoding"),
        ("huge_headers", "http_headers"),
        ("redirect", "http_redirect"),
        ("cut", "http_cut"),
    ],
)
def test_a_fault_of_the_wire_is_answered_once_and_then_all_is_well(smartcare, fault, code):
    smartcare.script([fault])

    with pytest.raises(ValidationError) as refused:
        query(smartcare, QUICK if code == "http_timeout" else PATIENT)

    assert refused.value.code == code
    assert query(smartcare).status == 200


@pytest.mark.parametrize(("fault", "status"), [("401", 401), ("429", 429), ("500", 500)])
def test_a_fault_is_a_status(smartcare, fault, status):
    smartcare.script([fault], retry_after="7")

    answer = query(smartcare)

    assert answer.status == status
    assert answer.headers.get("retry-after") == ("7" if fault == "429" else None)


def test_its_authority_is_kept(tmp_path):
    first, second = Authority.kept_in(tmp_path), Authority.kept_in(tmp_path)

    assert first.certificate == second.certificate == (tmp_path / "ca.pem").read_text()
    assert (tmp_path / "ca-key.pem").stat().st_mode & 0o077 == 0
    with Simulator(authority=second, issued=first.issue("127.0.0.1")) as smartcare:
        assert query(smartcare).status == 200


def test_the_page_names_every_fault():
    page = Path(settings.BASE_DIR, "docs", "smartcare-interface.md").read_text()

    assert [fault for fault in FAULTS if not re.search(rf"\b{fault}\b", page)] == []
