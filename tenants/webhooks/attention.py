"""Webhooks at whose receiver nothing arrives: somebody should look."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenants.attention import SHOWN, Matter, declare_matters
from tenants.models import User

from .models import Webhook


def unreached_webhooks(user: User) -> Iterator[Matter]:
    """Yield the webhooks for which several events in a row were given up; to those who may mend them."""
    if not user.is_tenant_administrator:
        return
    for webhook in Webhook.in_trouble()[:SHOWN]:
        count = webhook.given_up_in_row
        why = ngettext("%(count)s event was given up.", "%(count)s events in a row were given up.", count)
        yield Matter(
            _("Nothing arrives at the webhook “%(name)s”") % {"name": webhook.name},
            reverse("tenants:webhook", args=[webhook.pk]),
            "webhook",
            (why % {"count": f"{count:,}"},),
            webhook.failing_since,
            is_urgent=True,
        )


declare_matters(unreached_webhooks)
