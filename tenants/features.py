"""What a system administrator switches per tenant space."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from .refusals import declare

declare(
    {
        "feature_off": _(
            "The feature “%(feature)s” is switched off for this tenant space. Ask the system administrator."
        ),
        "tenant_disabled": _("The tenant space was disabled meanwhile. What had come in by then was kept."),
    }
)


class Feature(TextChoices):
    """The value is the name of the tenant's field."""

    INTELLIGENT_OUTBOUND_CALL = "intelligent_outbound_call", _("Intelligent outbound call")
    SMS_MARKETING = "sms_marketing", _("SMS marketing")
    EMAIL_MARKETING = "email_marketing", _("Email marketing")
    WHATSAPP_MARKETING = "whatsapp_marketing", _("WhatsApp marketing")
    SMARTCARE = "smartcare", _("SmartCare")
