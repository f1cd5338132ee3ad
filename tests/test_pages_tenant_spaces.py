"""Call Center > Tenant Management, and the first sign-in of the people that are made there."""

import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from marketing.models import MarketingTask
from tenants.models import LogEntry, Tenant, User
from tenants.scoping import act_for

from . import make
from .pages import Person, text_of

SPACE = {"name": "Nile Retail", "time_zone": "Africa/Cairo", "username": "wang.fang", "full_name": "Wang Fang"}


@pytest.fixture
def root(db) -> User:
    return User.objects.create_superuser("root", make.PASSWORD, full_name="Sam Sysadmin")


@pytest.fixture
def person(root) -> Person:
    return Person(root)


def password_on(page) -> str:
    return re.search(r"([a-z2-9]{5}-){3}[a-z2-9]{5}", text_of(page)).group()


def signed_in(username: str, password: str) -> tuple[Client, str]:
    """Return the browser that signed in, and where it was sent."""
    client = Client()
    answer = client.post(reverse("account_login"), {"login": username, "password": password}, follow=True)
    return client, answer.redirect_chain[-1][0] if answer.redirect_chain else ""


def test_the_list_shows_counts_and_times_and_nothing_of_what_is_in_them(person, tenant):
    with act_for(tenant):
        task = make.task(name="Winter tariff", state="running")
        make.batch(task, [["13800000001", "Ann"]], source_name="secret.csv")

    text = text_of(person.get("administration:spaces"))

    assert "Demo Telecom" in text
    assert "1 administrator" in text
    assert "1 task running" in text
    assert "last import" in text
    assert "Winter" not in text
    assert "secret.csv" not in text


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({}, {"Demo Telecom", "Other Telecom"}),
        ({"name": "demo"}, {"Demo Telecom"}),
        ({"state": "disabled"}, {"Other Telecom"}),
        ({"state": "active", "name": "other"}, set()),
        ({"state": "nonsense"}, {"Demo Telecom", "Other Telecom"}),
    ],
)
def test_it_is_searched_and_filtered(person, tenant, other_tenant, query, shown):
    Tenant.objects.filter(pk=other_tenant.pk).update(is_active=False)

    page = person.get("administration:spaces", **query)

    assert {row["space"].name for row in page.context["spaces"]} == shown


def test_it_is_paged(person):
    for number in range(25):
        Tenant.objects.create(name=f"Tenant {number:02}")

    first = person.get("administration:spaces")
    second = person.client.get(reverse("administration:spaces") + first.context["next"])

    assert [len(page.context["spaces"]) for page in (first, second)] == [20, 5]
    assert second.context["spaces"][0]["space"].name == "Tenant 20"


def test_a_tenant_space_is_made_and_its_administrator_must_choose_a_password(person):
    page = person.post("administration:space-create", **SPACE)
    given = password_on(page)

    client, place = signed_in("wang.fang", given)
    assert place == reverse("account_change_password")
    assert client.get(reverse("marketing:tasks")).headers["Location"] == reverse("account_change_password")
    assert client.get("/api/v1/marketing-tasks/").status_code == 403

    form = {"oldpassword": given, "password1": given, "password2": given}
    refused = client.post(reverse("account_change_password"), form)
    assert "This is the password that you were given." in text_of(refused)
    form |= dict.fromkeys(("password1", "password2"), "another-long-secret-1")
    assert client.post(reverse("account_change_password"), form).headers["Location"] == "/"
    assert client.get(reverse("marketing:tasks")).status_code == 200
    assert "Nile Retail" in text_of(client.get("/"))


