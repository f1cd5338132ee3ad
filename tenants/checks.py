"""`manage.py check` refuses a tenant-owned model that forgot a part of the shape."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core import checks
from django.db.models import ForeignKey, Model, UniqueConstraint

from .ownership import SameTenant, TenantKey

UNIQUE_OVER_ALL = {"tenants.User.username"}  # sign-in comes before the tenant


@checks.register(checks.Tags.models)
def check_tenant_owned(app_configs: Any, **options: Any) -> list[checks.CheckMessage]:
    """Return a fault for each key that could cross tenants, unique key over all tenants, and bare many-to-many."""
    return [fault for model in apps.get_models() if _has_tenant(model) for fault in _faults(model)]


def _has_tenant(model: type[Model]) -> bool:
    return any(isinstance(field, TenantKey) for field in model._meta.local_fields)


def _faults(model: type[Model]) -> Iterator[checks.CheckMessage]:
    yield from _field_faults(model)
    for constraint in model._meta.constraints:
        if isinstance(constraint, UniqueConstraint) and constraint.fields[:1] != ("tenant",):
            yield checks.Error(f"{constraint.name}: must begin with the tenant.", id="tenants.E002")
    for field in model._meta.local_many_to_many:
        through: Any = field.remote_field.through
        if through._meta.auto_created:
            yield checks.Error(f"{field}: its table has no tenant_id; write the through model.", id="tenants.E003")


def _field_faults(model: type[Model]) -> Iterator[checks.CheckMessage]:
    parents = {constraint.parent for constraint in model._meta.constraints if isinstance(constraint, SameTenant)}
    for field in model._meta.local_fields:
        if isinstance(field, ForeignKey) and _has_tenant(field.related_model):
            if field.name not in parents or field.db_constraint:  # type: ignore[attr-defined]
                yield checks.Error(f"{field}: give it db_constraint=False and a SameTenant.", id="tenants.E001")
        elif field.unique and not field.primary_key and str(field) not in UNIQUE_OVER_ALL:
            yield checks.Error(f"{field}: unique over all tenants.", id="tenants.E002")
