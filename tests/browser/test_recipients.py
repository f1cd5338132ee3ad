"""The page of a task's recipients: found, selected, edited by two at once, exported, in both languages."""

from pathlib import Path

from playwright.sync_api import Page, expect

from .test_walk import TASKS, open_task

OFFER = "Autumn 5G upgrade offer"  # of the demo: 10,000 rows were imported
RENEWAL = "Prepaid top-up reminder"  # of the demo: suspended, with twenty recipients


def open_recipients(walk, task: str = OFFER) -> Page:
    walk.go(TASKS)
    open_task(walk.page, task)
    walk.page.get_by_role("navigation", name="This task").get_by_role("link", name="Recipients").click()
    return walk.page


def search(page: Page, how: str, text: str) -> None:
    page.get_by_label("Search by").select_option(how)
    page.get_by_role("searchbox").fill(text)
    expect(page.get_by_text("recipients found")).to_be_visible()


def test_what_was_found_is_selected_and_only_deleted_when_its_number_is_typed(walk):
    walk.sign_in()
    page = open_recipients(walk)
    expect(page.get_by_role("link", name="Import 1", exact=True).first).to_be_visible()

    search(page, "begins", "1")  # of the national number: more than 1,000
    page.get_by_role("checkbox", name="Select all on this page").check()
    page.get_by_role("button", name="found", exact=False).click()
    page.get_by_role("region", name="Selected recipients").get_by_role("button", name="Delete").click()
    question = page.get_by_role("alertdialog")
    expect(question.get_by_text("to go on")).to_be_visible()
    expect(question.get_by_role("button", name="Delete")).to_be_disabled()
    walk.look("07-recipients-delete-many")
    question.get_by_role("link", name="Keep").click()

    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("button", name="Previous")).not_to_have_attribute("aria-disabled", "true")
    assert page.url.endswith("/recipients/")
    walk.look("07-recipients-found")


def test_of_two_who_edit_one_recipient_the_second_keeps_what_was_typed(walk):
    walk.sign_in()
    page = open_recipients(walk, RENEWAL)
    page.get_by_role("link", name="Edit +").first.click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("name", exact=True).fill("Second")
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("link", name="Edit +").first.click()
    other.get_by_role("dialog").get_by_label("name", exact=True).fill("First")
    other.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    expect(other.get_by_text("The recipient is saved.")).to_be_visible()

    drawer.get_by_role("button", name="Save", exact=True).click()

    expect(drawer.get_by_text("Somebody else changed this recipient meanwhile")).to_be_visible()
    expect(drawer.get_by_label("name", exact=True)).to_have_value("Second")
    walk.look("07-recipients-changed-meanwhile")
    other.close()


def test_the_found_are_exported(walk, tmp_path: Path):
    walk.sign_in()
    page = open_recipients(walk)
    search(page, "ends", "12")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as .csv").click()

    download.value.save_as(tmp_path / "recipients.csv")
    lines = (tmp_path / "recipients.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "Recipient number,name,plan,last_day,gift"
    assert len(lines) > 1
    assert all(line.split(",")[0].endswith("12") for line in lines[1:])
    assert walk.faults == []


def test_the_page_is_chinese_and_fits_a_phone(narrow):
    narrow.sign_in()
    page = open_recipients(narrow, RENEWAL)
    narrow.look("07-recipients-390")
    assert narrow.is_not_too_wide()
    path = page.url.removeprefix(narrow.console.url)
    narrow.go("/")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    narrow.go(path)
    page.set_viewport_size({"width": 1280, "height": 900})
    narrow.look("07-recipients-zh")
