"""Outbound Call > mMarketing: the list of tasks, its filters, its counters and its order."""

import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketing.filters import ORDERS
from marketing.models import MarketingTask
from marketing.states import TaskState
from tenants.scoping import act_for

from . import make
from .pages import text_of

LIST = "marketing:tasks"


def new_task(tenant, **fields) -> MarketingTask:
    with act_for(tenant):
        return make.task(**fields)


def day(number: int) -> datetime:
    return datetime(2026, 12, number, 12, tzinfo=UTC)


def names_of(answer) -> list[str]:
    return [row["task"].name for row in answer.context["tasks"]]


def counts_of(answer) -> dict[str, int]:
    return {one["text"]: one["count"] for one in answer.context["counters"]}


def test_the_list_shows_tasks_and_counts_them_by_state(tenant, administrator):
    new_task(tenant, name="Autumn")
    new_task(tenant, name="Spring", state=TaskState.RUNNING)

    answer = administrator.get(LIST)

    assert counts_of(answer) == {"All tasks": 2, "Draft": 1, "Running": 1, "Suspended": 0, "Completed": 0}
    assert "Autumn" in text_of(answer)
    assert "Recipients can be changed in Draft and Suspended only" in text_of(answer)


def test_the_list_is_filtered_by_state_name_medium_and_type(tenant, administrator):
    new_task(tenant, name="Autumn")
    new_task(tenant, name="Autumn mail", medium="email")
    new_task(tenant, name="Spring", state=TaskState.RUNNING)

    answer = administrator.get(LIST, state="draft", name="autumn", medium="sms", task_type="marketing")

    assert names_of(answer) == ["Autumn"]


@pytest.mark.parametrize(
    ("since", "until", "shown"),
    [
        ("", "", ["Early", "Late"]),
        ("2026-12-10", "", ["Early", "Late"]),  # the day it ends counts
        ("2026-12-11", "", ["Late"]),
        ("", "2026-12-01", ["Early"]),  # the day it begins counts
        ("", "2026-11-30", []),
        ("2026-12-11", "2026-12-19", []),  # between the two
        ("2026-12-09", "2026-12-21", ["Early", "Late"]),
        ("yesterday", "", ["Early", "Late"]),
    ],
)
def test_the_list_is_filtered_by_the_days_on_which_tasks_run(tenant, administrator, since, until, shown):
    new_task(tenant, name="Early", begin_at=day(1), end_at=day(10))
    new_task(tenant, name="Late", begin_at=day(20), end_at=day(30))

    answer = administrator.get(LIST, since=since, until=until, sort="name")

    assert names_of(answer) == shown


def test_the_counters_follow_the_other_filters(tenant, administrator):
    new_task(tenant, name="Autumn")
    new_task(tenant, name="Autumn mail", medium="email", state=TaskState.RUNNING)

    answer = administrator.get(LIST, medium="email", state="draft", sort="name")

    assert counts_of(answer) == {"All tasks": 1, "Draft": 0, "Running": 1, "Suspended": 0, "Completed": 0}
    assert answer.context["counters"][2]["url"] == "?medium=email&sort=name&state=running"


def test_an_unknown_filter_is_no_filter(tenant, administrator):
    new_task(tenant)

    answer = administrator.get(LIST, state="flying", cursor="made-up", sort="luck")

    assert len(answer.context["tasks"]) == 1


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ("-created", "Čapek"),
        ("created", "Bravo"),
        ("name", "Alpha\u3000"),
        ("-name", "Čapek"),
        ("state", "Bravo"),  # Draft, Running, Suspended, Completed
        ("-state", "Alpha\u3000"),
        ("-recipients", "Bravo"),
        ("recipients", "Čapek"),
        ("begin", "Čapek"),
        ("-begin", "Alpha\u3000"),
    ],
)
def test_the_list_is_sorted(tenant, administrator, order, first):
    new_task(tenant, name="Bravo", state=TaskState.DRAFT, recipient_count=9, begin_at=day(2))
    new_task(tenant, name="Alpha\u3000", state=TaskState.COMPLETED, recipient_count=5, begin_at=day(3))
    new_task(tenant, name="Čapek", state=TaskState.SUSPENDED, recipient_count=1, begin_at=day(1))

    assert names_of(administrator.get(LIST, sort=order))[0] == first


@pytest.mark.parametrize("order", ORDERS)
def test_pages_of_every_order_meet_without_gap_or_repetition(tenant, administrator, order):
    states = list(TaskState)
    made = [new_task(tenant, name=f"一 {number:02}\u3000", state=states[number % 4]).pk for number in range(45)]
    seen, cursor = [], ""

    for _ in range(3):
        answer = administrator.get(LIST, sort=order, cursor=cursor)
        seen += [row["task"].pk for row in answer.context["tasks"]]
        cursor = answer.context["page"]["next"].partition("cursor=")[2]
    back = administrator.get(LIST, sort=order, cursor=answer.context["page"]["previous"].partition("cursor=")[2])

    assert (len(seen), set(seen), cursor) == (45, set(made), "")
    assert [row["task"].pk for row in back.context["tasks"]] == seen[20:40]


def test_the_sorted_column_says_so_and_sorts_the_other_way_next(tenant, administrator):
    new_task(tenant)

    html = administrator.get(LIST, sort="name", medium="sms").content.decode()

    assert re.findall(r'aria-sort="(\w+)"', html) == ["ascending"]
    assert 'href="?medium=sms&amp;sort=-name"' in html


def test_the_list_asks_the_database_equally_often_for_one_task_and_for_twenty(tenant, administrator):
    new_task(tenant)
    administrator.get(LIST)
    with CaptureQueriesContext(connection) as for_one:
        administrator.get(LIST)
    for _ in range(19):
        new_task(tenant)

    with CaptureQueriesContext(connection) as for_twenty:
        administrator.get(LIST)

    assert len(for_twenty) == len(for_one)
