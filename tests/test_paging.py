"""Pages by key: complete, in order, both ways, whatever the cursor."""

from base64 import urlsafe_b64encode

import pytest

from marketing.models import MessageTemplate
from tenants.paging import page_of

from . import make

ORDER = ("name",)
NESTED = "n" + urlsafe_b64encode(b"[" * 100_000).decode()


@pytest.fixture
def names(acting) -> list[str]:
    made = [f"Template ~{number:02}" for number in range(7)]
    for name in made:
        make.template(name=name)
    return made


def page(cursor: str = ""):
    return page_of(MessageTemplate.objects.all(), order=ORDER, cursor=cursor, size=3)


def shown(page) -> list[str]:
    return [row.name for row in page.rows]


def test_pages_forwards_and_backwards_are_the_same(names):
    first = page()
    second = page(first.next)
    third = page(second.next)
    back = page(third.previous)

    assert [shown(one) for one in (first, second, third)] == [names[:3], names[3:6], names[6:]]
    assert shown(back) == names[3:6]
    assert shown(page(back.previous)) == names[:3]


def test_the_first_page_has_no_previous_and_the_last_no_next(names):
    first = page()
    last = page(page(first.next).next)

    assert (first.previous, last.next) == ("", "")
    assert page(page(first.next).previous).previous == ""


@pytest.mark.parametrize("cursor", ["", "x", "n", "n!!", "nAAAA", "n" + "A" * 500, "pfn5+", "n\udcff", NESTED])
def test_a_cursor_that_nobody_gave_out_is_the_first_page(names, cursor):
    assert shown(page(cursor)) == names[:3]


def test_an_empty_list_has_one_empty_page(acting):
    assert (page().rows, page().previous, page().next) == ([], "", "")
