"""Certificates of a tenant: what is checked before one is kept. System Management > Certificate.

Source: aicc-facts, SmartCare ("Certificates are PEM").
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.log_words import declare_words
from tenants.operation_log import declare_actions, record
from tenants.refusals import declare, refusal

from .models import Certificate, CertificateKind, Integration

MAX_PEM = 64_000  # characters
MAX_CHAIN = 20  # certificates in one file
NEVER = datetime(9998, 12, 31, tzinfo=UTC)  # RFC 5280 writes it as the end of 9999, which some time zones do not have
PUBLIC = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

declare(
    {
        "certificate_pem": _(
            "This is no certificate in PEM format: it begins with “-----BEGIN CERTIFICATE-----”. "
            "Other formats such as .jks, .cer or .pfx can be converted."
        ),
        "certificate_size": _("The file has more than %(high)s characters or %(chain)s certificates."),
        "certificate_expired": _("The certificate of “%(subject)s” expired on %(day)s. Ask for a new one."),
        "certificate_not_ca": _(
            "“%(subject)s” is the certificate of a server or a person, not of an authority. Choose its CA certificate."
        ),
        "certificate_key_missing": _("A client certificate needs its private key."),
        "certificate_key_pem": _(
            "This is no private key in PEM format: it begins with “-----BEGIN … PRIVATE KEY-----”."
        ),
        "certificate_key_locked": _(
            "The private key is protected by a password. Store it without one; it is encrypted here."
        ),
        "certificate_key_match": _("The private key does not belong to the certificate of “%(subject)s”."),
        "certificate_key_unused": _("A CA certificate has no private key here. Leave it out."),
        "certificate_in_use": _("The SmartCare integration uses this certificate. Choose another one there first."),
    }
)
declare_actions(
    {"certificate.add": _("Add certificate"), "certificate.delete": _("Delete certificate")},
)
declare_words({"kind": _("Kind"), "expires_at": _("Valid until")})


def keep(certificate: Certificate, key: str) -> Certificate:
    """Check and save the new `certificate` with its private `key` ("" for a CA's); ValidationError keyed by field."""
    certificate.pem = certificate.pem.replace("\r\n", "\n").strip() + "\n"
    certificate.full_clean(exclude=["subject", "expires_at"], validate_constraints=False)
    chain = _chain(certificate.pem)
    certificate.subject = chain[0].subject.rfc4514_string()[:500]
    certificate.expires_at = min(NEVER, *(one.not_valid_after_utc for one in chain))
    _require_usable(certificate, chain)
    certificate.private_key = _key_for(certificate, chain[0], key)
    try:
        with transaction.atomic():
            certificate.save(force_insert=True)
    except IntegrityError:
        raise ValidationError({"name": refusal("name_taken")}) from None
    record("certificate.add", certificate, kind=certificate.kind, expires_at=certificate.expires_at.isoformat())
    return certificate


def remove(certificate: Certificate) -> None:
    """Delete `certificate`, or raise ValidationError (certificate_in_use)."""
    if Integration.objects.filter(Q(authority=certificate) | Q(client_certificate=certificate)).exists():
        raise refusal("certificate_in_use")
    record("certificate.delete", certificate)
    certificate.delete()


def _chain(pem: str) -> Sequence[x509.Certificate]:
    if len(pem) > MAX_PEM:
        raise ValidationError({"pem": refusal("certificate_size", high=f"{MAX_PEM:,}", chain=MAX_CHAIN)})
    try:
        chain = x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        raise ValidationError({"pem": refusal("certificate_pem")}) from None
    if len(chain) > MAX_CHAIN:
        raise ValidationError({"pem": refusal("certificate_size", high=f"{MAX_PEM:,}", chain=MAX_CHAIN)})
    return chain


def _require_usable(certificate: Certificate, chain: Sequence[x509.Certificate]) -> None:
    subject = certificate.subject
    if certificate.has_expired:
        raise ValidationError(
            {"pem": refusal("certificate_expired", subject=subject, day=_day(certificate.expires_at))}
        )
    if certificate.kind == CertificateKind.AUTHORITY and not all(map(_is_authority, chain)):
        raise ValidationError({"pem": refusal("certificate_not_ca", subject=subject)})


def _is_authority(one: x509.Certificate) -> bool:
    try:
        return one.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _key_for(certificate: Certificate, leaf: x509.Certificate, key: str) -> str | None:
    is_client = certificate.kind == CertificateKind.CLIENT
    if not key.strip():
        if is_client:
            raise ValidationError({"key": refusal("certificate_key_missing")})
        return None
    if not is_client:
        raise ValidationError({"key": refusal("certificate_key_unused")})
    try:
        loaded = serialization.load_pem_private_key(key.encode(), None)
    except TypeError:
        raise ValidationError({"key": refusal("certificate_key_locked")}) from None
    except ValueError:
        raise ValidationError({"key": refusal("certificate_key_pem")}) from None
    if loaded.public_key().public_bytes(*PUBLIC) != leaf.public_key().public_bytes(*PUBLIC):
        raise ValidationError({"key": refusal("certificate_key_match", subject=certificate.subject)})
    return key.replace("\r\n", "\n").strip() + "\n"


def _day(moment: datetime) -> str:
    return timezone.localtime(moment).date().isoformat()
