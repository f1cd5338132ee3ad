"""What stands around every page: sign-in, language, menu, errors, and what the browser is allowed."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tenants.models import LogEntry, User
from tenants.scoping import act_for

from . import make
from .pages import Person, text_of


def test_a_person_signs_in_and_lands_on_home(tenant):
    form = {"login": tenant.administrator.username, "password": make.PASSWORD}

    answer = Client().post(reverse("account_login"), form, follow=True)

    assert answer.redirect_chain == [("/", 302)]
    assert "Demo Telecom" in text_of(answer)


@pytest.mark.parametrize("login", ["demo-administrator", "nobody"])
def test_a_wrong_password_and_an_unknown_name_get_the_same_answer_and_the_name_stays(tenant, login):
    answer = Client().post(reverse("account_login"), {"login": login, "password": "wrong"})

    text = text_of(answer)
    assert "The user name or the password is wrong." in text
    assert f'value="{login}"' in answer.content.decode()
    assert text.replace(login, "") == text_of(
        Client().post(reverse("account_login"), {"login": "somebody", "password": "wrong"})
    ).replace("somebody", "")


def test_too_many_wrong_tries_lock_sign_in_for_a_while(tenant):
    form = {"login": tenant.administrator.username, "password": "wrong"}
    for _ in range(5):
        Client().post(reverse("account_login"), form)

    answer = Client().post(reverse("account_login"), form | {"password": make.PASSWORD})

    assert "There were too many wrong tries." in text_of(answer)
    cache.clear()  # or the next test would be locked out too


def test_nobody_signs_up(tenant):
    client = Client()

    assert "sign up" not in text_of(client.get(reverse("account_login"))).lower()
    client.post(
        "/accounts/signup/",
        {"username": "eve", "password1": "long-enough-password", "password2": "long-enough-password"},
    )

    assert not User.objects.filter(username="eve").exists()


def test_a_person_signs_out_by_post_only(administrator):
    assert administrator.client.get(reverse("account_logout")).status_code == 200
    administrator.client.post(reverse("account_logout"))

    assert administrator.get("importer:home").status_code == 302


def test_a_person_changes_the_password(administrator, tenant):
    form = {"oldpassword": make.PASSWORD, "password1": "another-long-secret-1", "password2": "another-long-secret-1"}

    answer = administrator.client.post(reverse("account_change_password"), form)

    assert answer.status_code == 302
    with act_for(tenant):
        assert User.objects.get(pk=tenant.administrator.pk).check_password("another-long-secret-1")


def test_the_language_is_switched_and_kept(administrator):
    administrator.client.post(reverse("set_language"), {"language": "zh-hans", "next": "/"})

    assert int(administrator.client.cookies["language"]["max-age"]) > 300 * 24 * 3600  # also by the next browser window
    assert '<html lang="zh-hans"' in administrator.get("importer:home").content.decode()


def test_the_menu_marks_where_one_is(administrator):
    content = administrator.get("marketing:tasks").content.decode()

    assert content.count('aria-current="page">mMarketing') == 2  # the tree and the crumbs
    assert "Tenant Parameter" in content


def test_a_system_administrator_sees_no_tenant(db):
    system = User.objects.create_superuser("root", make.PASSWORD)

    person = Person(system)

    assert "are shown to their own administrators only" in text_of(person.get("importer:home"))
    assert person.get("marketing:tasks").status_code == 403
    assert person.get("tenants:parameters").status_code == 403


def test_an_api_client_has_no_pages(tenant):
    assert Person(tenant.client).get("marketing:tasks").status_code == 403
    assert Person(tenant.client).get("importer:home").status_code == 403


def test_a_page_that_does_not_exist_says_so_in_the_console_s_look(administrator):
    answer = administrator.client.get("/nowhere/")

    assert answer.status_code == 404
    assert "There is no such page" in text_of(answer)


def test_a_form_without_its_token_is_refused(tenant):
    client = Client(enforce_csrf_checks=True)
    client.force_login(tenant.administrator)

    answer = client.post(reverse("tenants:parameters-save"), {"min_number_length": "1"})

    assert answer.status_code == 403
    assert "The page was open for too long" in text_of(answer)  # it is older than the last sign-in
    with act_for(tenant):
        assert LogEntry.objects.get(action="access.refuse").refused == "form_expired"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_who_changes_a_password_too_often_is_told_to_wait(administrator, language):
    administrator.client.post(reverse("set_language"), {"language": language})
    form = {"oldpassword": "wrong", "password1": "another-long-secret-1", "password2": "another-long-secret-1"}

    answers = [administrator.client.post(reverse("account_change_password"), form) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[5].headers["Retry-After"] == "60"
    assert ("Wait a minute" if language == "en" else "一分钟") in text_of(answers[5])
    cache.clear()


ABOVE = {  # what only takes a form: the page above it
    "tenants:parameters-save": "tenants:parameters",
    "tenants:number-try": "tenants:parameters",
    "marketing:opt-outs-delete": "marketing:opt-outs",
    "marketing:message-preview": "marketing:message-templates",
}


@pytest.mark.parametrize("view", ABOVE)
def test_who_opens_what_only_takes_a_form_comes_to_the_page_above(administrator, view):
    answer = administrator.get(view)

    assert (answer.status_code, answer["Location"]) == (302, reverse(ABOVE[view]))


def test_of_several_levels_without_a_page_the_next_one_is_found(tenant, administrator):
    with act_for(tenant):
        schedule = make.schedule()

    answer = administrator.get("importer:scheduled-import-run", schedule.task_id, schedule.pk)

    assert answer["Location"] == reverse("importer:scheduled-imports", args=[schedule.task_id])


def test_the_language_is_switched_on_a_form_that_was_refused(administrator):
    refused = administrator.post("tenants:parameters-save", min_number_length="x")
    form = {"language": "zh-hans", "next": refused.wsgi_request.get_full_path()}

    page = administrator.client.post(reverse("set_language"), form, follow=True)

    assert page.status_code == 200
    assert "租户参数" in text_of(page)


def test_who_was_signed_out_meanwhile_is_told_that_nothing_was_done(tenant):
    with act_for(tenant):
        task = make.task(state="running")
    stale = Person()

    sent = stale.post("marketing:task-suspend", task.pk)
    sign_in = stale.client.get(sent["Location"])
    form = {
        "login": tenant.administrator.username,
        "password": make.PASSWORD,
        "next": reverse("marketing:task-suspend", args=[task.pk]),
    }
    back = stale.client.post(reverse("account_login"), form, follow=True)

    assert "What you sent was not done" in text_of(sign_in)
    assert back.redirect_chain[-1][0] == reverse("marketing:task", args=[task.pk])
    with act_for(tenant):
        task.refresh_from_db()
    assert task.state == "running"


def test_a_fragment_of_who_was_signed_out_has_its_page_loaded_anew(tenant):
    stale = Person()

    for answer in (stale.get("importer:home", htmx=True), stale.post("tenants:number-try", htmx=True, number="1")):
        assert (answer.status_code, answer.headers["HX-Refresh"]) == (200, "true")


def test_home_greets_nobody(tenant):
    form = {"login": tenant.administrator.username, "password": make.PASSWORD}
    person = Person()
    person.client.post(reverse("account_login"), form)
    signed_out = person.client.post(reverse("account_logout"), follow=True)

    home = person.client.post(reverse("account_login"), form, follow=True)

    assert "You are signed out." in text_of(signed_out)
    assert "signed" not in text_of(home)


@pytest.mark.parametrize("name", ["importer:home", "marketing:tasks", "marketing:task-create", "tenants:parameters"])
def test_a_page_needs_no_inline_script_style_or_handler(administrator, name):
    answer = administrator.get(name)

    content = answer.content.decode()
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert " style=" not in content
    assert " onclick=" not in content
    assert "<script>" not in content
    assert "http://" not in content.replace("http://www.w3.org", "")
    assert "https://" not in content
