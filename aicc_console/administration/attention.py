"""What needs a system administrator's attention, each with the page where it is mended."""

from collections.abc import Iterator
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tenants.models import AddressType, Tenant, TrustedAddress
from tenants.system_parameters import SYSTEM_PARAMETERS, system_settings

from .figures import with_administrators

NAMED = 5  # tenant spaces of one kind


class Item(NamedTuple):
    """One line: what it is, where it is mended, and what follows from it."""

    icon: str
    text: str
    url: str
    hint: str


def items() -> list[Item]:
    """Return what needs attention, the most urgent first."""
    return [*_without_administrator(), *_without_trusted_smartcare(), *_pending()]


def _without_administrator() -> Iterator[Item]:
    spaces = with_administrators(Tenant.objects.filter(is_active=True)).filter(administrators=0)
    for space in spaces.order_by("name")[:NAMED]:
        yield Item(
            "user-question",
            _("“%(name)s” has no administrator who can sign in") % {"name": space.name},
            reverse("administration:space", args=[space.pk]),
            _("Add one, or enable one again."),
        )


def _without_trusted_smartcare() -> Iterator[Item]:
    if TrustedAddress.objects.filter(address_type=AddressType.SMARTCARE).exists():
        return
    for space in Tenant.objects.filter(is_active=True, smartcare=True).order_by("name")[:NAMED]:
        yield Item(
            "shield-question",
            _("SmartCare is on for “%(name)s”, and no address of it is trusted") % {"name": space.name},
            reverse("administration:trustlist"),
            _("Add the SmartCare interconnection address to the Address Trustlist."),
        )


def _pending() -> Iterator[Item]:
    for key, setting in system_settings().items():
        if setting.effective_at:
            parameter = SYSTEM_PARAMETERS[key]
            old, new = parameter.shown(setting.value), parameter.shown(setting.pending)
            moment = date_format(timezone.localtime(setting.effective_at), "DATETIME_FORMAT")
            yield Item(
                "clock-hour-4",
                _("%(parameter)s becomes %(new)s") % {"parameter": parameter.name, "new": new},
                reverse("administration:parameters"),
                _("%(old)s is in force until %(time)s.") % {"old": old, "time": moment},
            )
