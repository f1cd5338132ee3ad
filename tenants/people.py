"""People of a tenant space: made, switched off, let in again, given a first password.

What a system administrator does stands in the system's own log; a caller who acts for the tenant space, in that one's.
A password that is made here is known to whoever reads it, so that it only
serves to choose another one (`sign_in.FirstPassword`); it is returned once and kept nowhere.
"""

import secrets

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from .models import Role, Tenant, User
from .operation_log import declare_actions, record
from .refusals import declare, refusal
from .scoping import act_for

declare(
    {
        "user_name_taken": _("This user name is taken. A user name exists once, over all tenant spaces."),
        "role_of_person": _("A person of a tenant space is a tenant administrator or a tenant viewer."),
    }
)
declare_actions(
    {
        "person.create": _("Add user"),
        "person.disable": _("Disable user"),
        "person.enable": _("Enable user"),
        "person.first_password": _("Reset password"),
        "person.unlock": _("Unlock user"),
    }
)

PERSONS = (Role.TENANT_ADMINISTRATOR, Role.TENANT_VIEWER)
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # without those that are taken for one another
GROUPS, GROUP = 4, 5  # "k3x9p-..."; 100 bits


def create_person(
    space: Tenant, *, username: str, full_name: str = "", email: str = "", role: str = Role.TENANT_ADMINISTRATOR
) -> tuple[User, str]:
    """Return a new person of `space`, and the first password; ValidationError keyed by field."""
    if role not in PERSONS:
        raise ValidationError({"role": refusal("role_of_person")})
    password = _first_password()
    with act_for(space):
        person = User(username=username, full_name=full_name, email=email, role=role, must_change_password=True)
        person.set_password(password)
        _save_new(person)
    record("person.create", person, name=person.username, role=person.role, space=space.name)
    return person, password


def give_first_password(person: User) -> str:
    """Return a new first password of `person`, whose sessions end with it."""
    password = _first_password()
    person.set_password(password)
    person.must_change_password = True
    person.save(update_fields=["password", "must_change_password"])
    record("person.first_password", person, name=person.username)
    return password


def set_person_active(person: User, is_active: bool) -> None:
    """Let `person` in again, or keep the person out from the next request on."""
    if person.is_active == is_active:
        return
    person.is_active = is_active
    person.save(update_fields=["is_active"])
    record("person.enable" if is_active else "person.disable", person, name=person.username)


def _save_new(person: User) -> None:
    person.full_clean(exclude=["password"], validate_unique=False, validate_constraints=False)
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError:  # of another tenant space: nobody here can see it
        raise ValidationError({"username": refusal("user_name_taken")}) from None


def _first_password() -> str:
    groups = ("".join(secrets.choice(LETTERS) for _place in range(GROUP)) for _group in range(GROUPS))
    return "-".join(groups)
