"""Tenant spaces and their people, as a system administrator makes and changes them."""

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError

from marketing.models import MarketingTask
from marketing.switching import names_of_needing, switch
from tenants.features import Feature
from tenants.models import LogEntry, Role, Tenant, User
from tenants.people import create_person, give_first_password, set_person_active
from tenants.scoping import act_for
from tenants.spaces import create_space, edit_space, set_space_active

from . import make

pytestmark = pytest.mark.django_db

PERSON = {"username": "wang.fang", "full_name": "Wang Fang", "email": "wang.fang@example.com"}


def space(**changes) -> tuple[Tenant, User, str]:
    return create_space(**({"name": "Nile Retail", "time_zone": "Africa/Cairo", "administrator": PERSON} | changes))


def codes_of(refused) -> dict[str, str]:
    return {name: errors[0].code for name, errors in refused.value.error_dict.items()}


def test_a_tenant_space_is_made_with_its_first_administrator():
    made, person, password = space()

    assert (made.name, made.time_zone, made.is_active) == ("Nile Retail", "Africa/Cairo", True)
    assert (person.tenant_id, person.role, person.must_change_password) == (made.pk, "tenant_administrator", True)
    assert authenticate(username="wang.fang", password=password) == person
    assert len(password) == 23


def test_no_two_first_passwords_are_alike():
    _space, person, password = space()

    assert give_first_password(person) != password


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"name": "Demo Telecom"}, {"name": "space_name_taken"}),
        ({"name": ""}, {"name": "blank"}),
        ({"time_zone": "Africa/Nowhere"}, {"time_zone": "time_zone"}),
        ({"administrator": PERSON | {"username": "demo-viewer"}}, {"username": "user_name_taken"}),  # another tenant's
        ({"administrator": PERSON | {"username": "wang fang"}}, {"username": "invalid"}),
        ({"administrator": PERSON | {"email": "wang"}}, {"email": "invalid"}),
        ({"administrator": PERSON | {"role": Role.SYSTEM_ADMINISTRATOR}}, {"role": "role_of_person"}),
        ({"administrator": PERSON | {"role": Role.API_CLIENT}}, {"role": "role_of_person"}),
    ],
)
def test_what_does_not_fit_makes_nothing(tenant, changes, codes):
    people = User.objects.count()

    with pytest.raises(ValidationError) as refused:
        space(**changes)

    assert codes_of(refused) == codes
    assert list(Tenant.objects.all()) == [tenant]
    assert User.objects.count() == people
    assert LogEntry.objects.count() == 0


def test_name_and_time_zone_are_changed(tenant, other_tenant):
    edit_space(tenant, name="Demo Mobile", time_zone="Asia/Shanghai")

    assert Tenant.objects.get(pk=tenant.pk).name == "Demo Mobile"
    with pytest.raises(ValidationError) as refused:
        edit_space(tenant, name="Other Telecom")
    assert codes_of(refused) == {"name": "space_name_taken"}


def test_a_new_name_overwrites_no_switch_that_was_used_meanwhile(tenant):
    seen = Tenant.objects.get(pk=tenant.pk)
    switch(Tenant.objects.get(pk=tenant.pk), Feature.SMS_MARKETING, is_on=False)
    set_space_active(Tenant.objects.get(pk=tenant.pk), False)

    edit_space(seen, name="Nile Retail")

    now = Tenant.objects.get(pk=tenant.pk)
    assert (now.name, now.is_active, now.sms_marketing) == ("Nile Retail", False, False)


def test_nobody_of_a_disabled_tenant_space_signs_in_until_it_is_enabled(tenant):
    credentials = {"username": tenant.administrator.username, "password": make.PASSWORD}
    assert authenticate(**credentials)

    set_space_active(tenant, False)
    assert authenticate(**credentials) is None

    set_space_active(tenant, True)
    assert authenticate(**credentials)


@pytest.mark.parametrize("act", [lambda person: set_person_active(person, False), give_first_password])
def test_who_is_switched_off_or_has_another_password_is_signed_out_at_the_next_request(tenant, client, act):
    client.force_login(tenant.viewer)
    assert client.get("/").status_code == 200

    act(User.objects.get(pk=tenant.viewer.pk))

    assert client.get("/").headers["Location"].startswith("/accounts/login/")


