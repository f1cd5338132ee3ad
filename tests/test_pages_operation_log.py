"""Operation Log, the page and its file: who finds what, in which words, and for how long."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tenants import log_export
from tenants.callers import acting_as, as_actor
from tenants.log_retention import purge_log
from tenants.models import LogEntry, SystemParameter, User
from tenants.operation_log import record
from tenants.parameters import set_parameters
from tenants.scoping import act_for
from tests import caller, make

from .pages import Person, text_of

PAGE, EXPORT = "tenants:operation-log", "tenants:operation-log-export"


@pytest.fixture
def person(tenant) -> Person:
    return Person(tenant.administrator)


@pytest.fixture
def entries(tenant) -> Any:
    """A deed by a person, one refused, one by the console a month ago; and those of making the tenant."""
    with act_for(tenant):
        task = make.task(name="Spring offer")
        with acting_as(as_actor(tenant.administrator, "192.0.2.7")):
            record("task.publish", task, recipients=12345)
            record("task.delete", task, refused="action_state", params={"variant": "delete"})
        record("task.complete", name="=Old task", recipients=3)
        aged("task.complete", timedelta(days=30), object_name="=Old task")
    return task


def aged(action: str, age: timedelta, **fields: Any) -> None:
    LogEntry.objects.create(
        action=action, created_at=timezone.now() - age, actor_role="console", details={"recipients": 3}, **fields
    )


def shown(answer: Any) -> list[str]:
    return [row["entry"].action for row in answer.context["rows"]]


def test_an_entry_says_in_words_who_did_what_from_where_and_with_what_outcome(person, entries):
    text = text_of(person.get(PAGE, name="Spring"))

    assert "Publish marketing task Details Recipients 12,345 Object id" in text
    assert "Delete marketing task" in text
    assert "Refused Only a task in Draft or Completed can be deleted. Complete it first." in text
    assert "demo-administrator Tenant administrator 192.0.2.7" in text


def test_changes_of_parameters_have_the_guides_names(tenant, person):
    with act_for(tenant):
        set_parameters(tenant, {"min_number_length": "7", "begin_digits": "13"})

    text = text_of(person.get(PAGE, action="parameters.change"))

    assert "Minimum length of outbound customer number: 5 → 7" in text
    assert "The begin digits of the customer number: — → 13" in text


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"name": "spring"}, ["task.delete", "task.publish"]),
        ({"name": "spring", "outcome": "refused"}, ["task.delete"]),
        ({"name": "spring", "outcome": "done"}, ["task.publish"]),
        ({"action": "task.publish"}, ["task.publish"]),
        ({"operator": "DEMO-adm"}, ["task.delete", "task.publish"]),
        ({"name": "old", "period": "7"}, ["task.complete"]),
        ({"name": "old", "period": "range"}, ["task.complete", "task.complete"]),
        ({"name": "nobody"}, []),
        ({"action": "no.such", "name": "spring"}, []),
    ],
)
def test_it_is_filtered(person, entries, filters, found):
    assert shown(person.get(PAGE, **filters)) == found


def test_days_are_those_of_the_tenants_time_zone(tenant, person):
    tenant.time_zone = "Asia/Shanghai"
    tenant.save(update_fields=["time_zone"])
    with act_for(tenant):
        LogEntry.objects.create(action="task.complete", created_at=datetime(2026, 3, 1, 17, tzinfo=UTC))

    def count(day: str) -> int:
        return len(shown(person.get(PAGE, period="range", since=day, until=day)))

    assert [count(day) for day in ("2026-03-01", "2026-03-02", "2026-03-03")] == [0, 1, 0]


def test_a_range_that_ends_before_it_begins_is_said(person):
    page = person.get(PAGE, period="range", since="2026-03-02", until="2026-03-01")

    assert "The last day must not be before the first." in text_of(page)


def test_pages_go_by_key_and_keep_the_filters(tenant, person):
    with act_for(tenant):
        for number in range(60):
            record("task.complete", name=f"Task {number}")

    first = person.get(PAGE, action="task.complete")
    second = person.client.get(first.context["next"])

    names = [row["entry"].object_name for row in first.context["rows"] + second.context["rows"]]
    assert names == [f"Task {number}" for number in reversed(range(60))]
    assert "60 entries, latest first" in text_of(second)


def test_a_viewer_sees_no_log(tenant):
    viewer = Person(tenant.viewer)

    assert viewer.get(PAGE).status_code == 403
    assert "Operation Log" not in text_of(viewer.get("marketing:tasks"))


def test_the_file_holds_what_was_filtered_and_no_formula(person, entries):
    answer = person.get(EXPORT, period="range", action="task.complete")

    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert lines[0][:4] == ["Time", "Operation", "Object", "Object id"]
    assert [line[1:3] for line in lines[1:]] == [["Complete marketing task", "'=Old task"]] * 2
    assert lines[1][4:] == ["The console", "", "", "Done", "", "Recipients: 3"]


def test_taking_the_file_is_written_down(tenant, person, entries):
    person.get(EXPORT, action="task.publish")

    with act_for(tenant):
        assert LogEntry.objects.get(action="log.export").details == {"rows": 1}


def test_a_file_that_would_be_too_long_is_refused(person, entries, monkeypatch):
    monkeypatch.setattr(log_export, "MAX_ENTRIES", 1)

    answer = person.client.get("/configuration-center/operation-log/export.csv?name=spring", follow=True)

    assert "A file holds up to 1 entries; these are 2. Choose a shorter period." in text_of(answer)
    assert shown(answer) == ["task.delete", "task.publish"]


def test_the_page_is_chinese_too(person, entries):
    person.client.cookies["language"] = "zh-hans"

    text = text_of(person.get(PAGE))

    assert "操作日志" in text
    assert "发布营销任务" in text


def test_a_system_administrator_sees_what_concerns_no_tenant(tenant):
    root = Person(User.objects.create_superuser("root", make.PASSWORD))
    record("person.sign_in", refused="sign_in_failed")
    with act_for(tenant):
        record("task.complete", name="Of the tenant")

    page = root.get("administration:operation-log")

    assert shown(page) == ["person.sign_in"]
    assert "The user name or the password was not right." in text_of(page)
    assert "Operation Log" in text_of(root.get("importer:home"))
    assert root.get(PAGE).status_code == 403


def test_rest_lists_it_for_a_token_with_its_scope(tenant, entries):
    answer = caller.of(tenant).get("api-operation-log", name="Spring", outcome="refused")

    [entry] = answer.json()["results"]
    assert entry["action"] == "task.delete"
    assert entry["reason"] == "Only a task in Draft or Completed can be deleted. Complete it first."
    assert (entry["operator"], entry["role"], entry["ip_address"]) == (
        "demo-administrator",
        "tenant_administrator",
        "192.0.2.7",
    )


def test_rest_refuses_viewers_and_odd_filters(tenant):
    viewer = caller.Caller(user=tenant.viewer)

    assert viewer.get("api-operation-log").status_code == 403
    assert caller.errors_of(caller.of(tenant).get("api-operation-log", outcome="maybe")) == {
        "outcome": "invalid_choice"
    }


@pytest.mark.parametrize(("days", "left"), [(365, [0, 200]), (100, [0]), (1, [0])])
def test_what_is_kept_no_longer_is_deleted_and_nothing_younger_than_the_floor(tenant, other_tenant, days, left):
    SystemParameter.objects.create(key="log_days", value=str(days))
    for one in (tenant, other_tenant):
        with act_for(one):
            LogEntry.objects.create(action="task.complete", created_at=timezone.now() - timedelta(days=200))
    with act_for(tenant):
        purge_log()
        ages = [(timezone.now() - moment).days for moment in LogEntry.objects.values_list("created_at", flat=True)]
        assert sorted(set(ages)) == left
    with act_for(other_tenant):
        assert LogEntry.objects.filter(action="task.complete").count() == 1


def test_the_systems_own_entries_are_purged_apart(tenant):
    old = timezone.now() - timedelta(days=400)
    LogEntry.objects.create(action="person.sign_in", created_at=old)
    with act_for(tenant):
        LogEntry.objects.create(action="task.complete", created_at=old)

    assert purge_log() == 1

    with act_for(tenant):
        assert LogEntry.objects.filter(created_at=old).count() == 1


def test_a_page_takes_a_fixed_number_of_queries(tenant, person, django_assert_max_num_queries):
    with act_for(tenant):
        for _number in range(50):
            record("task.complete", name="Task")

    with django_assert_max_num_queries(14):
        person.get(PAGE)


def test_a_page_of_the_log_uses_its_index(tenant):
    with act_for(tenant), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        found = LogEntry.objects.filter(created_at__gte=timezone.now()).order_by("-created_at", "-id")[:51]
        assert "tenants_logentry_latest" in found.explain()
