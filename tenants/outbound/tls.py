"""TLS of outbound calls: what is verified, with which certificates, and what a failed handshake means."""

import os
import re
import secrets
import ssl
import tempfile
from typing import NamedTuple

from cryptography.hazmat.primitives import serialization
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tenants.refusals import declare, refusal

# Numbers of OpenSSL's X509_V_ERR_*.
EXPIRED, NOT_YET_VALID, WRONG_NAME, WRONG_ADDRESS = 10, 9, 62, 64
UNKNOWN_AUTHORITY = frozenset({2, 18, 19, 20, 21})
OLD_VERSION = re.compile("UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|NO_PROTOCOLS_AVAILABLE|LEGACY")
NO_TLS = re.compile("WRONG_VERSION_NUMBER|HTTP_REQUEST|RECORD_LAYER_FAILURE|PACKET_LENGTH")
CLIENT_REFUSED = re.compile("CERTIFICATE_REQUIRED|ALERT_(BAD|UNKNOWN|CERTIFICATE|UNSUPPORTED|ACCESS|HANDSHAKE|NO_CERT)")

declare(
    {
        "tls_expired": _("The certificate of %(host)s has expired. Ask its operators to renew it."),
        "tls_not_yet_valid": _("The certificate of %(host)s is not valid yet. Compare the clocks of both sides."),
        "tls_name": _("The certificate of %(host)s is for another name. Enter the address that the certificate names."),
        "tls_authority": _(
            "The certificate of %(host)s is signed by an authority that is not known here. Choose its CA certificate, "
            "or have it added to those of the system."
        ),
        "tls_version": _("%(host)s speaks no TLS 1.2 or newer, and older versions are not used."),
        "tls_none": _("%(host)s does not speak TLS at this port. Check the address and the port."),
        "tls_client": _("%(host)s did not accept the client certificate, or wants one. Check which one is chosen."),
        "tls_failed": _("No secure connection to %(host)s came about (%(reason)s)."),
        "tls_cut": _(
            "%(host)s ended the secure connection before it answered. It may be restarting, or want a client "
            "certificate."
        ),
    }
)


class Tls(NamedTuple):
    """`authority`: PEM of the only CA to trust; empty: those of the system. `certificate`, `key`: shown when asked."""

    authority: str = ""
    certificate: str = ""
    key: str = ""


def context_of(tls: Tls) -> ssl.SSLContext:
    """Return the context for a connection: TLS 1.2 or newer, certificate and name verified."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls.authority:
        context.load_verify_locations(cadata=tls.authority)
    else:
        context.load_default_certs()
    if tls.certificate:
        _show(context, tls.certificate, tls.key)
    return context


def _show(context: ssl.SSLContext, certificate: str, key: str) -> None:
    """Load certificate and key: OpenSSL reads files only, so the key is written encrypted, for a moment."""
    password = secrets.token_bytes(32).hex()
    loaded = serialization.load_pem_private_key(key.encode(), None)
    sealed = loaded.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password.encode()),
    )
    handle, path = tempfile.mkstemp(prefix="tls-")  # mode 600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(certificate.encode() + b"\n" + sealed)
        context.load_cert_chain(path, password=password)
    finally:
        os.unlink(path)


def tls_refusal(error: ssl.SSLError, host: str) -> ValidationError:
    """Return what a failed handshake, or a connection that TLS ended, means to a person."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return refusal(_code_of_certificate(error.verify_code), host=host)
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return refusal("tls_cut", host=host)
    reason = str(error.reason or "")
    for pattern, code in ((OLD_VERSION, "tls_version"), (NO_TLS, "tls_none"), (CLIENT_REFUSED, "tls_client")):
        if pattern.search(reason):
            return refusal(code, host=host)
    return refusal("tls_failed", host=host, reason=reason[:100] or "SSL")


def _code_of_certificate(number: int) -> str:
    if number in UNKNOWN_AUTHORITY:
        return "tls_authority"
    names = {EXPIRED: "tls_expired", NOT_YET_VALID: "tls_not_yet_valid", WRONG_NAME: "tls_name"}
    return (names | {WRONG_ADDRESS: "tls_name"}).get(number, "tls_authority")
