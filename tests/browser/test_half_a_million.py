"""500,000 rows from an SFTP server: in a browser by template and by rule, and by REST. Long: `make soak`."""

import pytest
from playwright.sync_api import expect

from aicc_console.sample_server import HEADER, LARGE, LARGE_ROWS

from .test_file_servers import TEMPLATE, accept_key, add, sample  # noqa: F401 (sample is a fixture)

pytestmark = pytest.mark.soak
SECONDS = 300  # until an import is given up
FAILED = LARGE_ROWS // 100  # numbers too short
DUPLICATE = LARGE_ROWS // 200  # each says the number of the row before
RULE = {
    "name": "Half a million",
    "recipient_column": 1,
    "variables": [{"name": name, "column": column} for column, name in enumerate(HEADER[1:], 2)],
}
COUNTS = {
    "total": LARGE_ROWS,
    "created": LARGE_ROWS - FAILED - DUPLICATE,
    "failed": FAILED,
    "duplicate": DUPLICATE,
    "suppressed": 0,
    "unprocessed": 0,
}


@pytest.fixture(scope="module")
def rule(console) -> str:
    assert console.call("POST", "/api/v1/mapping-rules/", RULE)[0] == 201
    return RULE["name"]


def open_dialog(walk, task: str, server: str):
    """Open Import Data of `task`, and list the files of `server`."""
    walk.go(f"/outbound-call/mmarketing/{task}/")
    walk.page.get_by_role("link", name="Import Data").first.click()
    dialog = walk.page.get_by_role("dialog")
    dialog.get_by_text("Server", exact=True).click()
    choice = dialog.get_by_label("File server")
    choice.select_option(value=choice.locator("option", has_text=server).get_attribute("value"))
    dialog.get_by_role("button", name="List").click()
    dialog.get_by_label(LARGE).check()
    return dialog


def see_it_through(walk, dialog, name: str) -> None:
    """Press OK, watch the import to its end, and download the rows that failed."""
    page = walk.page
    dialog.get_by_role("button", name="OK").click()
    expect(page.get_by_text("rows/s").first).to_be_visible(timeout=60_000)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Executing")
    walk.look(f"half-a-million-{name}-running")
    expect(page.get_by_role("heading", name="What became of the rows")).to_be_visible(timeout=SECONDS * 1000)
    expect(page.get_by_text("Complete", exact=True).first).to_be_visible()
    walk.look(f"half-a-million-{name}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Failed rows .csv").click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert (len(lines), "number_length" in lines[1]) == (1 + FAILED, True)
    assert walk.faults == []


def counts_of(walk, task: str) -> dict[str, int]:
    (batch,) = walk.console.call("GET", f"/api/v1/imports/?task={task}")[1]["results"]
    return batch["counts"]


def test_by_template_from_a_server_that_was_just_added(walk, sample):  # noqa: F811
    walk.sign_in()
    add(walk, sample, "Half a million")
    accept_key(walk)
    walk.page.get_by_role("button", name="Test connection").click()
    expect(walk.page.get_by_text("The connection works.")).to_be_visible()
    task = walk.console.new_task(TEMPLATE)

    dialog = open_dialog(walk, task, "Half a million")
    expect(dialog.get_by_text("This file may have more than 50,000 rows.")).to_be_visible()
    see_it_through(walk, dialog, "by-template")
    assert counts_of(walk, task) == COUNTS


def test_by_rule(walk, rule):
    walk.sign_in()
    task = walk.console.new_task(TEMPLATE)

    dialog = open_dialog(walk, task, "Sample files")
    dialog.get_by_text("Rule", exact=True).click()
    dialog.get_by_label("Mapping rule", exact=True).select_option(label=rule)
    dialog.get_by_label(LARGE).check()
    see_it_through(walk, dialog, "by-rule")
    assert counts_of(walk, task) == COUNTS


def test_by_rest(console, rule):
    server = next(one for one in console.call("GET", "/api/v1/file-servers/")[1]["results"] if "Sample" in one["name"])
    rules = console.call("GET", "/api/v1/mapping-rules/")[1]["results"]
    by_rule = {"parsing": "rule", "mapping_rule": next(one["id"] for one in rules if one["name"] == rule)}
    for chosen in ({}, by_rule):
        task = console.new_task(TEMPLATE)
        body = {"file_server": server["id"], "file_name": LARGE} | chosen
        status, made = console.call("POST", f"/api/v1/marketing-tasks/{task}/imports/", body)
        assert status == 202, made
        done = console.wait_for(made["id"], seconds=SECONDS)
        assert (done["status"], done["counts"]) == ("complete", COUNTS)
        status, failed = console.call("GET", f"/api/v1/imports/{made['id']}/failed-rows/?format=csv")
        assert (status, len(failed.splitlines())) == (200, 1 + FAILED)