def test_sessions_and_tokens_of_a_disabled_tenant_space_end_with_the_next_request(tenant, client):
    client.force_login(tenant.viewer)
    bearer = {"Authorization": f"Bearer {tenant.token}"}
    assert client.get("/api/v1/marketing-tasks/", headers=bearer).status_code == 200

    set_space_active(tenant, False)

    assert client.get("/").headers["Location"].startswith("/accounts/login/")
    assert client.get("/api/v1/marketing-tasks/", headers=bearer).status_code == 403


@pytest.fixture
def tasks(tenant) -> dict[str, MarketingTask]:
    tenant.whatsapp_marketing = tenant.smartcare = True
    tenant.save()
    care = {"task_type": "care", "care_scenario": "voice"}
    with act_for(tenant):
        return {
            "running": make.task(name="Running SMS", state="running"),
            "suspended": make.task(name="Suspended SMS", state="suspended"),
            "draft": make.task(name="Draft SMS"),
            "completed": make.task(name="Completed SMS", state="completed"),
            "email": make.task(name="Running email", medium="email", state="running"),
            "care": make.task(name="Care", state="running", **care),
        }


@pytest.mark.parametrize(
    ("feature", "names"),
    [
        (Feature.SMS_MARKETING, ["Care", "Running SMS", "Suspended SMS"]),
        (Feature.EMAIL_MARKETING, ["Running email"]),
        (Feature.WHATSAPP_MARKETING, []),
        (Feature.SMARTCARE, ["Care"]),
        (Feature.INTELLIGENT_OUTBOUND_CALL, ["Care", "Running SMS", "Running email", "Suspended SMS"]),
    ],
)
def test_published_tasks_that_need_a_feature_are_known(tenant, tasks, feature, names):
    assert names_of_needing(tenant, feature) == names


def test_a_feature_that_published_tasks_need_stays_on_unless_they_may_be_suspended(tenant, tasks):
    with pytest.raises(ValidationError) as refused:
        switch(tenant, Feature.SMARTCARE, is_on=False)

    assert refused.value.code == "feature_needed"
    assert "Care" in refused.value.messages[0]
    assert Tenant.objects.get(pk=tenant.pk).smartcare is True


def test_switched_off_it_suspends_the_running_tasks_and_leaves_the_others(tenant, tasks):
    assert switch(tenant, Feature.SMS_MARKETING, is_on=False, may_suspend=True) == ["Care", "Running SMS"]

    with act_for(tenant):
        states = dict(MarketingTask.objects.values_list("name", "state"))
        assert LogEntry.objects.filter(action="task.suspend").count() == 2
    assert states == {
        "Running SMS": "suspended",
        "Suspended SMS": "suspended",
        "Draft SMS": "draft",
        "Completed SMS": "completed",
        "Running email": "running",
        "Care": "suspended",
    }


def test_switched_on_again_it_resumes_nothing(tenant, tasks):
    switch(tenant, Feature.SMARTCARE, is_on=False, may_suspend=True)
    switch(tenant, Feature.SMARTCARE, is_on=True)

    with act_for(tenant):
        assert MarketingTask.objects.get(name="Care").state == "suspended"


def test_features_of_a_disabled_tenant_space_stay_as_they_are(tenant):
    set_space_active(tenant, False)

    with pytest.raises(ValidationError) as refused:
        switch(tenant, Feature.SMARTCARE, is_on=True)

    assert refused.value.code == "space_disabled"


def test_every_deed_is_written_down_where_it_belongs(tenant):
    edit_space(tenant, name="Demo Mobile", time_zone="UTC")
    switch(tenant, Feature.SMARTCARE, is_on=True)
    switch(tenant, Feature.SMARTCARE, is_on=True)  # is on already
    switch(tenant, Feature.SMARTCARE, is_on=False)
    set_space_active(tenant, False)
    set_space_active(tenant, True)
    person, _password = create_person(tenant, **PERSON, role=Role.TENANT_VIEWER)
    set_person_active(person, False)
    set_person_active(person, True)
    give_first_password(person)

    assert [(entry.action, entry.details) for entry in LogEntry.objects.order_by("pk")] == [
        ("tenant.edit", {"changed": ["name"]}),
        ("tenant.feature_on", {"feature": "smartcare", "suspended": 0}),
        ("tenant.feature_off", {"feature": "smartcare", "suspended": 0}),
        ("tenant.disable", {}),
        ("tenant.enable", {}),
        ("person.create", {"role": "tenant_viewer", "space": "Demo Mobile"}),
        ("person.disable", {}),
        ("person.enable", {}),
        ("person.first_password", {}),
    ]
