"""Tenant Parameter where there is no script, and on a phone."""

from playwright.sync_api import expect

PARAMETERS = "/configuration-center/tenant-parameter/"
MINIMUM = "Minimum length of outbound customer number"


def test_a_reset_without_script_fills_the_default_in(unscripted):
    unscripted.sign_in()
    unscripted.go(PARAMETERS)
    page = unscripted.page
    page.get_by_label("International Crown Code", exact=True).fill("011")

    page.get_by_role("button", name=f"Reset {MINIMUM} to its default").click()

    expect(page.get_by_text("The default is filled in.")).to_be_visible()
    expect(page.get_by_label(MINIMUM, exact=True)).to_have_value("5")
    expect(page.get_by_label("International Crown Code", exact=True)).to_have_value("011")  # as it was typed
    page.get_by_role("link", name="Discard").click()
    expect(page.get_by_label(MINIMUM, exact=True)).to_have_value("11")


def test_it_fits_a_phone(narrow):
    narrow.sign_in()
    narrow.go(PARAMETERS)
    narrow.look("08-tenant-parameter-390")
    assert narrow.is_not_too_wide()
