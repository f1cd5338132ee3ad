"""Every page in a real browser, against a real console with its workers, as its user would use it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import ARTEFACTS

TASKS = "/outbound-call/mmarketing/"
TASK = "Loyalty gift, second wave"  # a draft of the demo without recipients


def open_task(page: Page, name: str = TASK) -> None:
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def test_pages_are_entered_and_read(walk):
    walk.go("/accounts/login/")
    walk.look("12-sign-in")
    walk.sign_in()
    walk.look("11-home")
    for name, path in (
        ("01-mmarketing", TASKS),
        ("02-create-task", f"{TASKS}create/"),
        ("08-tenant-parameter", "/configuration-center/tenant-parameter/"),
        ("notification-template", "/configuration-center/notification-template/"),
        ("change-password", "/accounts/password/change/"),
    ):
        walk.go(path)
        walk.look(name)
    walk.go(TASKS)
    open_task(walk.page, "Autumn 5G upgrade offer")
    walk.look("task")
    walk.page.get_by_role("navigation", name="This task").get_by_role("link", name="Import Result").click()
    walk.look("05-import-result-list")
    walk.page.get_by_role("link", name="recipients-10000.xlsx").click()
    walk.look("05-import-result")
    walk.page.get_by_role("link", name="See the failed rows").click()
    walk.look("06-failed-rows")


def test_a_wrong_password_is_refused(walk):
    walk.go("/accounts/login/")
    walk.page.get_by_label("User name").fill("chen.yu")
    walk.page.get_by_label("Password", exact=True).fill("wrong")
    walk.page.get_by_role("button", name="Show").click()
    expect(walk.page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")
    walk.page.get_by_role("button", name="Sign in").click()
    expect(walk.page.get_by_role("alert")).to_contain_text("The user name or the password is wrong.")
    expect(walk.page.get_by_label("User name")).to_have_value("chen.yu")
    walk.look("12-sign-in-error")


def test_a_file_is_checked_imported_and_its_result_read(walk, good_file: Path, tmp_path: Path):
    walk.sign_in()
    walk.go(TASKS)
    page = walk.page
    row = page.get_by_role("row").filter(has_text=TASK)
    opener = row.get_by_role("link", name="Import Data")
    opener.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Import Marketing Data")).to_be_visible()
    expect(dialog.get_by_role("button", name="OK")).to_have_attribute("aria-disabled", "true")
    walk.look("03-import-data-start")

    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    opener.click()

    wrong = tmp_path / "wrong.csv"
    wrong.write_text("recipient_number,Name,plan,Last day,Gift GB\n13800001201,Li,Fun,15 Dec,20\n")
    page.set_input_files("#import-file", wrong)
    expect(dialog.get_by_role("alert")).to_contain_text("The first row lacks the column “gift”.")
    expect(dialog.get_by_role("button", name="OK")).to_have_attribute("aria-disabled", "true")
    walk.look("03-import-data-header-problem")

    page.set_input_files("#import-file", {"name": "big.csv", "mimeType": "text/csv", "buffer": bytes(10_485_761)})
    expect(dialog.get_by_role("alert")).to_contain_text("It is larger than 10 MB")

    page.set_input_files("#import-file", good_file)
    expect(dialog.get_by_text("The file can be imported.")).to_be_visible()
    expect(dialog.get_by_text("Same as row 2")).to_be_visible()
    walk.look("03-import-data")

    page.keyboard.press("Escape")
    expect(dialog.get_by_role("alert")).to_contain_text("Discard what you typed?")
    dialog.get_by_role("button", name="Go on editing").click()
    dialog.get_by_role("button", name="OK").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile(r"Import \d+ Complete"))
    expect(page.get_by_role("heading", name="What became of the rows")).to_be_visible()
    expect(page.get_by_text("1 of 5 rows failed.", exact=True)).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Failed rows .csv").click()
    assert "number_length" in download.value.path().read_text("utf-8-sig")
    assert walk.faults == []


def test_a_long_import_shows_its_progress_and_is_cancelled(walk, tmp_path: Path):
    lines = [f"139{number:08},Li Wei,Fun 59,15 Dec,20" for number in range(9_990)]
    many = tmp_path / "many.csv"
    many.write_text("\n".join(["Recipient number,name,plan,last_day,gift", *lines]))
    walk.sign_in()
    walk.go(TASKS)
    page = walk.page
    page.get_by_role("row").filter(has_text="Prepaid top-up reminder").get_by_role("link", name="Import Data").click()
    page.set_input_files("#import-file", many)
    expect(page.get_by_text("9,990 rows will be imported.")).to_be_visible()
    page.get_by_role("button", name="OK").click()

    page.wait_for_url("**/imports/*/")
    cancel = page.get_by_role("link", name="Cancel import")
    ended = page.get_by_role("heading", name="What became of the rows")
    expect(cancel.or_(ended).first).to_be_visible()
    if cancel.is_visible():  # it may have ended already
        page.screenshot(path=ARTEFACTS / "04-import-progress.png", caret="initial")
        expect(page.get_by_role("progressbar", name="Rows done")).to_be_visible()
    expect(ended).to_be_visible(timeout=60_000)  # by itself: the page polls
    expect(page.get_by_text("Total 9,990").or_(page.locator(".counts .total")).first).to_be_visible()
    assert walk.faults == []


def test_recipients_are_added_found_and_deleted(walk):
    walk.sign_in()
    walk.go(TASKS)
    page = walk.page
    open_task(page, "Summer roaming packages")
    expect(page.get_by_role("link", name="Import Data").first).to_have_attribute("aria-disabled", "true")
    page.get_by_role("link", name="Import Data").first.hover()
    expect(page.get_by_role("tooltip")).to_contain_text("Recipients can be changed in Draft and Suspended only")

    walk.go(TASKS)
    open_task(page, "Autumn 5G upgrade offer")
    page.get_by_role("navigation", name="This task").get_by_role("link", name="Recipients").click()
    walk.look("07-recipients")
    page.get_by_role("link", name="Add", exact=True).click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("Recipient number").press_sequentially("138-0000-5512")  # as a person types
    expect(drawer.get_by_text("Will be stored as +8613800005512")).to_be_visible()
    drawer.get_by_label("name", exact=True).fill("Abdulla Yusup")
    drawer.get_by_role("button", name="Save", exact=True).click()
    expect(drawer.get_by_text("The variable “plan” has no value")).to_be_visible()
    walk.look("07-recipients-drawer")
    drawer.get_by_label("plan", exact=True).fill("Fun 59")
    drawer.get_by_label("gift", exact=True).fill("100")
    expect(drawer.locator("[data-bubble]")).to_contain_text("Dear Abdulla Yusup, your plan Fun 59")
    drawer.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The recipient is added.")).to_be_visible()

    page.get_by_label("Search by").select_option("ends")
    page.get_by_role("searchbox", name="Digits of the recipient number").fill("5512")
    expect(page.get_by_text("recipient found").or_(page.get_by_text("recipients found")).first).to_be_visible()
    assert "5512" not in page.url
    page.get_by_role("checkbox", name="Select +8613800005512").check()
    page.get_by_role("button", name="Delete 1 recipient").click()
    question = page.get_by_role("alertdialog")
    expect(question).to_contain_text("+8613800005512, Abdulla Yusup")
    expect(question.get_by_role("link", name="Keep")).to_be_focused()
    walk.look("07-recipients-delete")
    question.get_by_role("button", name="Delete 1 recipient").click()
    expect(page.get_by_text("1 recipient is deleted.")).to_be_visible()
    assert walk.faults == []


def test_parameters_are_changed_tried_and_undone(walk):
    walk.sign_in()
    page = walk.page
    walk.go("/configuration-center/tenant-parameter/")
    page.get_by_label("The begin digits of the customer number", exact=True).fill("13,15")
    expect(page.get_by_text("1 change is not saved.")).to_be_visible()
    page.get_by_label("Number", exact=True).fill("0086 170-0000-0012")
    page.get_by_role("button", name="Try").click()
    expect(page.get_by_text("must begin with one of these groups")).to_be_visible()
    walk.look("08-tenant-parameter-tried")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("1 change is not saved.")).to_be_hidden()
    assert walk.faults == []


@pytest.mark.parametrize("who", ["tenant_viewer", "system_administrator"])
def test_others_see_what_they_may(walk, who):
    walk.sign_in(who)
    walk.look(f"home-{who}")
    if who == "tenant_viewer":
        walk.go(TASKS)
        walk.look("01-mmarketing-viewer")
        open_task(walk.page, "Autumn 5G upgrade offer")
        walk.page.get_by_role("navigation", name="This task").get_by_role("link", name="Recipients").click()
        expect(walk.page.get_by_text("****").first).to_be_visible()
        walk.look("07-recipients-viewer")


def test_the_language_is_switched(walk):
    walk.sign_in()
    walk.page.get_by_role("button", name="中文").click()
    expect(walk.page.locator("html")).to_have_attribute("lang", "zh-hans")
    walk.go(TASKS)
    walk.look("01-mmarketing-zh")
    walk.page.get_by_role("button", name="English").click()
    expect(walk.page.locator("html")).to_have_attribute("lang", "en")


def test_pages_fit_a_phone(narrow, good_file: Path):
    narrow.sign_in()
    page = narrow.page
    for name, path in (("01-mmarketing-390", TASKS), ("11-home-390", "/"), ("02-create-task-390", f"{TASKS}create/")):
        narrow.go(path)
        narrow.look(name)
        assert narrow.is_not_too_wide()
    narrow.go(TASKS)
    open_task(page, "Autumn 5G upgrade offer")
    for tab in ("Recipients", "Import Result"):
        page.get_by_role("navigation", name="This task").get_by_role("link", name=tab).click()
        narrow.look(f"{tab.lower().replace(' ', '-')}-390")
        assert narrow.is_not_too_wide()
    page.get_by_role("link", name="Import Data").click()
    page.set_input_files("#import-file", good_file)
    expect(page.get_by_text("The file can be imported.")).to_be_visible()
    narrow.look("03-import-data-390")
    assert narrow.is_not_too_wide()


def test_everything_works_without_script(unscripted, good_file: Path):
    unscripted.sign_in()
    page = unscripted.page
    unscripted.go(TASKS)
    page.get_by_role("row").filter(has_text="November bills").get_by_role("link", name="View").click()
    page.get_by_role("link", name="Add", exact=True).click()
    page.get_by_label("Recipient email").fill("Ann.Lee@Example.com")
    for label in ("first_name", "bill", "amount", "due_date"):
        page.get_by_label(label, exact=True).fill("7")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("ann.lee@example.com")).to_be_visible()
    page.get_by_role("searchbox").fill("ann")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("1 recipient found")).to_be_visible()
    page.get_by_role("link", name="Delete ann.lee@example.com").click()
    page.get_by_role("button", name="Delete 1 recipient").click()
    expect(page.get_by_text("1 recipient is deleted.")).to_be_visible()

    unscripted.go(TASKS)
    page.get_by_role("row").filter(has_text="Autumn 5G").get_by_role("link", name="Import Data").click()
    page.set_input_files("#import-file", good_file)
    page.get_by_role("button", name="OK").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Import 2")
