"""SmartCare Integration: where a tenant's SmartCare is, as whom the console speaks to it, and whether it answers.

Source: aicc-facts, SmartCare (fields and their lengths); guide 2025-01-23, care section, step 1 (the feature).
"""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.features import Feature
from tenants.models import AddressType, Tenant
from tenants.operation_log import declare_actions, record
from tenants.outbound.tls import Tls
from tenants.outbound.trust import Destination, trusted
from tenants.refusals import declare, refusal

from .models import CertificateKind, Integration

PORTS = {"https": 443, "http": 80}
SETTINGS = ("address", "app_id", "authority", "client_certificate", "quick_scene", "deep_scene")

declare(
    {
        "smartcare_address": _(
            "The address must be https://host, or http://host, with a port and a path where needed; nothing else."
        ),
        "smartcare_secret_length": _("The AppSecret has %(n)s characters; 5 to 100 are allowed."),
        "smartcare_secret_missing": _("The AppSecret is needed. It is not shown again once it is saved."),
        "smartcare_secret_again": _(
            "The address has changed: enter the AppSecret again, so that it goes to nobody else."
        ),
        "smartcare_certificate_kind": _("Choose a certificate of the kind “%(kind)s”."),
        "smartcare_missing": _("SmartCare Integration is not filled in yet."),
    }
)
declare_actions(
    {"smartcare.change": _("Change SmartCare integration"), "smartcare.test": _("Test SmartCare connection")}
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and how to call: the addresses that were judged now, the path before the interface's own, TLS or none."""

    destination: Destination
    base: str
    tls: Tls | None


def why_off(tenant: Tenant) -> ValidationError | None:
    """Return why nothing is collected for `tenant`, as far as the system administrator decides, or None."""
    if not tenant.is_active:
        return refusal("tenant_disabled")
    return refusal("feature_off", feature=Feature.SMARTCARE.label) if not tenant.smartcare else None


def integration_or_none() -> Integration | None:
    """Return the integration of the tenant acted for, with its certificates."""
    return Integration.objects.select_related("authority", "client_certificate").first()


def save(changed: Integration, secret: str) -> Integration:
    """Save `changed`; a blank `secret` keeps the stored one. ValidationError keyed by field, or feature_off."""
    if refused := why_off(changed.tenant):
        raise refused
    with transaction.atomic():
        stored = Integration.objects.select_for_update(of=("self",)).first()
        _check(changed, stored, secret)
        changed.app_secret = secret or (stored.app_secret if stored else None)
        changed.failures, changed.open_until = 0, None  # what is new deserves a try
        if stored:
            changed.pk, changed.epoch, changed.lease_until = stored.pk, stored.epoch, stored.lease_until
        changed.save(force_update=bool(stored), force_insert=not stored)
        record("smartcare.change", changed, name="SmartCare", changed=_differences(stored, changed, secret))
    return changed


def endpoint_of(integration: Integration) -> Endpoint:
    """Return where to call now, or raise ValidationError: the trustlist is asked each time."""
    parts = urlsplit(integration.address)
    uses_tls = parts.scheme == "https"
    port = parts.port or PORTS[parts.scheme]
    destination = trusted(AddressType.SMARTCARE, parts.hostname or "", port, uses_tls=uses_tls)
    return Endpoint(destination, parts.path.rstrip("/"), _tls_of(integration) if uses_tls else None)


def _tls_of(integration: Integration) -> Tls:
    authority, client = integration.authority, integration.client_certificate
    return Tls(
        authority.pem if authority else "",
        client.pem if client else "",
        (client.private_key or "") if client else "",
    )


def _check(changed: Integration, stored: Integration | None, secret: str) -> None:
    faults: dict[str, ValidationError] = {}
    try:
        changed.full_clean(exclude=["id"], validate_unique=False, validate_constraints=False)
    except ValidationError as refused:
        faults.update(refused.error_dict)  # type: ignore[arg-type]
    if "address" not in faults:
        faults |= _address_fault(changed)
    faults |= _secret_fault(changed, stored, secret) | _certificate_faults(changed)
    if faults:
        raise ValidationError(faults)


def _address_fault(changed: Integration) -> dict[str, ValidationError]:
    try:
        _require_plain(changed.address)
        endpoint_of(changed)
    except ValidationError as refused:
        return {"address": refused}
    return {}


def _require_plain(address: str) -> None:
    try:
        parts = urlsplit(address)
        is_plain = parts.scheme in PORTS and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise refusal("smartcare_address") from None
    has_more = bool(parts.query or parts.fragment or "@" in parts.netloc or "\\" in address or " " in address)
    if not is_plain or has_more or not address.isascii():
        raise refusal("smartcare_address")


def _secret_fault(changed: Integration, stored: Integration | None, secret: str) -> dict[str, ValidationError]:
    if secret:
        fits = 5 <= len(secret) <= 100
        return {} if fits else {"app_secret": refusal("smartcare_secret_length", n=len(secret))}
    if stored is None or not stored.app_secret:
        return {"app_secret": refusal("smartcare_secret_missing")}
    if _origin(changed.address) != _origin(stored.address):
        return {"app_secret": refusal("smartcare_secret_again")}
    return {}


def _origin(address: str) -> tuple[str, str]:
    scheme, _sep, rest = address.partition("://")
    return scheme.lower(), rest.partition("/")[0].lower()


def _certificate_faults(changed: Integration) -> dict[str, ValidationError]:
    wanted = {"authority": CertificateKind.AUTHORITY, "client_certificate": CertificateKind.CLIENT}
    return {
        name: refusal("smartcare_certificate_kind", kind=kind.label)
        for name, kind in wanted.items()
        if (chosen := getattr(changed, name)) and chosen.kind != kind
    }


def _differences(stored: Integration | None, changed: Integration, secret: str) -> list[str]:
    """Return the names of the settings that changed; never their values."""
    names = [name for name in SETTINGS if stored is None or getattr(stored, name) != getattr(changed, name)]
    return names + (["app_secret"] if secret else [])


def certificates_expiring(integration: Integration, *, days: int = 30) -> list[str]:
    """Return the names of chosen certificates that expire within `days`, or have."""
    soon = timezone.now() + timedelta(days=days)
    chosen = (integration.authority, integration.client_certificate)
    return [one.name for one in chosen if one and one.expires_at <= soon]
