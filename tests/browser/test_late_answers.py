"""What is asked again before it was answered, what is gone by then, and what is not answered at all."""

from pathlib import Path

from playwright.sync_api import Locator, Page, Route, expect

TASKS = "/outbound-call/mmarketing/"
DRAFT = "Prepaid top-up reminder"


def held_back(page: Page, address: str) -> list[Route]:
    """Return the requests to `address`, which wait until they are let go."""
    held: list[Route] = []
    page.route(address, lambda route: held.append(route))
    return held


def let_go(page: Page, held: list[Route]) -> None:
    """Let the request go that waits, as soon as there is one."""
    while not held:
        page.wait_for_timeout(20)
    with page.expect_response(held[0].request.url):
        held.pop(0).continue_()


def dialog_of(page: Page, operation: str) -> Locator:
    page.get_by_role("row").filter(has_text=DRAFT).get_by_role("link", name=operation).click()
    return page.get_by_role("dialog")


def test_the_check_of_the_file_chosen_last_counts(walk, good_file: Path, tmp_path: Path):
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("recipient_number,Name\n13800001201,Li\n")
    walk.sign_in()
    walk.go(TASKS)
    page = walk.page
    dialog = dialog_of(page, "Import Data")
    held = held_back(page, "**/import/check/")

    page.set_input_files("#import-file", good_file)
    page.set_input_files("#import-file", wrong)  # while the first is still being checked
    let_go(page, held)
    expect(dialog.get_by_text("The file can be imported.")).to_be_hidden()
    expect(dialog.get_by_role("button", name="OK")).to_have_attribute("aria-disabled", "true")
    let_go(page, held)

    expect(dialog.get_by_role("alert")).to_contain_text("The first row lacks the column")
    assert walk.faults == []


def test_the_address_typed_last_is_judged(walk):
    walk.sign_in()
    walk.go(TASKS)
    page = walk.page
    page.get_by_role("link", name=DRAFT, exact=True).click()
    page.get_by_role("navigation", name="This task").get_by_role("link", name="Recipients").click()
    page.get_by_role("link", name="Add", exact=True).first.click()
    number = page.get_by_role("dialog").get_by_label("Recipient number")
    held = held_back(page, "**/recipients/judge/")

    number.press_sequentially("138x")
    page.wait_for_timeout(500)  # milliseconds: the first is asked for
    number.fill("0086 138-0000-1299")
    page.wait_for_timeout(500)
    let_go(page, held)
    let_go(page, held)

    expect(page.get_by_text("Will be stored as +8613800001299")).to_be_visible()
    assert walk.faults == []


def test_what_somebody_else_deleted_is_said_to_be_gone(walk):
    body = {"name": "Soon gone", "medium": "sms", "body": "x"}
    made = walk.console.call("POST", "/api/v1/message-templates/", body)[1]["id"]
    walk.sign_in()
    walk.go("/configuration-center/notification-template/?name=Soon+gone")
    walk.console.call("DELETE", f"/api/v1/message-templates/{made}/")

    walk.page.get_by_role("link", name="Delete Soon gone").click()

    expect(walk.page.get_by_role("alert")).to_contain_text("It is not there any more.")


def test_a_page_that_asks_by_itself_says_once_that_nothing_answers_until_it_does(walk):
    walk.sign_in()
    walk.go(TASKS)
    page, asked, polls = walk.page, [], '<p id="polls" hx-get="/polled/" hx-trigger="load, every 200ms">…</p>'
    page.route("**/polled/", lambda route: (asked.append(route), route.abort()))

    page.evaluate("html => htmx.swap('#announcer', html, {swapStyle: 'innerHTML'})", polls)
    alert = page.get_by_role("alert").filter(has_text="What is shown here is not up to date.")
    expect(alert).to_have_count(1)
    first = alert.element_handle()
    page.wait_for_timeout(1_000)
    assert len(asked) > 2
    assert first.evaluate("notice => notice.isConnected")  # or a screen reader would read it each time

    page.unroute("**/polled/")
    page.route("**/polled/", lambda route: route.fulfill(body="answered"))
    expect(alert).to_have_count(0)
