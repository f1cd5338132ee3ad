"""A file server in a real browser: added, its host key accepted, looked into, imported from, deleted."""

import json
import re

import pytest
from playwright.sync_api import expect

from aicc_console.sample_server import SAMPLE, USER
from aicc_console.samples import PASSWORD_VARIABLE, PORT_VARIABLE

SERVERS = "/configuration-center/file-server/"
TEMPLATE = "5G upgrade offer"  # of the demo; fits the sample file


@pytest.fixture(scope="module")
def sample(console) -> dict[str, str]:
    """Port and password of the SFTP server that runs beside the console."""
    return json.loads((console.folder / "samples" / "server.json").read_text())


def add(walk, sample, name: str, password: str = "") -> None:
    """Add the sample server once more; its host key is not accepted yet."""
    page = walk.page
    walk.go(SERVERS)
    page.get_by_role("link", name="Add file server").first.click()
    page.get_by_label("Server name").fill(name)
    page.get_by_label("Host", exact=True).fill("127.0.0.1")
    page.get_by_label("Port").fill(sample[PORT_VARIABLE])
    page.get_by_label("Default path").fill("/")
    page.get_by_label("User", exact=True).fill(USER)
    page.get_by_label("Password", exact=True).fill(password or sample[PASSWORD_VARIABLE])
    walk.look("file-server-form")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def accept_key(walk) -> None:
    page = walk.page
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("The server shows this host key.")).to_be_visible()
    expect(page.get_by_text(re.compile("^SHA256:")).first).to_be_visible()
    walk.look("file-server-host-key")
    page.get_by_role("button", name="Accept this host key").click()


def test_a_server_is_added_tried_looked_into_and_deleted(walk, sample):
    walk.sign_in()
    page = walk.page
    add(walk, sample, "Nightly exports")
    expect(page.get_by_text("The host key is not accepted yet.")).to_be_visible()
    accept_key(walk)
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("The connection works.")).to_be_visible()
    page.get_by_role("link", name="List", exact=True).click()
    expect(page.get_by_role("cell", name=SAMPLE.name)).to_be_visible()
    walk.look("file-server-tested")

    walk.go(SERVERS)
    expect(page.get_by_role("link", name="Nightly exports", exact=True)).to_be_visible()
    walk.look("file-servers")
    page.get_by_role("link", name="Delete Nightly exports").click()
    page.get_by_role("alertdialog").get_by_role("button", name=re.compile("^Delete")).click()
    expect(page.get_by_role("link", name="Nightly exports", exact=True)).to_have_count(0)
    assert walk.faults == []


def test_a_wrong_password_is_told(walk, sample):
    walk.sign_in()
    add(walk, sample, "Wrong password", password="wrong")
    accept_key(walk)
    walk.page.get_by_role("button", name="Test connection").click()
    expect(walk.page.get_by_text(f"127.0.0.1 did not let “{USER}” in.")).to_be_visible()
    walk.look("file-server-refused")


def test_a_file_of_a_server_is_picked_and_imported(walk):
    task = walk.console.new_task(TEMPLATE)
    walk.sign_in()
    page = walk.page
    walk.go(f"/outbound-call/mmarketing/{task}/")
    page.get_by_role("link", name="Import Data").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Server", exact=True).click()
    choice = dialog.get_by_label("File server")
    choice.select_option(value=choice.locator("option", has_text="Sample files").get_attribute("value"))
    dialog.get_by_role("button", name="List").click()
    dialog.get_by_label("recipients-500000.csv").check()
    expect(dialog.get_by_text("This file may have more than 50,000 rows.")).to_be_visible()
    walk.look("03-import-data-server-large")
    dialog.get_by_label(SAMPLE.name).check()
    expect(dialog.get_by_text("This file may have more than 50,000 rows.")).to_be_hidden()
    walk.look("03-import-data-server")

    dialog.get_by_role("button", name="OK").click()
    expect(page.get_by_text("You can close this page.")).to_be_visible()
    walk.look("04-import-fetching")
    expect(page.get_by_role("heading", name="What became of the rows")).to_be_visible(timeout=90_000)
    expect(page.get_by_text("Complete", exact=True).first).to_be_visible()
    walk.look("05-import-result-by-server")
    assert walk.faults == []


def test_servers_in_chinese_and_on_a_phone(walk, narrow):
    walk.sign_in()
    walk.page.get_by_role("button", name="中文").click()
    walk.go(SERVERS)
    walk.look("file-servers-zh")
    walk.page.get_by_role("link", name="Sample files", exact=True).click()
    walk.look("file-server-zh")
    narrow.sign_in()
    narrow.go(SERVERS)
    narrow.look("file-servers-390")
    assert narrow.is_not_too_wide()
    narrow.page.get_by_role("link", name="Sample files", exact=True).click()
    narrow.page.get_by_role("button", name="Test connection").click()
    expect(narrow.page.get_by_text("The connection works.")).to_be_visible()
    narrow.page.get_by_role("link", name="List", exact=True).click()
    expect(narrow.page.get_by_role("cell", name=SAMPLE.name)).to_be_visible()
    narrow.look("file-server-390")
    assert narrow.is_not_too_wide()
    narrow.go(f"{SERVERS}create/")
    narrow.look("file-server-form-390")
    assert narrow.is_not_too_wide()
