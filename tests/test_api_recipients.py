"""REST: recipients of a task, one by one and many at once."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketing.models import MarketingTask, OptOut
from marketing.states import TaskState, TaskType
from tenants.scoping import act_for

from . import caller, make
from .caller import Caller, code_of, errors_of

ANN, BO, CAI = (f"+861380000000{digit}" for digit in (1, 2, 3))


@pytest.fixture
def api(tenant):
    return caller.of(tenant)


@pytest.fixture
def task(tenant):
    with act_for(tenant):
        return make.task(body="Dear ${name}, until ${date}", defaults={"date": "31 May"})


@pytest.fixture
def ann(tenant, task):
    with act_for(tenant):
        MarketingTask.objects.filter(pk=task.pk).update(recipient_count=1)
        return task.recipients.create(address=ANN, variables={"name": "Ann", "date": "1 May"})


def count_of(task) -> tuple[int, int]:
    """Return what the task says, and what is there."""
    with act_for(task.tenant_id):
        task.refresh_from_db()
        return task.recipient_count, task.recipients.count()


def test_a_recipient_is_added_as_it_is_stored(api, task):
    answer = api.post("api-recipients", task.pk, body={"address": "138 0000 0001", "variables": {"name": "Ann"}})

    assert answer.status_code == 201, answer.content
    created = answer.json()
    assert list(created) == ["id", "address", "variables", "origin", "origin_row", "added_by", "created_at"]
    assert (created["address"], created["variables"]) == (ANN, {"name": "Ann", "date": "31 May"})
    assert (created["origin"], created["origin_row"], created["added_by"]) == (None, None, "Demo Telecom CRM")
    assert answer["Location"].endswith(f"/marketing-tasks/{task.pk}/recipients/{created['id']}/")
    assert api.get("api-recipient", task.pk, created["id"]).json() == created
    assert count_of(task) == (1, 1)


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"variables": {"name": "Ann"}}, {"address": "required"}),
        ({"address": 13800000001, "variables": {"name": "Ann"}}, {"address": "text"}),
        ({"address": "", "variables": {"name": "Ann"}}, {"address": "number_missing"}),
        ({"address": "138x", "variables": {}}, {"address": "number_characters", "name": "variable_missing"}),
        ({"address": BO, "variables": {"name": 5}}, {"name": "variable_type"}),
        ({"address": BO, "variables": {"name": None}}, {"name": "variable_type"}),
        ({"address": BO, "variables": {"name": "B", "Name": "b"}}, {"Name": "variable_unknown"}),
        ({"address": BO, "variables": ["name"]}, {"variables": "not_a_dict"}),
        ({"address": ANN, "variables": {"name": "Ann"}}, {"address": "duplicate"}),
        ({"address": CAI, "variables": {"name": "Cai"}}, {"address": "suppressed"}),
        ({"address": BO, "variables": {"name": "Bo"}, "origin": str(uuid4())}, {"origin": "unknown_field"}),
    ],
)
def test_a_recipient_is_refused_by_what_is_wrong(api, tenant, task, ann, body, errors):
    with act_for(tenant):
        OptOut.objects.create(medium="sms", address=CAI)

    assert errors_of(api.post("api-recipients", task.pk, body=body)) == errors
    assert count_of(task) == (1, 1)


def test_a_change_keeps_what_it_does_not_name(api, task, ann):
    answer = api.patch("api-recipient", task.pk, ann.pk, body={"variables": {"name": "Anna"}})

    assert (answer.status_code, answer.json()["address"]) == (200, ANN)
    assert answer.json()["variables"] == {"name": "Anna", "date": "1 May"}
    assert api.patch("api-recipient", task.pk, ann.pk, body={"address": BO}).json()["address"] == BO


def test_a_change_is_judged_like_a_new_one(api, tenant, task, ann):
    with act_for(tenant):
        task.recipients.create(address=BO, variables={"name": "Bo", "date": ""})

    assert errors_of(api.patch("api-recipient", task.pk, ann.pk, body={"address": BO})) == {"address": "duplicate"}
    assert errors_of(api.patch("api-recipient", task.pk, ann.pk, body={"variables": {"name": ""}})) == {
        "name": "variable_missing"
    }
    assert api.get("api-recipient", task.pk, ann.pk).json()["address"] == ANN


def test_a_recipient_is_deleted_once(api, task, ann):
    assert api.delete("api-recipient", task.pk, ann.pk).status_code == 204
    assert code_of(api.delete("api-recipient", task.pk, ann.pk)) == (404, "not_found")
    assert count_of(task) == (0, 0)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"state": TaskState.RUNNING}, "task_state"),
        ({"state": TaskState.COMPLETED}, "task_state"),
        ({"task_type": TaskType.CARE, "care_scenario": "voice"}, "care_task"),
    ],
)
def test_a_closed_task_takes_nobody(api, tenant, task, fields, code):
    with act_for(tenant):
        MarketingTask.objects.filter(pk=task.pk).update(**fields)
    body = {"address": BO, "variables": {"name": "Bo"}}

    assert code_of(api.post("api-recipients", task.pk, body=body)) == (409, code)
    assert code_of(api.post("api-recipients-batch", task.pk, body={"recipients": [body]})) == (409, code)
    assert count_of(task) == (0, 0)


def test_each_of_a_batch_has_an_outcome_of_its_own(api, tenant, task, ann):
    with act_for(tenant):
        OptOut.objects.create(medium="sms", address=CAI)
    rows = [
        {"address": "138-0000-0002", "variables": {"name": "Bo"}},
        {"address": ANN, "variables": {"name": "Ann"}},
        {"address": CAI, "variables": {"name": "Cai"}},
        {"address": "12", "variables": {"nickname": "x"}},
        {"address": BO, "variables": {"name": "Bo again"}},
    ]

    answer = api.post("api-recipients-batch", task.pk, body={"recipients": rows})

    assert answer.status_code == 200, answer.content
    assert answer.json()["counts"] == {"total": 5, "created": 1, "duplicate": 2, "failed": 1, "suppressed": 1}
    results = answer.json()["results"]
    assert [(one["index"], one["outcome"], one["code"], one["address"]) for one in results] == [
        (0, "created", None, BO),
        (1, "duplicate", "duplicate", ANN),
        (2, "suppressed", "suppressed", CAI),
        (3, "failed", "number_length", "12"),
        (4, "duplicate", "duplicate", BO),
    ]
    assert {name: faults[0]["code"] for name, faults in results[3]["errors"].items()} == {
        "address": "number_length", "name": "variable_missing", "nickname": "variable_unknown",
    }  # fmt: skip
    assert results[3]["detail"] == results[3]["errors"]["address"][0]["detail"]
    created = api.get("api-recipient", task.pk, results[0]["id"]).json()
    assert (created["address"], created["variables"]["name"], created["origin_row"]) == (BO, "Bo", None)
    assert count_of(task) == (2, 2)


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"recipients": "required"}),
        ({"recipients": []}, {"recipients": "min_length"}),
        ({"recipients": {}}, {"recipients": "not_a_list"}),
        ({"recipients": [{"address": BO}] * 1_001}, {"recipients": "max_length"}),
        ({"recipients": [{"address": BO}, "Ann"]}, {"recipients.1": "format"}),
        ({"recipients": [{"address": BO}, {"address": True}]}, {"recipients.1.address": "text"}),
        ({"recipients": [{"address": BO, "task": "x"}]}, {"recipients.0.task": "unknown_field"}),
        ([{"address": BO}], {"non_field_errors": "format"}),
    ],
)
def test_a_batch_that_is_none_is_refused_whole(api, task, body, errors):
    assert errors_of(api.post("api-recipients-batch", task.pk, body=body)) == errors
    assert count_of(task) == (0, 0)


def test_a_batch_costs_the_same_queries_whatever_its_size(api, task):
    def queries(first: int, count: int) -> int:
        rows = [{"address": f"138{number:08}", "variables": {"name": "A"}} for number in range(first, first + count)]
        with CaptureQueriesContext(connection) as captured:
            answer = api.post("api-recipients-batch", task.pk, body={"recipients": rows})
        assert answer.json()["counts"]["created"] == count
        return len(captured)

    api.get("api-tasks")  # the token's first use of the minute is written down

    assert queries(0, 2) == queries(100, 1_000)


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("+86138", [CAI, BO, ANN]),
        ("8613800000002", [BO]),
        (" 86138", [CAI, BO, ANN]),
        ("138", [CAI, BO, ANN]),
        ("139", []),
        ("%", []),
    ],
)
def test_recipients_are_found_by_how_their_address_begins(api, tenant, task, ann, address, found):
    with act_for(tenant):
        for other in (BO, CAI):
            task.recipients.create(address=other)

    answer = api.get("api-recipients", task.pk, address=address)

    assert [one["address"] for one in answer.json()["results"]] == found


def test_recipients_are_found_by_the_import_that_brought_them(api, tenant, task, ann):
    origin = uuid4()
    with act_for(tenant):
        task.recipients.create(address=BO, origin=origin, origin_row=2)

    (found,) = api.get("api-recipients", task.pk, origin=origin).json()["results"]

    assert (found["address"], found["origin"], found["origin_row"]) == (BO, str(origin), 2)


def test_the_list_costs_the_same_queries_whatever_its_length(api, tenant, task, ann):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert api.get("api-recipients", task.pk).status_code == 200
        return len(captured)

    api.get("api-tasks")  # the token's first use of the minute is written down
    few = queries()
    with act_for(tenant):
        for number in range(60):
            task.recipients.create(address=f"+86139{number:08}")

    assert queries() == few


def test_a_viewer_sees_addresses_masked_and_cannot_find_them_out(tenant, task, ann):
    viewer = Caller(user=tenant.viewer)

    (shown,) = viewer.get("api-recipients", task.pk).json()["results"]

    assert shown["address"] == "+86138****0001"
    assert viewer.get("api-recipient", task.pk, ann.pk).json()["address"] == "+86138****0001"
    assert errors_of(viewer.get("api-recipients", task.pk, address="+861380000")) == {"address": "address_hidden"}
    assert code_of(viewer.delete("api-recipient", task.pk, ann.pk)) == (403, "permission_denied")
