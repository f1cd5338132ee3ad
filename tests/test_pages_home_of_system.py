"""Home of the system administrator: how many tenant spaces, how everything is, what needs attention."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from aicc_console.administration import health
from aicc_console.administration.figures import load
from importer.models import ImportBatch
from tenants.models import Tenant, User
from tenants.scoping import act_for
from tenants.spaces import set_space_active
from tenants.system_parameters import set_system_parameters

from . import make
from .pages import Person, text_of


@pytest.fixture(autouse=True)
def _nothing_is_remembered():
    cache.clear()


@pytest.fixture
def person(db) -> Person:
    return Person(User.objects.create_superuser("root", make.PASSWORD, full_name="Sam Sysadmin"))


@pytest.fixture
def answering(monkeypatch):
    """What the checks and the workers say."""
    said = {"states": {"database": "ok", "broker": "ok", "storage": "ok"}, "workers": 2}
    monkeypatch.setattr(health, "states_of_checks", lambda: said["states"])
    monkeypatch.setattr(health, "workers_answering", lambda: said["workers"])
    return said


def test_it_counts_the_tenant_spaces(person, tenant, other_tenant):
    set_space_active(other_tenant, False)

    page = person.get("home")

    assert page.context["spaces"] == {"in_use": 1, "disabled": 1}
    assert "Disable tenant space" in text_of(page)  # among the latest changes


def test_nothing_needs_attention_in_a_good_order(person, tenant):
    assert person.get("home").context["items"] == []


def test_it_names_what_needs_attention(person, tenant):
    Tenant.objects.create(name="Nile Retail", smartcare=True)
    set_system_parameters({"max_caring_users": "800"})

    text = text_of(person.get("home"))

    assert "“Nile Retail” has no administrator who can sign in" in text
    assert "SmartCare is on for “Nile Retail”, and no address of it is trusted" in text
    assert "Maximum number of caring users becomes 800" in text
    assert "1,000 is in force until" in text


def test_the_health_is_told(person, answering):
    text = text_of(person.get("administration:health", htmx=True))

    assert text.count("Answers") == 4
    assert "2 workers answer." in text
    assert "Nothing is being imported." in text


def test_what_does_not_answer_is_told_too(person, answering):
    answering["states"]["broker"] = "failed"

    text = text_of(person.get("administration:health"))

    assert text.count("Does not answer") == 2  # and no worker can be asked
    assert "No worker answers: imports wait until one is started." in text


def test_running_and_waiting_imports_are_counted_over_all_tenant_spaces(person, answering, tenant, other_tenant):
    before = timezone.now() - timedelta(minutes=2)
    with act_for(tenant):
        make.batch(make.task(), [["13800000001", "Ann"]], epoch=1)
    with act_for(other_tenant):
        make.batch(make.task(), [["13800000001", "Ann"]])
        ImportBatch.objects.update(created_at=before)

    page = person.get("administration:health")

    assert (load().running_imports, load().importing_spaces, load().waiting_since) == (2, 2, before)
    assert "2 min 0 s" in text_of(page)
    assert page.context["waits_long"]


def test_a_disabled_tenant_space_has_no_load(tenant, answering):
    with act_for(tenant):
        make.batch(make.task(), [["13800000001", "Ann"]])
    set_space_active(tenant, False)

    assert load().running_imports == 0


def test_everybody_else_has_the_home_of_the_own_tenant_space(tenant):
    assert "Demo Telecom" in text_of(Person(tenant.viewer).get("home"))
    assert Person(tenant.client).get("home").status_code == 403
