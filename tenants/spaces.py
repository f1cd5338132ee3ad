"""Tenant spaces: created with their first administrator, named, disabled and enabled. For system administrators.

Callers act for no tenant; what is done is written into the system's own operation log.
"""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from .features import Feature
from .models import Tenant, User
from .operation_log import declare_actions, record
from .people import create_person
from .refusals import declare, refusal
from .scoping import act_for

declare(
    {
        "space_name_taken": _("Another tenant space has this name."),
        "space_disabled": _("The tenant space is disabled. Enable it first."),
    }
)
declare_actions(
    {
        "tenant.create": _("Create tenant space"),
        "tenant.edit": _("Edit tenant space"),
        "tenant.disable": _("Disable tenant space"),
        "tenant.enable": _("Enable tenant space"),
        "tenant.feature_on": _("Switch a feature on"),
        "tenant.feature_off": _("Switch a feature off"),
    }
)


def create_space(*, name: str, time_zone: str, administrator: Mapping[str, str]) -> tuple[Tenant, User, str]:
    """Return a new tenant space, its first administrator, and the first password.

    `administrator`: username, full_name, email. ValidationError keyed by field; then nothing was made.
    """
    with transaction.atomic():
        space = _saved(Tenant(name=name, time_zone=time_zone))
        with act_for(space):  # whose own log begins with its administrator
            person, password = create_person(space, **administrator)
        record("tenant.create", space)
    return space, person, password


def edit_space(space: Tenant, **changes: Any) -> None:
    """Set name and time zone; ValidationError keyed by field."""
    changed = {name: value for name, value in changes.items() if getattr(space, name) != value}
    for name, value in changed.items():
        setattr(space, name, value)
    if changed:
        _saved(space, update_fields=sorted(changed))  # features may be switched meanwhile
        record("tenant.edit", space, changed=sorted(changed))


def set_space_active(space: Tenant, is_active: bool) -> None:
    """Disable `space`: nobody of it signs in, sessions and tokens end, imports stop. Or enable it again."""
    if space.is_active == is_active:
        return
    space.is_active = is_active
    space.save(update_fields=["is_active"])
    record("tenant.enable" if is_active else "tenant.disable", space)


def set_feature(space: Tenant, feature: Feature, is_on: bool, **details: Any) -> None:
    """Switch a feature; what becomes of tasks that need it is marketing's (`marketing.switching`)."""
    if not space.is_active:
        raise refusal("space_disabled")
    setattr(space, feature.value, is_on)
    space.save(update_fields=[feature.value])
    record("tenant.feature_on" if is_on else "tenant.feature_off", space, feature=feature.value, **details)


def _saved(space: Tenant, **options: Any) -> Tenant:
    space.full_clean(validate_unique=False)
    try:
        with transaction.atomic():
            space.save(**options)
    except IntegrityError:
        raise ValidationError({"name": refusal("space_name_taken")}) from None
    return space
