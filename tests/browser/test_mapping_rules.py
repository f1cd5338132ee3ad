"""Mapping rules in a real browser: made, chosen, made on the spot for a file, and a file imported by them."""

from pathlib import Path

from playwright.sync_api import expect

RULES = "/configuration-center/mapping-rule/"
TASKS = "/outbound-call/mmarketing/"
TASK = "Loyalty gift, second wave"  # a draft of the demo without recipients
SAMPLE = Path(__file__).parent.parent.parent / "docs" / "samples" / "crm-export.csv"


def open_dialog(walk):
    walk.go(TASKS)
    walk.page.get_by_role("row").filter(has_text=TASK).get_by_role("link", name="Import Data").click()
    dialog = walk.page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Import Marketing Data")).to_be_visible()
    return dialog


def test_a_rule_is_made_read_and_deleted(walk):
    walk.sign_in()
    page = walk.page
    walk.go(RULES)
    expect(page.get_by_role("link", name="CRM export", exact=True)).to_be_visible()
    walk.look("mapping-rules")
    page.get_by_role("link", name="Create mapping rule").click()
    page.get_by_label("Rule name").fill("Billing extract")
    page.get_by_label("Recipient column").fill("28")
    expect(page.locator("[data-letter]").first).to_have_text("AB")
    page.get_by_label("Variables of template").select_option(label="Monthly bill")
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_label("Variable 4", exact=True)).to_have_value("due_date")
    page.get_by_label("Column of variable 4").fill("28")
    page.get_by_role("button", name="Add a variable").click()
    expect(page.get_by_label("Variable 5", exact=True)).to_be_visible()
    page.get_by_label("Rule name").press("Enter")
    expect(page.get_by_text("Column 28 is taken already, by the recipient.")).to_be_visible()
    expect(page.get_by_label("Rule name")).to_have_value("Billing extract")
    walk.look("mapping-rule-form")
    page.get_by_role("button", name="Remove variable 4").click()
    expect(page.get_by_label("Variable 4", exact=True)).to_be_hidden()
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_text("“Billing extract” is saved.")).to_be_visible()

    page.get_by_role("searchbox", name="Rule name").fill("bill")
    expect(page.get_by_text("1 mapping rule", exact=True)).to_be_visible()
    page.get_by_role("link", name="Billing extract", exact=True).click()
    walk.look("mapping-rule")
    page.get_by_role("link", name="Delete").click()
    question = page.get_by_role("alertdialog")
    expect(question).to_contain_text("Imports that ran by this rule keep its name")
    walk.look("mapping-rule-delete")
    question.get_by_role("button", name="Delete mapping rule").click()
    expect(page.get_by_text("“Billing extract” is deleted.")).to_be_visible()
    assert walk.faults == []


def test_a_file_without_a_header_is_imported_by_a_rule(walk):
    walk.sign_in()
    page = walk.page
    dialog = open_dialog(walk)
    page.set_input_files("#import-file", SAMPLE)
    expect(dialog.get_by_role("alert")).to_contain_text("The first row lacks")

    dialog.get_by_text("Rule", exact=True).click()
    expect(dialog.get_by_text("Choose the mapping rule that says which column is what.").first).to_be_visible()
    expect(dialog.get_by_role("button", name="OK")).to_have_attribute("aria-disabled", "true")
    expect(dialog.get_by_text("crm-export.csv")).to_be_visible()
    walk.look("03-import-data-rule-start")
    dialog.get_by_label("Mapping rule", exact=True).select_option(label="CRM export")
    expect(dialog.get_by_text("Column 3 (C) is the recipient, 5 (E) name")).to_be_visible()
    expect(dialog.get_by_text("300 rows will be imported.")).to_be_visible()
    walk.look("03-import-data-rule")

    dialog.get_by_text("Template", exact=True).click()  # and back: the file stays
    expect(dialog.get_by_role("alert")).to_contain_text("The first row lacks")
    dialog.get_by_text("Rule", exact=True).click()
    expect(dialog.get_by_text("300 rows will be imported.")).to_be_visible()
    dialog.get_by_role("button", name="OK").click()
    expect(page.get_by_role("heading", name="What became of the rows")).to_be_visible()
    expect(page.get_by_text("File, by Rule “CRM export”")).to_be_visible()
    walk.look("05-import-result-by-rule")
    page.get_by_role("link", name="See the failed rows").click()
    expect(page.get_by_role("columnheader", name="Recipient number")).to_be_visible()
    walk.look("06-failed-rows-by-rule")


