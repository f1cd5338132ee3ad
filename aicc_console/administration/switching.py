"""A tenant space, or a feature of it, is switched; what lives from it and is under way ends at once."""

from django.db import transaction

from importer.smartcare.collecting import stop_all
from importer.smartcare.integration import why_off
from marketing.switching import switch
from tenants.features import Feature
from tenants.models import Tenant
from tenants.spaces import set_space_active


def switch_feature(space: Tenant, feature: Feature, *, is_on: bool, may_suspend: bool = False) -> list[str]:
    """Switch `feature` of `space`; return the names of the tasks that were suspended. As `marketing.switching`."""
    with transaction.atomic():
        suspended = switch(space, feature, is_on=is_on, may_suspend=may_suspend)
        _stop_collecting(space)
    return suspended


def switch_space(space: Tenant, *, is_on: bool) -> None:
    """Disable or enable `space`. As `tenants.spaces`."""
    with transaction.atomic():
        set_space_active(space, is_on)
        _stop_collecting(space)


def _stop_collecting(space: Tenant) -> None:
    """The clock passes over tenant spaces without SmartCare, so that nobody else would stop their days."""
    if refused := why_off(space):
        stop_all(space, refused)
