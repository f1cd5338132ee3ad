"""The system administrator's side in a real browser: every page of Call Center, its questions, and a first sign-in."""

from playwright.sync_api import Page, expect

SPACES, PARAMETERS = "/call-center/tenant-management/", "/call-center/system-parameter/"
TRUSTLIST = "/call-center/address-trustlist/"
OWN_PASSWORD = "another-long-secret-1"


def sign_in_as(page: Page, username: str, password: str) -> None:
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_home_tells_how_everything_is(walk):
    walk.sign_in("system_administrator")
    page = walk.page
    expect(page.get_by_text("workers answer.")).to_be_visible()
    expect(page.get_by_text("Does not answer")).to_have_count(0)
    walk.look("11-home-system")
    page.get_by_role("link", name="Tenant spaces in use").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tenant Management")
    walk.look("10-tenant-management")


def test_a_feature_under_published_tasks_is_asked_about(walk):
    walk.sign_in("system_administrator")
    walk.go(SPACES)
    page = walk.page
    switch = page.get_by_role("switch", name="SMS marketing, Demo Telecom")
    expect(switch).to_have_attribute("aria-checked", "true")
    switch.click()
    question = page.get_by_role("alertdialog")
    expect(question).to_contain_text("Summer roaming packages")
    expect(question.get_by_role("link", name="Leave it on")).to_be_focused()
    walk.look("10-tenant-management-question")
    question.get_by_role("link", name="Leave it on").click()
    expect(question).to_be_hidden()
    expect(switch).to_have_attribute("aria-checked", "true")

    page.get_by_role("switch", name="Email marketing, Other Telecom").click()  # no published task needs it
    expect(page.get_by_text("“Email marketing” is switched off for “Other Telecom”.")).to_be_visible()
    page.get_by_role("switch", name="Email marketing, Other Telecom").click()
    expect(page.get_by_text("“Email marketing” is switched on for “Other Telecom”.")).to_be_visible()
    assert walk.faults == []


def test_a_tenant_space_is_made_and_its_administrator_signs_in_for_the_first_time(walk):
    walk.sign_in("system_administrator")
    walk.go(f"{SPACES}create/")
    page = walk.page
    page.get_by_label("Name", exact=True).fill("Demo Telecom")
    page.get_by_label("Time zone").select_option("Africa/Cairo")
    page.get_by_label("User name").fill("wang.fang")
    page.get_by_role("button", name="Create tenant space").click()
    expect(page.get_by_text("Another tenant space has this name.")).to_be_visible()
    walk.look("tenant-space-create")
    page.get_by_label("Name", exact=True).fill("Nile Retail")
    page.get_by_role("button", name="Create tenant space").click()
    expect(page.get_by_text("This password is shown once.")).to_be_visible()
    given = page.locator(".secret").inner_text()
    walk.look("tenant-space-created")
    page.get_by_role("link", name="I have noted it").click()
    expect(page.get_by_text("First password")).to_be_visible()
    walk.look("tenant-space")

    page.get_by_role("link", name="Disable", exact=True).click()
    expect(page.get_by_role("alertdialog")).to_contain_text("nobody of this tenant space is signed in")
    page.get_by_role("alertdialog").get_by_role("link", name="Keep it in use").click()
    page.get_by_role("link", name="Reset the password of wang.fang").click()
    expect(page.get_by_role("alertdialog")).to_contain_text("signed out everywhere")
    page.keyboard.press("Escape")

    page.context.clear_cookies()
    walk.go("/accounts/login/")
    sign_in_as(page, "wang.fang", given)
    expect(page.get_by_text("Choose your own password to go on.")).to_be_visible()
    walk.look("first-password")
    for label, text in (
        ("Current Password", given),
        ("New Password", OWN_PASSWORD),
        ("New Password (again)", OWN_PASSWORD),
    ):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Home")
    expect(page.locator(".topbar .tenant")).to_contain_text("Nile Retail")
    assert walk.faults == []


def test_a_change_of_the_caring_users_waits_an_hour_and_is_taken_back(walk):
    walk.sign_in("system_administrator")
    walk.go(PARAMETERS)
    page = walk.page
    users = page.get_by_label("Maximum number of caring users", exact=True)
    users.fill("800")
    expect(page.get_by_text("1 change is not saved.")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("1,000 is in force until")).to_be_visible()
    walk.look("system-parameter")
    page.get_by_role("button", name="Reset Maximum number of caring users to its default").click()
    expect(users).to_have_value("1000")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("is in force until")).to_have_count(0)
    assert walk.faults == []


def test_a_trusted_address_is_refused_added_and_deleted(walk):
    walk.sign_in("system_administrator")
    walk.go(f"{TRUSTLIST}add/")
    page = walk.page
    page.get_by_label("Host or network").fill("169.254.169.254")
    page.get_by_label("Remark").fill("Nightly lists")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The console never connects there.")).to_be_visible()
    walk.look("address-trustlist-add")
    page.get_by_label("Host or network").fill("SFTP.example.net")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("cell", name="sftp.example.net", exact=True)).to_be_visible()
    walk.look("address-trustlist")
    page.get_by_role("link", name="Delete sftp.example.net:22").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete address").click()
    expect(page.get_by_text("“sftp.example.net:22” is deleted.")).to_be_visible()
    assert walk.faults == []


def test_it_is_all_there_in_chinese(walk):
    walk.sign_in("system_administrator")
    walk.page.get_by_role("button", name="中文").click()
    expect(walk.page.get_by_text("个工作进程有响应")).to_be_visible()
    walk.look("11-home-system-zh")
    for name, path in (("spaces", SPACES), ("parameters", PARAMETERS), ("trustlist", TRUSTLIST)):
        walk.go(path)
        walk.look(f"system-{name}-zh")
    walk.go(SPACES)
    walk.page.get_by_role("link", name="Demo Telecom", exact=True).click()
    walk.look("tenant-space-zh")


def test_it_fits_a_phone(narrow):
    narrow.sign_in("system_administrator")
    for name, path in (("home", "/"), ("spaces", SPACES), ("parameters", PARAMETERS), ("trustlist", TRUSTLIST)):
        narrow.go(path)
        narrow.look(f"system-{name}-390")
        assert narrow.is_not_too_wide()
    narrow.go(SPACES)
    narrow.page.get_by_role("link", name="Demo Telecom", exact=True).click()
    narrow.look("tenant-space-390")
    assert narrow.is_not_too_wide()


def test_it_works_without_script(unscripted):
    unscripted.sign_in("system_administrator")
    page = unscripted.page
    page.get_by_role("link", name="Check now").click()
    expect(page.get_by_text("workers answer.")).to_be_visible()
    unscripted.go(SPACES)
    page.get_by_role("switch", name="SMS marketing, Demo Telecom").click()
    expect(page.get_by_text("Summer roaming packages")).to_be_visible()
    page.get_by_role("link", name="Leave it on").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Demo Telecom")
    unscripted.go(f"{SPACES}?name=other")
    expect(page.get_by_text("1 tenant space", exact=True)).to_be_visible()
