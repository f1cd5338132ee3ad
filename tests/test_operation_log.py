"""The operation log: written with the deed, by whoever did it, and never changed."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import ProgrammingError, connection, transaction
from django.test import RequestFactory

from tenants import operation_log
from tenants.callers import Actor, acting_as, address_of
from tenants.models import LogEntry
from tenants.operation_log import declare_actions, record
from tenants.scoping import act_for
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_action(monkeypatch):
    monkeypatch.setitem(operation_log._actions, "thing.make", "Make a thing")


def test_an_entry_says_who_did_what_to_which_object_and_from_where(acting):
    task = make.task(name="Spring")

    with acting_as(Actor(7, "Chen Yu", "tenant_administrator", "192.0.2.1")):
        record("thing.make", task, count=3)

    entry = LogEntry.objects.get(action="thing.make")
    assert (entry.action, entry.actor_id, entry.actor_name, entry.address) == ("thing.make", 7, "Chen Yu", "192.0.2.1")
    assert (entry.object_type, entry.object_id, entry.object_name) == ("marketingtask", str(task.pk), "Spring")
    assert (entry.tenant_id, entry.refused, entry.details) == (acting.pk, "", {"count": 3})


def test_outside_of_a_request_the_console_itself_acts(acting):
    assert record("thing.make").actor_role == "console"


def test_a_tenant_sees_its_own_entries_only(tenant, other_tenant):
    with act_for(tenant):
        record("thing.make")
    record("thing.make")  # the system administration's

    made = LogEntry.objects.filter(action="thing.make")
    with act_for(other_tenant):
        assert made.count() == 0
    with act_for(tenant):
        assert made.count() == 1
    assert [entry.tenant_id for entry in LogEntry.objects.all()] == [None]


@pytest.mark.parametrize("statement", ["UPDATE tenants_logentry SET action = ''", "DELETE FROM tenants_logentry"])
def test_the_application_cannot_change_what_is_written(acting, statement):
    record("thing.make")

    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_an_action_that_is_not_declared_is_a_mistake_in_the_code(acting):
    with pytest.raises(ImproperlyConfigured):
        record("thing.break")


def test_an_action_is_declared_once():
    with pytest.raises(ImproperlyConfigured):
        declare_actions({"thing.make": "Make something else"})


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "127.0.0.1"),  # nobody may claim to be somebody else
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (1, "", "127.0.0.1"),
        (2, "203.0.113.9", "127.0.0.1"),  # it did not come through our proxies
    ],
)
def test_a_caller_comes_from_where_our_own_proxies_say(settings, proxies, forwarded, address):
    settings.PROXY_COUNT = proxies

    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded} if forwarded else {})

    assert address_of(request) == address