def test_a_first_password_is_shown_once(person):
    given = password_on(person.post("administration:space-create", **SPACE))

    space = Tenant.objects.get(name="Nile Retail")

    assert given not in text_of(person.get("administration:space", space.pk))
    assert given not in repr(LogEntry.objects.values_list())


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "Demo Telecom"}, "Another tenant space has this name."),
        ({"username": "demo-viewer"}, "This user name is taken."),
        ({"username": ""}, "This field is required."),
        ({"time_zone": "Mars/Olympus"}, "Mars/Olympus is not one of the available choices"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field_and_stays(person, tenant, changes, sentence):
    answer = person.post("administration:space-create", **(SPACE | changes))

    assert sentence in text_of(answer)
    assert 'value="Wang Fang"' in answer.content.decode()
    assert Tenant.objects.count() == 1


def test_it_is_edited(person, tenant):
    answer = person.post("administration:space-edit", tenant.pk, name="Demo Mobile", time_zone="Asia/Shanghai")

    assert answer.status_code == 302
    assert "Demo Mobile" in text_of(person.get("administration:space", tenant.pk))


def test_a_question_comes_before_disabling_and_says_what_happens(person, tenant):
    with act_for(tenant):
        make.batch(make.task(), [["13800000001", "Ann"]])

    question = text_of(person.get("administration:space-disable", tenant.pk, htmx=True))

    assert "nobody of this tenant space is signed in" in question
    assert "its running imports stop (now: 1)" in question
    assert Tenant.objects.get(pk=tenant.pk).is_active
    person.post("administration:space-disable", tenant.pk)
    assert "This tenant space is disabled." in text_of(person.get("administration:space", tenant.pk))
    person.post("administration:space-enable", tenant.pk)
    assert Tenant.objects.get(pk=tenant.pk).is_active


def test_a_feature_that_no_published_task_needs_is_switched_at_once(person, tenant):
    person.post("administration:space-feature", tenant.pk, "smartcare", is_on="yes")
    assert Tenant.objects.get(pk=tenant.pk).smartcare

    answer = person.post("administration:space-feature", tenant.pk, "smartcare", is_on="no", htmx=True)

    assert answer.headers["HX-Refresh"] == "true"  # the page where the switch stands
    assert not Tenant.objects.get(pk=tenant.pk).smartcare


def test_a_feature_that_published_tasks_need_is_switched_off_after_a_question_that_names_them(person, tenant):
    with act_for(tenant):
        make.task(name="Winter tariff", state="running")
        make.task(name="Spring tariff", state="suspended")
    address = ("administration:space-feature", tenant.pk, "sms_marketing")

    question = text_of(person.post(*address, is_on="no"))

    assert "2 published tasks need it." in question
    assert "Spring tariff" in question
    assert "Winter tariff" in question
    assert Tenant.objects.get(pk=tenant.pk).sms_marketing

    person.post(*address, is_on="no", confirmed="yes")
    assert "1 task is suspended." in text_of(person.get("administration:space", tenant.pk))
    assert not Tenant.objects.get(pk=tenant.pk).sms_marketing
    with act_for(tenant):
        assert set(MarketingTask.objects.values_list("state", flat=True)) == {"suspended"}


def test_a_feature_that_does_not_exist_is_not_there(person, tenant):
    assert person.post("administration:space-feature", tenant.pk, "fax_marketing", is_on="yes").status_code == 404


def test_people_are_added_and_listed_without_api_clients(person, tenant):
    page = person.post("administration:person-add", tenant.pk, username="li.na", role="tenant_viewer")
    given = password_on(page)

    text = text_of(person.get("administration:space", tenant.pk))

    assert signed_in("li.na", given)[1] == reverse("account_change_password")
    assert "li.na" in text
    assert "demo-api" not in text


def test_a_name_that_is_taken_anywhere_is_refused(person, tenant, other_tenant):
    answer = person.post("administration:person-add", tenant.pk, username="other-viewer", role="tenant_viewer")

    assert "This user name is taken." in text_of(answer)


def test_a_person_is_disabled_and_enabled(person, tenant):
    viewer = Person(tenant.viewer)
    person.post("administration:person-disable", tenant.pk, tenant.viewer.pk)
    assert viewer.get("importer:home").status_code == 302

    person.post("administration:person-enable", tenant.pk, tenant.viewer.pk)

    assert signed_in("demo-viewer", make.PASSWORD)[1] == "/"


def test_a_password_is_reset_and_the_old_one_and_all_sessions_end(person, tenant):
    administrator = Person(tenant.administrator)

    given = password_on(person.post("administration:person-first-password", tenant.pk, tenant.administrator.pk))

    assert administrator.get("importer:home").status_code == 302
    assert signed_in("demo-administrator", make.PASSWORD)[1] == ""
    assert signed_in("demo-administrator", given)[1] == reverse("account_change_password")


def test_who_tried_too_many_wrong_passwords_is_shown_and_unlocked(person, tenant):
    for _try in range(5):
        signed_in("demo-viewer", "wrong")
    assert "Locked" in text_of(person.get("administration:space", tenant.pk))
    assert signed_in("demo-viewer", make.PASSWORD)[1] == ""

    person.post("administration:person-unlock", tenant.pk, tenant.viewer.pk)

    assert signed_in("demo-viewer", make.PASSWORD)[1] == "/"
    assert "Locked" not in text_of(person.get("administration:space", tenant.pk))
    cache.clear()


@pytest.mark.parametrize("view", ["disable", "enable", "first-password", "unlock"])
def test_a_person_is_reached_through_the_own_tenant_space_only(person, tenant, other_tenant, view):
    assert person.post(f"administration:person-{view}", tenant.pk, other_tenant.viewer.pk).status_code == 404
    assert person.post(f"administration:person-{view}", tenant.pk, tenant.client.pk).status_code == 404
