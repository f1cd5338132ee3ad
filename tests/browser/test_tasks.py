"""mMarketing and Notification Template as their users use them."""

import re

from playwright.sync_api import expect

TASKS = "/outbound-call/mmarketing/"
TEMPLATES = "/configuration-center/notification-template/"


def test_the_list_is_filtered_and_sorted_in_place(walk):
    walk.sign_in()
    walk.go(TASKS)
    page = walk.page
    counters = page.get_by_role("navigation", name="Tasks by state")
    expect(counters).to_contain_text("All tasks")

    page.get_by_label("Medium").select_option("email")
    expect(page.get_by_text("1 task", exact=True)).to_be_visible()
    expect(counters.get_by_role("link").first).to_contain_text(re.compile(r"^1\s*All tasks"))  # they follow
    page.get_by_label("Medium").select_option("")
    page.get_by_label("Runs on or after").fill("2199-01-01")
    expect(page.get_by_text("No task fits these filters")).to_be_visible()
    page.get_by_label("Runs on or after").fill("")

    page.get_by_role("link", name="Task name").click()
    heading = page.get_by_role("columnheader", name="Task name")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    assert "sort=name" in page.url
    walk.look("01-mmarketing-sorted")
    page.get_by_role("searchbox", name="Task name").fill("e")  # the order stays
    expect(page).to_have_url(re.compile(r"name=e.*sort=name"))
    expect(heading).to_have_attribute("aria-sort", "ascending")
    assert walk.faults == []


def test_a_template_and_a_task_are_made(walk):
    walk.sign_in()
    page = walk.page
    walk.go(f"{TEMPLATES}create/")
    page.get_by_label("Template name").fill("5G reminder")
    page.get_by_label("Content").fill("Yunhe: ${name")
    expect(page.get_by_role("alert")).to_contain_text("The text has a “${” without its “}”.")
    page.get_by_label("Content").fill("Yunhe: ${name}, it’s your offer until ${last_day}")
    page.get_by_label("${last_day}").fill("31 Dec")
    expect(page.locator("[data-bubble]")).to_contain_text("it’s your offer until 31 Dec")
    expect(page.get_by_text("’ (U+2019)")).to_be_visible()
    expect(page.get_by_text("Unicode, 70 characters a part")).to_be_visible()
    walk.look("notification-template-form")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("“5G reminder” is saved.")).to_be_visible()

    walk.go(f"{TASKS}create/")
    page.get_by_role("button", name="Next: Marketing Policy").click()
    expect(page.get_by_label("Task name")).to_be_focused()  # it is required
    page.get_by_label("Task name").fill("Winter tariff")
    page.get_by_role("button", name="Next: Marketing Policy").click()
    page.get_by_label("Begin time").fill("2026-12-01T09:00")
    page.get_by_label("End time").fill("2099-12-31T18:00")
    page.get_by_role("button", name="Create task").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose one of the templates of this tenant space.")
    page.get_by_role("alert").get_by_role("link", name="Message template").click()
    page.get_by_role("radio", name="5G reminder").check()
    page.get_by_role("textbox", name="${name}").fill("Li Wei")
    expect(page.locator("[data-bubble]")).to_contain_text("Yunhe: Li Wei")
    walk.look("02-create-task-message")
    page.get_by_role("button", name="Next: Marketing Policy").click()
    page.get_by_label("Begin of window 1").fill("09:00")
    page.get_by_label("End of window 1").fill("12:00")
    expect(page.get_by_text("09:00–12:00")).to_be_visible()
    walk.look("02-create-task-policy")
    page.get_by_role("button", name="Create task").click()
    expect(page.get_by_text("“Winter tariff” is created as a draft.")).to_be_visible()
    assert walk.faults == []
