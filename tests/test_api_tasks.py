"""REST: tasks from Draft to Completed."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from marketing.models import MarketingTask
from marketing.states import TaskState, TaskType
from tenants.scoping import act_for

from . import caller, make
from .caller import code_of, errors_of

BEGIN, END = "2026-05-01T09:00:00+08:00", "2026-05-31T18:00:00+08:00"


@pytest.fixture
def api(tenant):
    return caller.of(tenant)


@pytest.fixture
def template(tenant):
    with act_for(tenant):
        return make.template("Dear ${name}, until ${date}.", defaults={"name": "customer"})


@pytest.fixture
def task(tenant):
    with act_for(tenant):
        return make.task()


def changed(task: MarketingTask, **fields) -> MarketingTask:
    with act_for(task.tenant_id):
        MarketingTask.objects.filter(pk=task.pk).update(**fields)
    return task


def test_a_task_is_created_as_a_draft(api, tenant, template):
    body = {
        "name": "Renewal of May",
        "medium": "sms",
        "template": str(template.pk),
        "description": "Annual",
        "begin_at": BEGIN,
        "end_at": END,
        "windows": [{"from": "09:00", "to": "12:00"}, {"from": "14:00", "to": "18:00"}],
        "special_dates": ["2026-05-01"],
    }

    answer = api.post("api-tasks", body=body)

    assert answer.status_code == 201, answer.content
    created = answer.json()
    assert answer["Location"] == f"http://testserver/api/v1/marketing-tasks/{created['id']}/"
    assert {name: created[name] for name in body if not name.endswith("_at")} == {
        name: value for name, value in body.items() if not name.endswith("_at")
    }
    assert parse_datetime(created["begin_at"]) == parse_datetime(BEGIN)
    assert (created["task_type"], created["state"], created["recipient_count"]) == ("marketing", "draft", 0)
    assert created["variables"] == [{"name": "name", "default": "customer"}, {"name": "date", "default": None}]
    with act_for(tenant):
        assert MarketingTask.objects.get().created_by == tenant.client
    assert api.get("api-task", created["id"]).json() == created


def test_its_fields_are_these(api, task):
    assert list(api.get("api-task", task.pk).json()) == [
        "id", "name", "task_type", "medium", "care_scenario", "template", "variables", "description", "begin_at",
        "end_at", "windows", "special_dates", "state", "recipient_count", "created_at", "updated_at",
    ]  # fmt: skip


def test_without_times_it_goes_from_now_for_thirty_days(api, template):
    created = api.post("api-tasks", body={"name": "Now", "medium": "sms", "template": str(template.pk)}).json()

    begin, end = parse_datetime(created["begin_at"]), parse_datetime(created["end_at"])
    assert abs(begin - timezone.now()) < timedelta(minutes=1)
    assert end - begin == timedelta(days=30)


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"name": None}, {"name": "null"}),
        ({"name": "  "}, {"name": "blank"}),
        ({"name": "x" * 101}, {"name": "max_length"}),
        ({"name": 5}, {"name": "text"}),
        ({"name": True}, {"name": "text"}),
        ({"name": ["a"]}, {"name": "text"}),
        ({"medium": "fax"}, {"medium": "invalid_choice"}),
        ({"medium": "SMS"}, {"medium": "invalid_choice"}),
        ({"medium": ["sms"]}, {"medium": "invalid_choice"}),
        ({"medium": "email"}, {"template": "template_medium"}),
        ({"medium": "whatsapp"}, {"medium": "feature_off"}),
        ({"task_type": "care"}, {"medium": "feature_off"}),
        ({"care_scenario": "voice"}, {"care_scenario": "care_scenario"}),
        ({"template": "x"}, {"template": "format"}),
        ({"template": 1}, {"template": "format"}),
        ({"template": str(uuid4())}, {"template": "template_unknown"}),
        ({"description": "a = b"}, {"description": "description_characters"}),
        ({"begin_at": END, "end_at": BEGIN}, {"end_at": "period"}),
        ({"begin_at": "tomorrow"}, {"begin_at": "format"}),
        ({"windows": [{"from": "09:00"}]}, {"windows.0.to": "required"}),
        ({"windows": [{"from": "9:00", "to": "18:00"}]}, {"windows": "window_time"}),
        ({"windows": [{"from": "18:00", "to": "09:00"}]}, {"windows": "window_time"}),
        ({"windows": [{"from": "09:00", "to": "24:00"}]}, {"windows": "window_time"}),
        (
            {"windows": [{"from": "13:00", "to": "18:00"}, {"from": "09:00", "to": "13:01"}]},
            {"windows": "window_overlap"},
        ),
        ({"windows": [{"from": f"0{n}:00", "to": f"0{n}:30"} for n in range(4)]}, {"windows": "window_count"}),
        ({"windows": "09:00"}, {"windows": "not_a_list"}),
        ({"special_dates": ["2026-02-30"]}, {"special_dates": "special_date"}),
        ({"special_dates": ["20260220"]}, {"special_dates": "special_date"}),
        ({"special_dates": ["2026-02-20"] * 51}, {"special_dates": "special_date_count"}),
        # mass assignment: what is not the caller's to set is not a field
        ({"state": "running"}, {"state": "unknown_field"}),
        ({"tenant_id": str(uuid4())}, {"tenant_id": "unknown_field"}),
        ({"created_by": 1, "recipient_count": 5}, {"created_by": "unknown_field", "recipient_count": "unknown_field"}),
        ({"id": str(uuid4()), "name": 5}, {"id": "unknown_field", "name": "text"}),
    ],
)
def test_a_value_is_refused_by_its_name(api, tenant, template, change, errors):
    good = {"name": "May", "medium": "sms", "template": str(template.pk)}

    refused = errors_of(api.post("api-tasks", body=good | change))

    assert refused == errors
    with act_for(tenant):
        assert not MarketingTask.objects.exists()


def test_a_name_is_taken_once(api, task, template):
    body = {"name": task.name, "medium": "sms", "template": str(template.pk)}

    assert errors_of(api.post("api-tasks", body=body)) == {"name": "name_taken"}


def test_a_template_of_another_tenant_is_unknown(api, other_tenant):
    with act_for(other_tenant):
        foreign = make.template()

    body = {"name": "May", "medium": "sms", "template": str(foreign.pk)}

    assert errors_of(api.post("api-tasks", body=body)) == {"template": "template_unknown"}


def test_what_is_not_named_stays(api, task):
    answer = api.patch("api-task", task.pk, body={"description": "New"})

    assert answer.status_code == 200
    assert (answer.json()["description"], answer.json()["name"]) == ("New", task.name)
    assert api.get("api-task", task.pk).json() == answer.json()


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"windows": [{"from": "09:00"}]}, {"windows.0.to": "required"}),
        ({"windows": [{}]}, {"windows.0.from": "required", "windows.0.to": "required"}),
        ({"name": None}, {"name": "null"}),
        ({"medium": "email"}, {"template": "template_medium"}),
    ],
)
def test_a_change_is_judged_like_a_new_one(api, task, body, errors):
    assert errors_of(api.patch("api-task", task.pk, body=body)) == errors


def test_a_running_task_is_not_edited(api, task):
    changed(task, state=TaskState.RUNNING)

    assert code_of(api.patch("api-task", task.pk, body={"name": "New"})) == (409, "action_state")


def test_a_task_with_recipients_keeps_its_medium(api, tenant, task):
    with act_for(tenant):
        email = make.template("Dear ${name}", medium="email")
    changed(task, recipient_count=1)

    refused = api.patch("api-task", task.pk, body={"medium": "email", "template": str(email.pk)})

    assert errors_of(refused) == {"medium": "medium_changed"}


def test_a_task_lives_through_its_states(api, task):
    changed(task, recipient_count=1)

    seen = [
        api.post(f"api-task-{action}", task.pk).json()["state"]
        for action in ("publish", "suspend", "resume", "complete")
    ]

    assert seen == ["running", "suspended", "running", "completed"]
    assert api.delete("api-task", task.pk).status_code == 204
    assert code_of(api.get("api-task", task.pk)) == (404, "not_found")


@pytest.mark.parametrize(
    ("fields", "action", "code"),
    [
        ({}, "publish", "no_recipients"),
        ({}, "suspend", "action_state"),
        ({"state": "completed"}, "resume", "action_state"),
        ({"state": "draft"}, "complete", "action_state"),
        ({"recipient_count": 1, "end_at": "2001-01-02T00:00Z", "begin_at": "2001-01-01T00:00Z"}, "publish",
         "period_over"),
    ],
)  # fmt: skip
def test_a_move_that_is_not_possible_says_why(api, task, fields, action, code):
    changed(task, **fields)

    assert code_of(api.post(f"api-task-{action}", task.pk)) == (409, code)
    assert api.get("api-task", task.pk).json()["state"] == fields.get("state", "draft")


def test_one_care_task_of_a_scenario_is_published(api, tenant):
    with act_for(tenant):
        tenant.smartcare = True
        tenant.save(update_fields=["smartcare"])
        first, second = (make.task(task_type=TaskType.CARE, care_scenario="voice") for _ in range(2))

    assert api.post("api-task-publish", first.pk).status_code == 200
    assert code_of(api.post("api-task-publish", second.pk)) == (409, "care_published")


def test_a_running_task_is_not_deleted(api, task):
    changed(task, state=TaskState.RUNNING)

    assert code_of(api.delete("api-task", task.pk)) == (409, "action_state")


def test_the_list_pages_by_key_the_latest_first(api, tenant):
    with act_for(tenant):
        names = [make.task(name=f"Task {number}").name for number in range(5)]

    first = api.get("api-tasks", limit=2).json()
    second = api.client.get(first["next"], headers=api.headers).json()
    third = api.client.get(second["next"], headers=api.headers).json()

    assert [[one["name"] for one in page["results"]] for page in (first, second, third)] == [
        ["Task 4", "Task 3"], ["Task 2", "Task 1"], ["Task 0"],
    ]  # fmt: skip
    assert (first["previous"], third["next"]) == (None, None)
    assert api.client.get(second["previous"], headers=api.headers).json()["results"] == first["results"]
    assert len(names) == 5


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"state": "running"}, ["Running"]),
        ({"medium": "email"}, ["Email"]),
        ({"task_type": "care"}, []),
        ({"name": "nn"}, ["Running"]),
        ({"name": "", "state": "draft", "medium": "email"}, ["Email"]),
    ],
)
def test_the_list_is_filtered(api, tenant, query, names):
    with act_for(tenant):
        make.task(name="Running", state=TaskState.RUNNING)
        make.task(name="Email", medium="email")

    query = {name: value for name, value in query.items() if value}
    assert [one["name"] for one in api.get("api-tasks", **query).json()["results"]] == names


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ({"state": "Running"}, {"state": "invalid_choice"}),
        ({"stat": "running"}, {"stat": "unknown_field"}),
        ({"limit": "101"}, {"limit": "limit"}),
        ({"limit": "0"}, {"limit": "limit"}),
        ({"limit": "ten"}, {"limit": "limit"}),
        ({"limit": "²"}, {"limit": "limit"}),
        ({"limit": f"{1:09}{1_000}"}, {"limit": "limit"}),  # the first digits alone would do
        ({"limit": f"{1:09}{'0' * 2_000}"}, {"limit": "limit"}),
        ({"cursor": "made-up"}, {"cursor": "cursor"}),
        ({"cursor": "cD1hYmM="}, {"cursor": "cursor"}),  # p=abc, no time
    ],
)
def test_a_filter_that_is_not_understood_is_refused(api, query, errors):
    assert errors_of(api.get("api-tasks", **query)) == errors


def test_a_list_costs_the_same_queries_whatever_its_length(api, tenant):
    def queries(count: int) -> int:
        with act_for(tenant):
            for _ in range(count):
                make.task()
        with CaptureQueriesContext(connection) as captured:
            assert api.get("api-tasks").status_code == 200
        return len(captured)

    api.get("api-tasks")  # the token's first use of the minute is written down

    assert queries(1) == queries(4)
