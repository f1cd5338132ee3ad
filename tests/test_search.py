"""Searching recipients: what is found, in which order, and that every way is a range of an index."""

import pytest
from django.db import connection

from marketing import intake
from marketing.intake import Incoming
from marketing.models import Recipient
from marketing.rules import Draft
from marketing.search import Search, find
from tenants import paging
from tenants.paging import count_text

from . import make

ADDRESSES = ("+8613800000112", "+8613800000212", "+8615900000345", "13800000912", "+13855550112")


@pytest.fixture
def task(acting):
    made = make.task()
    with intake.lock(made.pk) as locked:
        intake.admit_many(
            locked, Incoming.of({row: Draft(one, {}) for row, one in enumerate(ADDRESSES, 2)}), origin=None
        )
    return made


@pytest.fixture
def batch(task):
    return make.batch(task, [["1", "Ann"]])


def found(task, **searched) -> list[str]:
    one = find(task, Search(**searched), area_code="86")
    page = [recipient.address for recipient in one.page("").rows]
    assert (len(page), set(page)) == (one.count(), set(one.all().values_list("address", flat=True)))
    return page


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("138", ["+13855550112", "+8613800000112", "+8613800000212", "13800000912"]),  # as stored, abroad, national
        ("+86138", ["+8613800000112", "+8613800000212"]),
        ("+", ["+13855550112", "+8613800000112", "+8613800000212", "+8615900000345"]),  # of two ranges one is enough
        ("86 138-0000-0112", ["+8613800000112"]),
        ("9", []),
    ],
)
def test_a_begin_is_found_in_the_order_of_addresses(task, text, addresses):
    assert found(task, text=text) == addresses


def test_an_end_is_found_in_the_order_of_the_digits_before_it(task):
    assert found(task, text="112", is_ending=True) == ["+8613800000112", "+13855550112"]


@pytest.mark.parametrize("text", ["%", "_", "\\", "1%2", "é", "\U0010ffff"])
def test_no_character_has_a_meaning_of_its_own(task, text):
    assert found(task, text=text) == found(task, text=text, is_ending=True) == []


def test_without_a_text_the_latest_come_first(task):
    assert found(task) == sorted(ADDRESSES, reverse=True)  # they came in the order of addresses


def test_an_origin_and_a_text_are_searched_together(task, batch):
    task.recipients.filter(address__in=ADDRESSES[:2]).update(origin=batch.pk)

    assert found(task, origin=batch.pk, text="0212", is_ending=True) == ["+8613800000212"]
    assert found(task, by_person=True, text="+86") == ["+8615900000345"]
    assert found(task, origin=batch.pk) == ["+8613800000212", "+8613800000112"]


def test_pages_of_several_ranges_are_one_list_both_ways(task, monkeypatch):
    with intake.lock(task.pk) as locked:
        drafts = {row: Draft(f"{begin}1380001{row:04}", {}) for row, begin in enumerate(["", "+86", "+"] * 20)}
        intake.admit_many(locked, Incoming.of(drafts), origin=None)
    one = find(task, Search(text="1380001"), area_code="86")
    whole = sorted(one.all().values_list("address", flat=True))

    first = one.page("")
    second = one.page(first.next)
    third = one.page(second.next)
    back = one.page(third.previous)

    shown = [recipient.address for page in (first, second, third) for recipient in page.rows]
    assert shown == whole
    assert (third.next, back.rows) == ("", second.rows)


def test_many_are_counted_so_far_and_deleted_to_the_last_one(task, monkeypatch):
    monkeypatch.setattr(paging, "COUNTED", 3)

    everybody = find(task, Search())

    assert (everybody.count(), count_text(everybody.count()), everybody.all().count()) == (4, "3+", 5)
    assert count_text(3) == "3"


@pytest.mark.parametrize(
    ("is_ending", "index", "condition"),
    [
        (False, "marketing_recipient_address", "(address)::text >= '+12'"),
        (True, "marketing_recipient_endings", "(ending)::text >= '21'"),
    ],
)
def test_row_level_security_leaves_both_ends_their_index(task, is_ending, index, condition):
    """LIKE would stand below "Filter": it is not leakproof, so the policy is asked first, row by row."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")

    plan = find(task, Search("12", is_ending=is_ending)).first(21).explain(costs=False)

    assert f"using {index}" in plan
    assert any("Index Cond:" in line and condition in line for line in plan.splitlines()), plan


def test_the_latest_have_an_index_that_nothing_else_takes(task):
    """Statistics that know nothing of a new task make all indexes look alike, whatever an address needs."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")

    assert "using marketing_recipient_newest" in find(task, Search()).first(21).explain(costs=False)
    assert "using marketing_recipient_address" in task.recipients.filter(address="+1").explain(costs=False)
    assert all(index.condition for index in Recipient._meta.indexes)
