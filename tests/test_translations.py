"""English and Chinese: the catalogue is whole, and every page, refusal and answer of REST is said in both."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import formats, timezone, translation

from aicc_console import catalogue
from importer import pipeline
from importer.layout import ADDED_HEADERS, RECIPIENT_HEADERS, recipient_headers
from marketing import intake
from marketing.rules import Draft
from tenants.models import TrustedAddress, User
from tenants.refusals import declared
from tenants.scoping import act_for
from tenants.templatetags import console

from . import make, words
from .architecture.endpoints import endpoints
from .architecture.made import made

MOMENT = datetime(2026, 11, 22, 3, 2, 5, tzinfo=UTC)  # 11:02:05 in Shanghai
CHINESE = re.compile("[\u4e00-\u9fff]")
BADLY_SET = re.compile(  # half-width punctuation, no blank beside Latin or digits; words the console does not use
    "[\u4e00-\u9fff][,:;?!]|[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]|您|！|!"
)
ROWS = [("13800000001", "陈钰"), ("138", "李想"), ("13800000003", ""), ("13800000001", "重复")]


def test_every_message_is_translated_and_the_files_are_fresh():
    call_command("translations", check=True)


@pytest.mark.parametrize(
    ("said", "translated", "faults"),
    [
        ("%(n)s rows", "%(n)s 行", []),
        ("%(n)s rows", "", ["not translated: %(n)s rows"]),
        ("%(n)s rows", "%(m)s 行", ["other placeholders: %(n)s rows"]),
        ("{n} rows", "n 行", ["other placeholders: {n} rows"]),
        (("%(n)s row", "%(n)s rows"), ("行",), ["other placeholders: %(n)s rows"]),
    ],
)
def test_a_fault_of_a_translation_is_named(said, translated, faults):
    written = Catalog(locale="zh_Hans")
    written.add(said, translated)

    assert list(catalogue.faults(written)) == faults


def test_the_check_names_a_message_that_lost_its_translation_and_writes_nothing(monkeypatch, tmp_path):
    torn = tmp_path / "django.po"
    torn.write_text(catalogue.PO.read_text(encoding="utf-8").replace('"首页"', '""'), encoding="utf-8")
    monkeypatch.setattr(catalogue, "PO", torn)
    before = torn.read_bytes()

    with pytest.raises(CommandError, match="not translated: Home"):
        call_command("translations", check=True)

    assert torn.read_bytes() == before


@pytest.mark.parametrize(
    ("english", "context", "chinese"),
    [
        ("Created", "customers", "成功"),  # how many
        ("Created", None, "创建时间"),
        ("Complete", "operation", "结束"),
        ("Complete", None, "完成"),
        ("Refused", None, "被拒绝"),
        ("Number", "recipient", "号码"),
        ("Rows", "count", "行数"),
    ],
)
def test_a_word_of_several_meanings_has_the_right_one(english, context, chinese):
    with translation.override("zh-hans"):
        assert (translation.pgettext(context, english) if context else translation.gettext(english)) == chinese


@pytest.mark.parametrize(("key", "sentence"), list(declared()))
def test_every_refusal_is_chinese_too(key, sentence):
    with translation.override("en"):
        english = str(sentence)
    with translation.override("zh-hans"):
        chinese = str(sentence)

    assert chinese != english
    assert catalogue.placeholders(chinese) == catalogue.placeholders(english)


def test_chinese_is_set_as_chinese():
    badly_set = [
        str(message.string)
        for message in catalogue.stored()
        if message.id and BADLY_SET.search(catalogue.PLACEHOLDER.sub("", str(message.string)))
    ]

    assert badly_set == []


def test_the_columns_put_before_a_download_are_known_when_they_come_back():
    with translation.override("zh-hans"):
        assert tuple(translation.gettext(name) for name in ADDED_HEADERS[0]) == ADDED_HEADERS[1]
        headers = {medium: recipient_headers(medium)[0] for medium in RECIPIENT_HEADERS}

    assert [medium for medium, header in headers.items() if header not in RECIPIENT_HEADERS[medium]] == []
    assert [header for header in headers.values() if not CHINESE.search(header)] == []


@pytest.fixture
def chinese_tenant(db) -> Any:
    """A tenant all of whose own words are Chinese, with an import of which rows succeeded, failed and were double."""
    tenant: Any = made("云禾通信")
    with act_for(tenant):
        template = make.template("你好，${name}", name="续约提醒")
        tenant.task = make.task(name="秋季升级优惠", template=template)
        tenant.recipient = intake.admit(tenant.task, Draft("+8613900000000", {"name": "王芳"}))
        tenant.rule = make.mapping_rule("客户系统导出", description="每晚")
        tenant.file_server = make.file_server("客户系统", username="导入")
        tenant.batch = make.batch(tenant.task, ROWS, chunk_rows=9, source_name="客户.csv", operator_name="陈钰")
        tenant.batch.layout["header"] = ["接收人号码", "name"]
        tenant.batch.save(update_fields=["layout"])
    pipeline.run_chunk(str(tenant.pk), str(tenant.batch.pk), 0)
    return tenant


@pytest.fixture
def reader(chinese_tenant) -> Client:
    """A person who chose Chinese."""
    client = Client()
    client.force_login(chinese_tenant.administrator)
    client.cookies["language"] = "zh-hans"
    return client


def english_in(answer: Any) -> list[str]:
    return words.english_in(answer.content.decode())


def shown(reader: Client, tenant: Any, *, is_system: bool) -> dict[str, Any]:
    """Return {name: answer} of all that is a page, or a part of one, to `reader`."""
    pages = [one for one in endpoints() if one.is_system == is_system and not one.is_rest]
    answers = {endpoint.name: reader.get(endpoint.url(tenant)) for endpoint in pages}
    return {name: answer for name, answer in answers.items() if is_page(answer)}


def is_page(answer: Any) -> bool:
    return answer.status_code == 200 and answer["Content-Type"].startswith("text/html")


def test_no_page_has_an_english_sentence_left(chinese_tenant, reader):
    pages = shown(reader, chinese_tenant, is_system=False)

    assert {name: english_in(answer) for name, answer in pages.items() if english_in(answer)} == {}
    assert len(pages) > 15


def test_no_page_of_the_system_administration_has_an_english_sentence_left(chinese_tenant):
    chinese_tenant.trusted = TrustedAddress.objects.create(address_type="smartcare", host="care.example", port=443)
    client = Client()
    client.force_login(User.objects.create_superuser("root", full_name="赵敏"))
    client.cookies["language"] = "zh-hans"

    pages = shown(client, chinese_tenant, is_system=True)

    assert {name: english_in(answer) for name, answer in pages.items() if english_in(answer)} == {}
    assert len(pages) > 8


@pytest.mark.parametrize(
    ("view", "form"),
    [
        ("marketing:task-create", {}),
        ("marketing:task-create", {"name": "秋季升级优惠", "windows": "x", "begin_at": "never", "description": "<"}),
        ("marketing:message-template-create", {"name": "", "medium": "sms", "body": "${name ${task_id}"}),
        ("tenants:parameters-save", {"min_number_length": "30", "begin_digits": "a"}),
        ("tenants:number-try", {"number": "138x"}),
        ("account_change_password", {"oldpassword": "wrong", "password1": "123", "password2": "124"}),
        ("account_login", {"login": "nobody", "password": "wrong"}),
        ("account_login", {}),
    ],
)
def test_what_is_refused_is_refused_in_chinese(chinese_tenant, reader, view, form):
    if view == "account_login":
        reader.logout()
        reader.cookies["language"] = "zh-hans"

    answer = reader.post(reverse(view), form)

    assert answer.status_code == 200
    assert english_in(answer) == []


def test_a_file_that_cannot_be_imported_is_refused_in_chinese(chinese_tenant, reader):
    files = {"": b"", "csv": "姓名\n陈钰\n".encode(), "xlsx": b"PK", "pdf": b"%PDF-1.4"}

    for ending, content in files.items():
        file = SimpleUploadedFile(f"客户.{ending}", content)
        answer = reader.post(reverse("importer:import-check", args=[chinese_tenant.task.pk]), {"file": file})

        assert english_in(answer) == []


@pytest.mark.parametrize("language", ["zh-hans", "zh-CN", "zh", "zh-CN,zh;q=0.9,en;q=0.8"])
@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("get", "marketing-tasks/00000000-0000-0000-0000-000000000000/", None, 404),
        ("get", "marketing-tasks/?limit=many", None, 400),
        ("get", "marketing-tasks/?cursor=x", None, 400),
        ("post", "marketing-tasks/", "{", 400),
        ("post", "marketing-tasks/", '{"name": 5, "colour": "red", "medium": "fax", "template": "x"}', 400),
        ("put", "marketing-tasks/", "{}", 405),
    ],
)
def test_rest_answers_in_the_callers_language(client, tenant, language, method, path, body, status):
    headers = {"Authorization": f"Bearer {tenant.token}", "Accept-Language": language}
    sent = {} if body is None else {"data": body, "content_type": "application/json"}

    answer = getattr(client, method)(f"/api/v1/{path}", headers=headers, **sent)

    assert answer.status_code == status
    assert answer["Content-Language"] == "zh-hans"
    said = [
        answer.json()["detail"],
        *(fault["detail"] for one in answer.json().get("errors", {}).values() for fault in one),
    ]
    assert [text for text in said if not CHINESE.search(text)] == []


def test_rest_says_in_chinese_that_the_token_is_missing(client, db):
    answer = client.get("/api/v1/marketing-tasks/", headers={"Accept-Language": "zh-CN"})

    assert answer.status_code == 401
    assert CHINESE.search(answer.json()["detail"])


@pytest.mark.parametrize(
    ("write", "english", "chinese"),
    [
        (lambda: formats.date_format(MOMENT, "DATE_FORMAT"), "22 Nov 2026", "2026-11-22"),
        (lambda: formats.date_format(timezone.localtime(MOMENT)), "22 Nov 2026", "2026-11-22"),
        (
            lambda: formats.date_format(timezone.localtime(MOMENT), "DATETIME_FORMAT"),
            "22 Nov 2026, 11:02",
            "2026-11-22 11:02",
        ),
        (lambda: console.to_the_second(MOMENT), "22 Nov 2026, 11:02:05", "2026-11-22 11:02:05"),
        (lambda: formats.date_format(MOMENT, "MONTH_DAY_FORMAT"), "22 Nov", "11 月 22 日"),
        (lambda: formats.number_format(12345), "12,345", "12,345"),
        (lambda: console.percent_of(189, 200), "94.5%", "94.5%"),
        (lambda: console.percent_of(200, 200), "100%", "100%"),
        (lambda: console.size(14_800_000), "14.8 MB", "14.8 MB"),
        (lambda: console.duration(5), "5 s", "5 秒"),
        (lambda: console.duration(80), "1 min 20 s", "1 分 20 秒"),
        (lambda: console.duration(7_500), "2 h 5 min", "2 小时 5 分钟"),
    ],
)
def test_dates_and_numbers_are_written_as_each_language_writes_them(write, english, chinese):
    with timezone.override("Asia/Shanghai"):
        with translation.override("en"):
            assert write() == english
        with translation.override("zh-hans"):
            assert write() == chinese
