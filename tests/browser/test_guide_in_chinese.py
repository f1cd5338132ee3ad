"""The guide's numbered steps in Chinese, by the menu and by what the pages say: no address is typed."""

import re
from io import BytesIO
from pathlib import Path

import openpyxl
from playwright.sync_api import Download, Page, expect

from .conftest import Walk

DRAFT, CARE = "Loyalty gift, second wave", "Voice quality call-back"  # of the demo
GOOD, SHORT = ("13800009901", "李雷", "畅享 59", "12 月 15 日", "20"), ("138", "韩梅梅", "畅享 99", "", "30")


def sign_in(walk: Walk, who: str) -> None:
    """Sign in on the Chinese page."""
    user = walk.console.demo["users"][who]
    walk.go("/")
    walk.page.get_by_role("button", name="中文").click()
    walk.page.get_by_label("用户名").fill(user["username"])
    walk.page.get_by_label("密码", exact=True).fill(user["password"])
    walk.page.get_by_role("button", name="登录").click()


def choose(page: Page, name: str) -> None:
    page.get_by_role("complementary", name="主菜单").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def operate(page: Page, task: str, operation: str) -> None:
    page.get_by_role("row").filter(has_text=task).get_by_role("link", name=operation, exact=True).click()


def book_of(download: Download) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(download.path().read_bytes()))  # the path has no ending


def fill_in(template: Download, folder: Path) -> Path:
    """Write a good row, the same one again, and one that fails below the template's header."""
    book = book_of(template)
    for row in (GOOD, GOOD, SHORT):
        book.active.append(row)
    book.save(folder / "十一月.xlsx")
    return folder / "十一月.xlsx"


def test_marketing_data_is_imported_in_batches(walk, tmp_path: Path):
    sign_in(walk, "tenant_administrator")
    page = walk.page
    choose(page, "多媒体营销")  # step 1
    operate(page, DRAFT, "导入数据")  # step 2
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="导入营销数据")).to_be_visible()
    expect(dialog).to_contain_text("单个文件最多 10,000 条记录，从服务器导入最多 500,000 条")
    with page.expect_download() as template:
        dialog.get_by_role("link", name="下载营销数据模板").click()
    page.set_input_files("#import-file", fill_in(template.value, tmp_path))  # step 3
    expect(dialog.get_by_text("该文件可以导入。")).to_be_visible()
    dialog.get_by_role("button", name="确定").click()
    expect(page.get_by_role("heading", name="各行处理结果")).to_be_visible()

    choose(page, "多媒体营销")  # step 4
    operate(page, DRAFT, "导入结果")
    result = page.get_by_role("row").filter(has_text="十一月.xlsx")
    for title, code in (("失败", "number_length"), ("重复", "duplicate")):
        with page.expect_download() as rows:
            result.locator(f"td[data-label={title}] a").click()
        [line] = [*book_of(rows.value).active.values][1:]
        assert line[1] == code
    assert walk.faults == []


def test_marketing_data_is_added_one_by_one(walk):
    sign_in(walk, "tenant_administrator")
    page = walk.page
    choose(page, "多媒体营销")
    operate(page, DRAFT, "导入数据")  # step 1
    page.get_by_role("dialog").get_by_role("link", name="添加").click()  # step 2
    page.get_by_label("接收人号码").fill("138 0000 9902")
    expect(page.get_by_role("heading", name="设置变量")).to_be_visible()
    for name in ("name", "plan", "gift"):
        page.get_by_label(name, exact=True).fill("5")
    page.get_by_role("button", name="保存", exact=True).click()  # step 3
    expect(page.get_by_text("接收人已添加。")).to_be_visible()

    page.get_by_role("link", name="编辑 +8613800009902").click()  # step 4
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("plan", exact=True).fill("畅享 99")
    drawer.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("接收人已保存。")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="+8613800009902")).to_contain_text("畅享 99")
    assert walk.faults == []


def test_the_smartcare_feature_is_switched_on(walk):
    sign_in(walk, "system_administrator")
    page = walk.page
    choose(page, "租户管理")  # step 1
    page.get_by_role("switch", name="SmartCare，Other Telecom").click()
    expect(page.get_by_text("已为“Other Telecom”开启“SmartCare”。")).to_be_visible()
    page.get_by_role("switch", name="SmartCare，Other Telecom").click()
    expect(page.get_by_text("已为“Other Telecom”关闭“SmartCare”。")).to_be_visible()
    choose(page, "系统参数")
    expect(page.get_by_role("textbox", name="最大关怀用户数")).to_be_visible()
    expect(page.get_by_text("修改在一小时后生效")).to_be_visible()
    assert walk.faults == []


def test_a_care_task_is_created_viewed_and_its_recipients_changed(walk):
    sign_in(walk, "tenant_administrator")
    page = walk.page
    choose(page, "多媒体营销")
    page.get_by_role("link", name="创建任务").click()  # step 2
    page.get_by_label("任务名称").fill("夜间关怀")
    page.get_by_label("任务类型").select_option(label="关怀")
    page.get_by_label("关怀场景").select_option(label="语音")
    page.get_by_role("radio", name="Poor quality apology").check()
    page.get_by_role("button", name="下一步：营销策略").click()
    page.get_by_label(re.compile("^开始时间")).fill("2026-12-01T09:00")
    page.get_by_label(re.compile("^结束时间")).fill("2099-12-31T18:00")
    page.get_by_role("button", name="创建任务").click()
    expect(page.get_by_text("“夜间关怀”已创建为草稿。")).to_be_visible()

    choose(page, "多媒体营销")
    operate(page, CARE, "查看")  # step 3
    expect(page.get_by_role("heading", name="每日体验差客户")).to_be_visible()
    page.get_by_role("link", name="编辑 +86").first.click()  # step 4
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("接收人号码").fill("13900000088")
    drawer.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("接收人已保存。")).to_be_visible()
    page.get_by_role("link", name="删除 +8613900000088").click()
    page.get_by_role("alertdialog").get_by_role("button", name="删除 1 个接收人").click()
    expect(page.get_by_text("已删除 1 个接收人。")).to_be_visible()
    assert walk.faults == []
