"""Import by server: a file is picked on the demo's server, imported, and the server is looked into."""

from playwright.sync_api import expect

from .test_walk import TASKS

SERVERS = "/configuration-center/file-server/"
TASK = "Loyalty gift, second wave"  # a draft of the demo


def test_a_file_is_picked_on_a_server_and_imported(walk):
    walk.sign_in()
    walk.go(TASKS)
    page = walk.page
    page.get_by_role("row").filter(has_text=TASK).get_by_role("link", name="Import Data").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Server", exact=True).click()
    dialog.get_by_role("button", name="List", exact=True).click()
    dialog.get_by_role("radio", name="recipients-10000.xlsx").check()
    walk.look("03-import-data-server")
    dialog.get_by_role("button", name="OK").click()
    page.wait_for_url("**/imports/*/")
    expect(page.get_by_role("heading", name="What became of the rows")).to_be_visible(timeout=90_000)
    expect(page.get_by_text("recipients-10000.xlsx").first).to_be_visible()
    walk.look("05-import-result-server")


def test_a_server_is_tested_and_its_folder_shown(walk):
    walk.sign_in()
    walk.go(SERVERS)
    page = walk.page
    page.get_by_role("link", name="Sample files", exact=True).click()
    page.get_by_role("button", name="Test connection").click()
    expect(page.locator("#tested").get_by_role("status")).to_be_visible()
    page.get_by_role("link", name="List", exact=True).click()
    expect(page.get_by_text("recipients-10000.xlsx")).to_be_visible()
    walk.look("file-server")