def test_a_rule_is_made_on_the_spot_for_the_chosen_file(walk, tmp_path: Path):
    file = tmp_path / "shop.csv"
    file.write_text("Shop,Mobile,Name,Plan,Gift GB,Note\nA,139-0000-7001,Li Wei,Fun 59,20,\nB,139,Bo,Fun 99,30,x\n")
    walk.sign_in()
    page = walk.page
    dialog = open_dialog(walk)
    page.set_input_files("#import-file", file)
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_text("Rule", exact=True).click()
    dialog.get_by_role("button", name="Create rule").click()
    expect(dialog.get_by_label("Recipient column")).to_have_value("2")
    expect(dialog.get_by_label("Column of variable 1")).to_have_value("3")
    expect(dialog.get_by_role("button", name="OK")).to_have_attribute("aria-disabled", "true")
    walk.look("03-import-data-rule-create")
    dialog.get_by_label("Rule name").fill("Shop list")
    dialog.get_by_label("Rule name").press("Enter")
    expect(dialog.get_by_text("A column is a whole number from 1 (A) to 100 (CV).").first).to_be_visible()
    walk.look("03-import-data-rule-refused")
    dialog.get_by_label("Column of variable 3").fill("6")
    dialog.get_by_label("Column of variable 3").press("Enter")
    expect(dialog.get_by_label("Mapping rule", exact=True).locator("option:checked")).to_have_text("Shop list")
    expect(dialog.get_by_text("2 rows will be imported.")).to_be_visible()
    expect(dialog.get_by_text("+8613900007001")).to_be_visible()
    walk.look("03-import-data-rule-made")
    assert walk.faults == []


def test_a_viewer_reads_rules_only(walk):
    walk.sign_in("tenant_viewer")
    walk.go(RULES)
    walk.look("mapping-rules-viewer")
    walk.page.get_by_role("link", name="CRM export", exact=True).click()
    expect(walk.page.get_by_role("link", name="Edit")).to_have_count(0)
    walk.look("mapping-rule-viewer")


def test_rules_in_chinese(walk):
    walk.sign_in()
    walk.page.get_by_role("button", name="中文").click()
    walk.go(RULES)
    expect(walk.page.get_by_role("heading", name="映射规则")).to_be_visible()
    walk.look("mapping-rules-zh")
    walk.go(f"{RULES}create/")
    walk.look("mapping-rule-form-zh")


def test_rules_fit_a_phone(narrow):
    narrow.sign_in()
    page = narrow.page
    for name, path in (("mapping-rules-390", RULES), ("mapping-rule-form-390", f"{RULES}create/")):
        narrow.go(path)
        narrow.look(name)
        assert narrow.is_not_too_wide()
    narrow.go(TASKS)
    page.get_by_role("link", name=TASK, exact=True).click()
    page.get_by_role("link", name="Import Data").first.click()
    page.get_by_text("Rule", exact=True).click()
    page.get_by_role("button", name="Create rule").click()
    expect(page.get_by_label("Rule name")).to_be_visible()
    narrow.look("03-import-data-rule-create-390")
    assert narrow.is_not_too_wide()


def test_rules_work_without_script(unscripted):
    unscripted.sign_in()
    page = unscripted.page
    unscripted.go(f"{RULES}create/")
    page.get_by_label("Variables of template").select_option(label="5G upgrade offer")
    page.get_by_role("button", name="Take over").click()
    page.get_by_role("button", name="Remove variable 3").click()
    page.get_by_role("button", name="Add a variable").click()
    page.get_by_label("Rule name").fill("Without script")
    page.get_by_label("Variable 4", exact=True).fill("last_day")
    page.get_by_label("Column of variable 4").fill("9")
    page.get_by_label("The first row is a header").uncheck()
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_text("“Without script” is saved.")).to_be_visible()

    unscripted.go(TASKS)
    page.get_by_role("row").filter(has_text="Prepaid top-up reminder").get_by_role("link", name="Import Data").click()
    page.get_by_label("Rule", exact=True).check()
    page.get_by_role("button", name="Create rule").click()
    page.get_by_label("Rule name").fill("Made for a task")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_label("Rule", exact=True)).to_be_checked()
    expect(page.get_by_label("Mapping rule", exact=True).locator("option:checked")).to_have_text("Made for a task")
    page.get_by_label("Mapping rule", exact=True).select_option(label="CRM export")
    page.set_input_files("#import-file", SAMPLE)
    page.get_by_role("button", name="OK").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Import ")
    expect(page.get_by_text("File, by Rule “CRM export”")).to_be_visible()
