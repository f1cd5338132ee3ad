"""A task is made and a file imported with a keyboard alone; progress is told to whoever cannot see the bar."""

from pathlib import Path

from playwright.sync_api import Locator, Page, Route, expect

from .test_walk import TASKS, open_task

OFFER = "Autumn 5G upgrade offer"  # of the demo: has an import that ended
MOMENTS = {"Begin time": ("12122026", "0900AM"), "End time": ("12122099", "0600PM")}  # alike, day or month first
FOCUS_INSIDE = "[role=dialog]:focus, [role=dialog] :focus"
NOT_BEHIND = "body, [role=dialog], [role=dialog] *"  # the body: the browser itself has the focus
OPT_OUTS = "/outbound-call/opt-outs/"
UNSEEN_FOCUS = """() => {
  const one = document.activeElement, shown = one.closest("label, .segmented") || one, look = getComputedStyle(one);
  const isSeen = look.outlineStyle !== "none" || look.boxShadow !== "none" || shown !== one || one === document.body;
  return isSeen ? [] : [one.outerHTML];
}"""
POLLED = """
<div id="progress" hx-get="{path}progress/" hx-trigger="every 500ms" hx-swap="outerHTML">
  <progress max="100" value="{percent}" data-say="{percent}% of the rows are done"></progress>
</div>"""


def tab_to(page: Page, what: Locator, *, at_most: int = 120) -> None:
    """Press Tab until `what` has the focus."""
    for _ in range(at_most):
        if what.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {what}")


def press(page: Page, what: Locator, key: str = "Enter") -> None:
    tab_to(page, what)
    page.keyboard.press(key)


def write(page: Page, label: str, text: str) -> None:
    tab_to(page, page.get_by_label(label))
    page.keyboard.type(text)


def test_a_task_is_created_with_a_keyboard_alone(walk):
    walk.sign_in()
    walk.go(TASKS)
    page = walk.page
    press(page, page.get_by_role("link", name="Create task"))
    page.wait_for_url("**/create/")
    write(page, "Task name", "Typed task")
    press(page, page.get_by_role("radio", name="5G upgrade offer"), "Space")
    tab_to(page, page.get_by_role("textbox", name="${name}"))
    page.keyboard.type("Ann")
    expect(page.locator("[data-bubble]")).to_contain_text("Dear Ann")
    press(page, page.get_by_role("button", name="Next: Marketing Policy"))
    expect(page.get_by_role("heading", name="Marketing Policy")).to_be_focused()
    for label, (day, time) in MOMENTS.items():
        write(page, label, day)
        page.keyboard.press("Tab")  # from the year to the hour
        page.keyboard.type(time)
        expect(page.get_by_label(label)).not_to_have_value("")
    press(page, page.get_by_role("button", name="Create task"))
    expect(page.get_by_text("“Typed task” is created as a draft.")).to_be_visible()
    assert walk.faults == []


def test_a_file_is_imported_with_a_keyboard_alone(walk, good_file: Path):
    walk.sign_in()
    walk.go(TASKS)
    page = walk.page
    row = page.get_by_role("row").filter(has_text="Loyalty gift, second wave")
    press(page, row.get_by_role("link", name="Import Data"))
    dialog = page.get_by_role("dialog")
    expect(page.locator(FOCUS_INSIDE)).to_have_count(1)
    tab_to(page, page.locator("#import-file"), at_most=20)
    page.locator("#import-file").set_input_files(good_file)  # Enter opens the browser's own window, not a page's
    expect(dialog.get_by_text("The file can be imported.")).to_be_visible()
    press(page, dialog.get_by_role("button", name="OK"))
    expect(page.get_by_role("heading", name="What became of the rows")).to_be_visible()
    press(page, page.get_by_role("link", name="See the failed rows"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Failed rows")
    assert walk.faults == []


def test_what_opens_over_the_page_keeps_the_focus_and_gives_it_back(walk):
    walk.sign_in()
    walk.go(TASKS)
    page = walk.page
    opener = (
        page.get_by_role("row").filter(has_text="Loyalty gift, second wave").get_by_role("link", name="Import Data")
    )
    press(page, opener)
    expect(page.locator(FOCUS_INSIDE)).to_have_count(1)
    for _ in range(20):
        page.keyboard.press("Tab")
        assert page.evaluate(f"document.activeElement.matches('{NOT_BEHIND}')")
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_typed_values_in_the_drawer_outlive_escape(walk):
    walk.sign_in()
    walk.go(OPT_OUTS)
    page = walk.page
    opener = page.get_by_role("link", name="Add an opt-out")
    field = page.get_by_role("textbox", name="Number or email")
    press(page, opener)
    expect(field).to_be_focused()
    page.keyboard.type("138-0000-9911")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Go on editing")).to_be_focused()
    page.keyboard.press("Enter")
    expect(field).to_have_value("138-0000-9911")
    press(page, page.get_by_role("dialog").get_by_role("button", name="Cancel"))
    expect(opener).to_be_focused()


def test_what_has_the_focus_shows_it(walk):
    walk.sign_in()
    unseen = []
    for path in ("/", TASKS, f"{OPT_OUTS}add/"):
        walk.go(path)
        for _ in range(40):
            walk.page.keyboard.press("Tab")
            unseen += walk.page.evaluate(UNSEEN_FOCUS)
    assert unseen == []


def test_progress_is_announced_at_each_quarter_and_at_the_end(walk):
    walk.sign_in()
    walk.go(TASKS)
    page = walk.page
    open_task(page, OFFER)
    page.get_by_role("navigation", name="This task").get_by_role("link", name="Import Result").click()
    page.get_by_role("link", name="recipients-10000.xlsx").last.click()
    expect(page.get_by_role("heading", name="What became of the rows")).to_be_visible()
    announcer = page.locator("#announcer")
    far = {"percent": 10}
    page.route("**/progress/", lambda route: _answer_poll(route, far["percent"]))
    _show_progress(page, 10)

    for percent, said in ((26, 26), (49, 26), (51, 51), (80, 80)):
        far["percent"] = percent
        expect(page.locator("progress[data-say]")).to_have_attribute("value", str(percent))
        expect(announcer).to_have_text(f"{said}% of the rows are done")

    far["percent"] = 100
    expect(announcer).to_contain_text("rows failed.")  # the page of the result says how it ended


def _show_progress(page: Page, percent: int) -> None:
    html = POLLED.format(path=page.url, percent=percent)
    page.evaluate("html => htmx.swap('#messages', html, {swapStyle: 'innerHTML'})", html)


def _answer_poll(route: Route, percent: int) -> None:
    if percent == 100:
        route.fulfill(status=200, headers={"HX-Refresh": "true"}, body="")
    else:
        path = route.request.url.removesuffix("progress/")
        route.fulfill(status=200, content_type="text/html", body=POLLED.format(path=path, percent=percent))
