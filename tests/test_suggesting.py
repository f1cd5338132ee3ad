"""What the first rows of a file tell of its columns."""

import pytest

from importer.readers.reading import Row
from importer.suggesting import grid_of, suggested

from . import make

ADDED = ["Source row", "Reason code", "Reason"]


def rows_of(*lines: str) -> list[Row]:
    return [Row(number, line.split(","), {}) for number, line in enumerate(lines, start=1)]


@pytest.mark.parametrize(
    ("lines", "recipient", "has_header", "columns"),
    [
        (["plan,Recipient number,name", "Fun,138,Ann"], 2, True, {"name": 3, "plan": 1}),
        (["Name,Tariff,Mobile", "Ann,Fun,13800000001"], 3, True, {"name": 1, "plan": None}),
        (["customer_name,plan 2026,Mobile", "Ann,Fun,13800000001"], 3, True, {"name": None, "plan": 2}),  # the nearest
        (["C1,13800000001,Ann", "C2,13800000002,Bo"], 2, False, {"name": None, "plan": None}),
        (["12345,13800000001,x", "x,13800000002,x"], 2, False, {"name": None, "plan": None}),  # more look like it
        (["a,b", "c,d"], None, True, {"name": None, "plan": None}),
        ([",".join([*ADDED, "plan", "接收人号码", "name"]), "2,x,y,Fun,138,Ann"], 2, True, {"name": 3, "plan": 1}),
        ([], 1, True, {"name": 2, "plan": 3}),  # no file yet
    ],
)
def test_a_rule_is_suggested(acting, lines, recipient, has_header, columns):
    rule = suggested(make.task(body="${name} ${plan}"), rows_of(*lines))

    assert (rule.recipient_column, rule.has_header) == (recipient, has_header)
    assert {one["name"]: one["column"] for one in rule.variables} == columns


def test_an_email_is_looked_for_where_the_task_writes_emails(acting):
    rule = suggested(make.task(medium="email", body="Hi"), rows_of("13800000001,ann@example.com"))

    assert (rule.recipient_column, rule.has_header, rule.variables) == (2, False, [])


def test_the_first_rows_are_shown_in_one_width():
    assert grid_of(rows_of("a", "b,c", "d", "e", "f")) == [["a", ""], ["b", "c"], ["d", ""], ["e", ""]]
    assert grid_of([]) == []
