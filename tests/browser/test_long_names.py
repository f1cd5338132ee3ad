"""Names as long as they may be, without a blank: no page is pushed out of its window, on a desk or on a phone."""

import pytest

from .conftest import Walk
from .visits import DESK, PHONE, TOO_WIDE

LONG = "W" * 100
ROWS = [{"address": "13800000001", "variables": {LONG: "x"}}, {"address": "12", "variables": {LONG: "x" * 400}}]
FREE = ".table-responsive, .tabs, .counters, .crumbs, .visually-hidden"  # scrolls, or cuts what is too long
OUTSIDE = """free => [...document.querySelectorAll("main *, [role=alertdialog] *")].filter((one) => {
  const holder = one.closest(".modal-content, .card, .notice, .wrap"), box = one.getBoundingClientRect();
  const isFree = !holder || holder === one || one.closest(free);
  return !isFree && box.width && box.right > holder.getBoundingClientRect().right + 1;
}).map((one) => one.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def paths(console) -> list[str]:
    """Make a template, a task with an import, and a rule with such names; return where they are shown."""
    template = made(console, "message-templates/", {"name": LONG, "medium": "sms", "body": f"${{{LONG}}}"})
    task = made(console, "marketing-tasks/", {"name": LONG, "medium": "sms", "template": template, "description": LONG})
    batch = made(console, f"marketing-tasks/{task}/imports/", {"rows": ROWS})
    rule = made(console, "mapping-rules/", {"name": LONG, "description": LONG, "recipient_column": 1})
    home = f"/outbound-call/mmarketing/{task}/"
    return [
        "/",
        "/outbound-call/mmarketing/",
        *(home + rest for rest in ("", "edit/", "recipients/", "recipients/add/", "import/", "delete/", "imports/")),
        *(f"{home}imports/{batch}/{rest}" for rest in ("", "failed-rows/")),
        "/configuration-center/notification-template/",
        f"/configuration-center/notification-template/{template}/",
        "/configuration-center/mapping-rule/",
        f"/configuration-center/mapping-rule/{rule}/",
        "/configuration-center/operation-log/",
        "/configuration-center/webhooks/create/",
    ]


def made(console, path: str, body: dict) -> str:
    return console.call("POST", f"/api/v1/{path}", body)[1]["id"]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_long_name_stays_in_its_place(walk: Walk, paths, size):
    walk.sign_in()
    walk.page.set_viewport_size(size)
    found = {}
    for path in paths:
        walk.go(path)
        found[path] = walk.page.evaluate(OUTSIDE, FREE) + (["the page"] if walk.page.evaluate(TOO_WIDE) else [])

    assert {path: outside for path, outside in found.items() if outside} == {}


def test_a_question_about_a_long_name_stays_in_its_dialog(walk: Walk, paths):
    walk.sign_in()
    walk.go(paths[2])
    walk.page.get_by_role("link", name="Delete").click()
    walk.page.get_by_role("alertdialog").wait_for()

    assert walk.page.evaluate(OUTSIDE, FREE) == []
