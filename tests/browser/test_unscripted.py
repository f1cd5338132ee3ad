"""What can be done without JavaScript: a task, its preview, opt-outs, the menus. Imports and rules: their own walks."""

from pathlib import Path

from playwright.sync_api import expect

from .test_walk import TASKS, open_task
from .visits import PHONE

OPT_OUTS = "/outbound-call/opt-outs/"


def test_a_task_is_created_and_mended_without_script(unscripted):
    unscripted.sign_in()
    page = unscripted.page
    unscripted.go(f"{TASKS}create/")
    page.get_by_label("Task name").fill("Plain task")
    page.get_by_role("radio", name="5G upgrade offer").check()
    page.get_by_role("button", name="Show the preview").click()
    expect(page.locator("[data-bubble]")).to_contain_text("Dear ${name}")
    page.get_by_role("textbox", name="${name}").fill("Ann")
    page.get_by_role("button", name="Show the preview").click()
    expect(page.locator("[data-bubble]")).to_contain_text("Dear Ann")
    expect(page.get_by_label("Task name")).to_have_value("Plain task")

    page.get_by_label("Begin time").fill("2026-12-01T09:00")
    page.get_by_label("End time").fill("2099-12-31T18:00")
    page.get_by_label("Begin of window 1").fill("12:00")
    page.get_by_label("End of window 1").fill("09:00")
    page.get_by_role("button", name="Create task").click()
    expect(page.get_by_role("alert").first).to_contain_text("from a time to a later time of the same day")
    expect(page.get_by_label("Task name")).to_have_value("Plain task")
    expect(page.get_by_label("Begin of window 1")).to_have_value("12:00")
    page.get_by_label("Begin of window 1").fill("08:00")
    page.get_by_role("button", name="Create task").click()
    expect(page.get_by_text("“Plain task” is created as a draft.")).to_be_visible()
    assert unscripted.faults == []


def test_a_file_is_refused_mended_and_imported_without_script(unscripted, good_file: Path, tmp_path: Path):
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("Recipient number,name,plan,last_day\n13800001201,Li,Fun,15 Dec\n")
    unscripted.sign_in()
    page = unscripted.page
    unscripted.go(TASKS)
    open_task(page, "Loyalty gift, second wave")
    page.get_by_role("link", name="Import Data").first.click()
    page.set_input_files("#import-file", wrong)
    page.get_by_role("button", name="OK").click()
    expect(page.get_by_role("alert").first).to_contain_text("The first row lacks the column “gift”.")

    page.set_input_files("#import-file", good_file)
    page.get_by_role("button", name="OK").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Import ")
    expect(page.get_by_text("november.csv").first).to_be_visible()
    assert unscripted.faults == []


def test_an_opt_out_is_added_found_and_deleted_without_script(unscripted):
    unscripted.sign_in()
    page = unscripted.page
    unscripted.go(OPT_OUTS)
    page.get_by_role("link", name="Add an opt-out").click()
    page.get_by_label("Number or email").fill("138-0000")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The number has 7 national digits; 11 are needed.")).to_be_visible()
    page.get_by_label("Number or email").fill("138-0000-8801")
    page.get_by_label("Remark").fill("Asked in the shop")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("+8613800008801")).to_be_visible()

    page.get_by_role("searchbox").fill("1380000880")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Delete +8613800008801").click()
    page.get_by_role("button", name="Delete 1 opt-out").click()
    expect(page.get_by_text("1 address is off the opt-out list.")).to_be_visible()
    assert unscripted.faults == []


def test_opt_outs_are_imported_without_script(unscripted, tmp_path: Path):
    file = tmp_path / "stop.csv"
    file.write_text("Recipient number,Remark\n138-0000-8811,Replied STOP\n138,Too short\n")
    unscripted.sign_in()
    page = unscripted.page
    unscripted.go(f"{OPT_OUTS}import/")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Import opt-outs").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("number_length")).to_be_visible()
    assert unscripted.faults == []


def test_the_menus_open_without_script(unscripted):
    unscripted.sign_in()
    page = unscripted.page
    unscripted.go(TASKS)
    row = page.get_by_role("row").filter(has_text="Loyalty gift, second wave")
    row.get_by_role("button", name="More operations").focus()
    expect(row.get_by_role("link", name="Edit")).to_be_visible()

    page.set_viewport_size(PHONE)
    expect(page.get_by_role("link", name="Tenant Parameter")).to_be_visible()
    page.get_by_role("button", name="Account:").focus()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert unscripted.faults == []
