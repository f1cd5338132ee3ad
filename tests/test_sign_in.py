"""Signing in and out, as the operation log has it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tenants.models import LogEntry, User
from tenants.scoping import act_for
from tests import make


def sign_in(username: str, password: str = make.PASSWORD, **headers: str) -> Any:
    return Client().post(reverse("account_login"), {"login": username, "password": password}, headers=headers)


def entries() -> list[tuple[str, str, str, str]]:
    found = LogEntry.objects.filter(action__startswith="person.").order_by("id")
    return list(found.values_list("action", "actor_name", "object_name", "refused"))


def test_who_signs_in_is_written_down_in_the_own_tenant_space(tenant, other_tenant):
    assert sign_in("demo-administrator").status_code == 302

    with act_for(tenant):
        assert entries() == [("person.sign_in", "demo-administrator", "demo-administrator", "")]
    with act_for(other_tenant):
        assert entries() == []
    assert entries() == []


def test_a_wrong_password_is_written_down_where_its_user_belongs_without_the_password(tenant):
    assert sign_in("demo-viewer", "not-the-password").status_code == 200

    with act_for(tenant):
        assert entries() == [("person.sign_in", "", "demo-viewer", "sign_in_failed")]
        [entry] = LogEntry.objects.filter(action="person.sign_in").values()
    assert "not-the-password" not in str(entry)


def test_a_user_name_that_does_not_exist_is_not_kept(tenant):
    sign_in("my-password-typed-as-a-name", "x")

    assert entries() == [("person.sign_in", "", "", "sign_in_failed")]
    with act_for(tenant):
        assert entries() == []


def test_a_system_administrator_signs_in_to_the_systems_own_log(tenant):
    User.objects.create_superuser("root", make.PASSWORD)

    sign_in("root")

    assert entries() == [("person.sign_in", "root", "root", "")]


@pytest.mark.django_db
def test_nobody_signs_out_of_nothing():
    Client().post(reverse("account_logout"))

    assert entries() == []


def test_wrong_passwords_keep_out_whoever_sent_them_and_not_all_who_come_through_the_same_proxy(settings, tenant):
    settings.PROXY_COUNT = 1
    guesser, other = ({"X-Forwarded-For": address} for address in ("203.0.113.9", "203.0.113.10"))
    for number in range(20):  # as often as an address may be wrong, each time with another name
        sign_in(f"nobody-{number}", "wrong", **guesser)

    assert sign_in("demo-administrator", **guesser).status_code == 200
    assert sign_in("demo-administrator", **other).status_code == 302
