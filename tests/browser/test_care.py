"""SmartCare's pages in a real browser, against the demo's simulator: filled Care tasks, integration, certificates."""

import pytest
from playwright.sync_api import expect

CARE = "Voice quality call-back"


def open_care(walk) -> None:
    walk.go("/outbound-call/mmarketing/")
    walk.page.get_by_role("row").filter(has_text=CARE).get_by_role("link", name="View").first.click()
    expect(walk.page.get_by_role("heading", name="Poor-QoE customers by day")).to_be_visible()


def test_a_care_task_is_viewed_a_number_edited_and_one_deleted(walk):
    walk.sign_in()
    page = walk.page
    open_care(walk)
    expect(page.get_by_text("Next collection:")).to_be_visible()
    assert page.get_by_role("link", name="Import Data").count() == 0
    walk.look("09-care-task")

    page.get_by_role("link", name="Edit +86").first.click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("Recipient number").fill("13900000077")
    drawer.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The recipient is saved.")).to_be_visible()
    page.get_by_role("searchbox", name="Digits of the number").fill("13900000077")
    expect(page.get_by_text("1 recipient of")).to_be_visible()
    assert "13900000077" not in page.url

    page.get_by_role("link", name="Delete +8613900000077").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete 1 recipient").click()
    expect(page.get_by_text("1 recipient is deleted.")).to_be_visible()
    expect(page.get_by_role("heading", name="Poor-QoE customers by day")).to_be_visible()
    assert walk.faults == []


def test_the_integration_answers_and_certificates_are_kept(walk):
    walk.sign_in()
    page = walk.page
    walk.go("/configuration-center/smartcare-integration/")
    walk.look("smartcare-integration")
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("SmartCare answers. It has")).to_be_visible()

    walk.go("/configuration-center/certificate/")
    walk.look("certificates")
    page.get_by_role("link", name="Delete SmartCare simulator").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete certificate").click()
    expect(page.get_by_text("The SmartCare integration uses this certificate.")).to_be_visible()
    assert walk.faults == []


@pytest.mark.parametrize("path", ["smartcare-integration", "certificate"])
def test_the_pages_fit_a_phone(narrow, path):
    narrow.sign_in()
    narrow.go(f"/configuration-center/{path}/")
    narrow.look(f"{path}-390")
    assert narrow.is_not_too_wide()


def test_a_care_task_fits_a_phone_and_reads_in_chinese(narrow):
    narrow.sign_in()
    open_care(narrow)
    narrow.look("09-care-task-390")
    assert narrow.is_not_too_wide()
    narrow.page.get_by_role("button", name="中文").click()
    expect(narrow.page.get_by_role("heading", name="每日体验差客户")).to_be_visible()
    narrow.look("09-care-task-390-zh")
