"""REST: tenant spaces, for system administrators."""

import pytest

from tenants.models import Tenant, User
from tenants.scoping import act_for

from . import make
from .caller import Caller, code_of, errors_of

NEW = {"name": "Nile Retail", "time_zone": "Africa/Cairo", "administrator": {"username": "wang.fang"}}


@pytest.fixture
def api(db) -> Caller:
    return Caller(user=User.objects.create_superuser("root", make.PASSWORD))


def test_they_are_listed_with_what_a_system_administrator_may_know(api, tenant, other_tenant):
    answer = api.get("api-system-tenants", name="demo").json()

    assert answer["results"] == [api.get("api-system-tenant", tenant.pk).json()]
    shown = ("name", "administrators", "running_tasks", "last_import_at")
    assert {key: answer["results"][0][key] for key in shown} == {
        "name": "Demo Telecom", "administrators": 1, "running_tasks": 0, "last_import_at": None,
    }  # fmt: skip
    assert answer["results"][0]["features"]["smartcare"] is False


def test_one_is_made_with_an_administrator_whose_first_password_is_told_once(api):
    answer = api.post("api-system-tenants", body=NEW)

    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(f"/api/v1/system/tenants/{made['id']}/")
    assert User.objects.get(username="wang.fang").check_password(made["first_password"])
    assert "first_password" not in api.get("api-system-tenant", made["id"]).json()


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"name": "Demo Telecom"}, {"name": "space_name_taken"}),
        ({"time_zone": "Mars"}, {"time_zone": "time_zone"}),
        ({"administrator": {}}, {"administrator.username": "required"}),
        ({"administrator": {"username": "demo-viewer"}}, {"administrator.username": "user_name_taken"}),
        ({"administrator": {"username": "x", "role": "system_administrator"}}, {"administrator.role": "unknown_field"}),
        ({"is_active": False}, {"is_active": "unknown_field"}),
    ],
)
def test_what_does_not_fit_is_refused_and_makes_nothing(api, tenant, changes, errors):
    assert errors_of(api.post("api-system-tenants", body=NEW | changes)) == errors
    assert Tenant.objects.count() == 1


def test_one_is_renamed_and_disabled(api, tenant):
    answer = api.patch("api-system-tenant", tenant.pk, body={"name": "Demo Mobile", "is_active": False})

    assert (answer.json()["name"], answer.json()["is_active"]) == ("Demo Mobile", False)
    assert not Tenant.objects.get(pk=tenant.pk).is_active
    assert api.get("api-system-tenants", is_active="true").json()["results"] == []


def test_features_are_switched(api, tenant):
    answer = api.patch("api-system-tenant-features", tenant.pk, body={"smartcare": True, "email_marketing": False})

    assert answer.json()["features"]["smartcare"] is True
    assert answer.json()["features"]["email_marketing"] is False


@pytest.mark.parametrize("value", ["no", "true", 0, 1, None])
def test_a_switch_is_true_or_false_and_nothing_else(api, tenant, value):
    features = api.patch("api-system-tenant-features", tenant.pk, body={"smartcare": value, "suspend_tasks": value})
    space = api.patch("api-system-tenant", tenant.pk, body={"is_active": value})

    assert set(errors_of(features)) == {"smartcare", "suspend_tasks"}
    assert set(errors_of(space)) == {"is_active"}
    assert Tenant.objects.get(pk=tenant.pk).is_active


def test_a_feature_that_published_tasks_need_is_a_conflict_unless_they_may_be_suspended(api, tenant):
    with act_for(tenant):
        task = make.task(name="Winter tariff", state="running")
    body = {"smartcare": True, "sms_marketing": False}

    refused = api.patch("api-system-tenant-features", tenant.pk, body=body)

    assert code_of(refused) == (409, "feature_needed")
    assert "Winter tariff" in refused.json()["detail"]
    assert not Tenant.objects.get(pk=tenant.pk).smartcare  # all or none
    assert api.patch("api-system-tenant-features", tenant.pk, body=body | {"suspend_tasks": True}).status_code == 200
    with act_for(tenant):
        task.refresh_from_db()
    assert task.state == "suspended"


def test_features_of_a_disabled_tenant_space_are_a_conflict(api, tenant):
    api.patch("api-system-tenant", tenant.pk, body={"is_active": False})

    assert code_of(api.patch("api-system-tenant-features", tenant.pk, body={"smartcare": True})) == (
        409, "space_disabled",
    )  # fmt: skip


@pytest.mark.parametrize("query", [{"is_active": "perhaps"}, {"colour": "red"}, {"limit": "0"}])
def test_a_filter_that_does_not_fit_is_refused(api, query):
    assert list(errors_of(api.get("api-system-tenants", **query))) == list(query)
