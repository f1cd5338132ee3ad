"""`manage.py check` refuses a tenant-owned model that forgot a part of its shape."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models
from django.db.models import UniqueConstraint

from marketing.models import MarketingTask
from tenants.checks import check_tenant_owned
from tenants.models import User
from tenants.ownership import SameTenant, TenantKey, TenantOwned


@pytest.fixture(autouse=True)
def _forget_models() -> Iterator[None]:
    """The models of a test are gone after it."""
    known = dict(apps.all_models["marketing"])
    yield
    apps.all_models["marketing"].clear()
    apps.all_models["marketing"].update(known)
    apps.clear_cache()


def faults_of(model: type[models.Model]) -> list[str]:
    return [fault.id for fault in check_tenant_owned(None) if model.__name__ in fault.msg or "odd_" in fault.msg]


def test_the_models_of_the_console_have_no_fault():
    assert check_tenant_owned(None) == []


def test_a_whole_shape_has_no_fault():
    class Whole(TenantOwned):
        tenant = TenantKey(related_name="+")
        task = models.ForeignKey(MarketingTask, models.CASCADE, related_name="+", db_constraint=False)

        class Meta:
            app_label = "marketing"
            constraints = [
                SameTenant(parent="task", name="odd_whole"),
                UniqueConstraint(fields=["tenant", "task"], name="odd_whole_key"),
            ]

    assert faults_of(Whole) == []


@pytest.mark.parametrize("parent", [MarketingTask, User])
def test_a_key_that_could_cross_tenants_is_refused(parent):
    class Crossing(TenantOwned):
        tenant = TenantKey(related_name="+")
        parent_row = models.ForeignKey(parent, models.CASCADE, related_name="+")

        class Meta:
            app_label = "marketing"

    assert faults_of(Crossing) == ["tenants.E001"]


def test_a_composite_key_beside_djangos_own_is_refused():
    class Doubled(TenantOwned):
        tenant = TenantKey(related_name="+")
        task = models.ForeignKey(MarketingTask, models.CASCADE, related_name="+")

        class Meta:
            app_label = "marketing"
            constraints = [SameTenant(parent="task", name="odd_doubled")]

    assert faults_of(Doubled) == ["tenants.E001"]


def test_a_field_unique_over_all_tenants_is_refused():
    class Named(TenantOwned):
        tenant = TenantKey(related_name="+")
        name = models.CharField(max_length=10, unique=True)

        class Meta:
            app_label = "marketing"

    assert faults_of(Named) == ["tenants.E002"]


def test_a_constraint_unique_over_all_tenants_is_refused():
    class Constrained(TenantOwned):
        tenant = TenantKey(related_name="+")
        name = models.CharField(max_length=10)

        class Meta:
            app_label = "marketing"
            constraints = [UniqueConstraint(fields=["name", "tenant"], name="odd_constrained")]

    assert faults_of(Constrained) == ["tenants.E002"]


def test_a_many_to_many_without_its_own_model_is_refused():
    class Tangled(TenantOwned):
        tenant = TenantKey(related_name="+")
        tasks = models.ManyToManyField(MarketingTask, related_name="+")

        class Meta:
            app_label = "marketing"

    assert faults_of(Tangled) == ["tenants.E003"]
