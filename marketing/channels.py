"""Media of marketing: the feature each needs, and what an address is there."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from tenants.features import Feature
from tenants.numbers import NumberPolicy
from tenants.refusals import declare, refusal

MAX_EMAIL = 254  # characters
MAX_WHATSAPP = 1_024  # characters in the body of a WhatsApp message template, as Meta allows them

declare(
    {
        "email_missing": _("There is no email address."),
        "email_length": _("The email address has %(n)s characters; %(high)s are allowed."),
        "email_characters": _("The email address has a character that is not allowed: %(character)s."),
        "email_format": _("This is not an email address: a name, “@” and a domain such as ann@example.com are needed."),
        "email_literal": _("The email address names a machine by number (“[…]”); a domain is needed."),
    }
)


class Medium(TextChoices):
    """How a message reaches its recipient."""

    SMS = "sms", _("SMS")
    EMAIL = "email", _("Email")
    WHATSAPP = "whatsapp", _("WhatsApp")


FEATURES = {
    Medium.SMS: Feature.SMS_MARKETING,
    Medium.EMAIL: Feature.EMAIL_MARKETING,
    Medium.WHATSAPP: Feature.WHATSAPP_MARKETING,
}
validate_email = EmailValidator(allowlist=[])


def clean_email(raw: str) -> str:
    """Return `raw` trimmed and lower-case, or raise ValidationError.

    Codes: email_missing, email_length, email_characters, email_literal, email_format.
    """
    # Of wide, unbreakable and line-ending blanks too, as a number; small first, for some letters become two.
    address = raw.strip().lower()
    if not address:
        raise refusal("email_missing")
    if len(address) > MAX_EMAIL:
        raise refusal("email_length", n=len(address), high=MAX_EMAIL)
    for character in address:
        if not character.isprintable() or character.isspace():
            raise refusal("email_characters", character=f"U+{ord(character):04X}")
    return _formatted(address)


def _formatted(address: str) -> str:
    name, _at, domain = address.rpartition("@")
    if domain.startswith("["):
        raise refusal("email_literal")
    try:
        validate_email(address)
    except ValidationError:
        raise refusal("email_format") from None
    if len(name) > 64:  # RFC 5321: Django's validator does not count
        raise refusal("email_format")
    return address


def address_rule(medium: str, policy: NumberPolicy) -> Callable[[str], str]:
    """Return the function that cleans an address of `medium`, or raises ValidationError."""
    return clean_email if medium == Medium.EMAIL else policy.clean
