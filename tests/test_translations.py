"""English and Chinese: the catalogue is fresh, and every refusal has its sentence in both."""

import pytest
from django.core.management import call_command
from django.utils import translation

from aicc_console import catalogue
from aicc_console.errors import SENTENCES
from importer.layout import ADDED_HEADERS, RECIPIENT_HEADERS
from tenants.refusals import declared


def test_the_catalogue_holds_what_the_code_says_now():
    call_command("translations", check=True)


def test_no_translation_lost_a_placeholder():
    assert [fault for fault in catalogue.faults(catalogue.stored()) if fault.startswith("other")] == []


@pytest.mark.parametrize(("key", "sentence"), declared())
def test_every_refusal_is_chinese_too(key, sentence):
    with translation.override("en"):
        english = str(sentence)
    with translation.override("zh-hans"):
        chinese = str(sentence)

    assert chinese != english
    assert set(catalogue.PLACEHOLDER.findall(chinese)) == set(catalogue.PLACEHOLDER.findall(english))


def test_the_columns_put_before_a_download_are_known_when_they_come_back():
    with translation.override("zh-hans"):
        assert tuple(translation.gettext(name) for name in ADDED_HEADERS[0]) == ADDED_HEADERS[1]
        for names in RECIPIENT_HEADERS.values():
            assert translation.gettext(names[0]) in names


def test_rest_answers_in_the_callers_language(client, tenant):
    headers = {"Authorization": f"Bearer {tenant.token}", "Accept-Language": "zh-CN"}

    answer = client.get("/api/v1/marketing-tasks/00000000-0000-0000-0000-000000000000/", headers=headers)

    with translation.override("zh-hans"):
        assert answer.json()["detail"] == str(SENTENCES[404][1])
    with translation.override("en"):
        assert answer.json()["detail"] != str(SENTENCES[404][1])
