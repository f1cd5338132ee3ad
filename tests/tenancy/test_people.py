"""Users are the exception: they are found before the tenant is known, and closed off once it is."""

import pytest
from django.contrib.auth import authenticate
from django.db import DatabaseError, IntegrityError, transaction

from tenants.models import ApiToken, Role, Tenant, User
from tenants.scoping import act_for
from tests import make


def test_sign_in_comes_before_the_tenant(alpha):
    assert authenticate(username="alpha-administrator", password=make.PASSWORD).tenant_id == alpha.pk


@pytest.mark.net
def test_once_the_tenant_is_known_only_its_own_people_exist(alpha, beta):
    User.objects.create_superuser("root")

    with act_for(alpha):
        assert {user.username for user in User.objects.all()} == {"alpha-administrator", "alpha-viewer", "alpha-api"}
        assert ApiToken.objects.count() == 1
        assert Tenant.objects.get() == alpha


@pytest.mark.parametrize(
    "promote",
    [
        lambda: User.objects.create_superuser("boss", tenant=None),
        lambda: User.objects.filter(username="alpha-viewer").update(tenant=None, role=Role.SYSTEM_ADMINISTRATOR),
    ],
    ids=["made", "turned"],
)
def test_nobody_inside_a_tenant_becomes_a_system_administrator(alpha, promote):
    with act_for(alpha), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        promote()


def test_a_system_administrator_belongs_to_no_tenant(alpha):
    with act_for(alpha), pytest.raises(DatabaseError, match="tenants_user_role_fits_tenant"), transaction.atomic():
        User.objects.create_user("odd", role=Role.SYSTEM_ADMINISTRATOR)


def test_everybody_else_belongs_to_a_tenant(db):
    with pytest.raises(DatabaseError, match="tenants_user_role_fits_tenant"), transaction.atomic():
        User.objects.create_user("odd", role=Role.TENANT_VIEWER)


def test_a_user_of_the_tenant_acted_for_belongs_to_it(alpha):
    with act_for(alpha):
        assert User.objects.create_user("new").tenant_id == alpha.pk


def test_a_user_name_is_unique_over_all_tenants(alpha, beta):
    """full_clean cannot see it: whoever creates users catches the IntegrityError."""
    with act_for(alpha):
        User(username="beta-viewer", password="x").full_clean()
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.create_user("beta-viewer")
