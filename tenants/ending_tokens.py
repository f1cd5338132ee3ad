"""API clients whose last token ends soon, or has ended: their program is shut out unless somebody issues another."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from .attention import SHOWN, Matter, declare_matters
from .models import ApiToken, User

SOON = timedelta(days=14)
NAMED_FOR = timedelta(days=7)  # after its end


def ending_tokens(user: User) -> Iterator[Matter]:
    """Yield the clients in use, the first to be shut out first; to those who may issue tokens."""
    if not user.is_tenant_administrator:
        return
    now = timezone.now()
    clients = (
        ApiToken.objects.filter(user__is_active=True).values("user", "user__full_name").annotate(end=Max("expiry"))
    )
    for client in clients.filter(end__range=(now - NAMED_FOR, now + SOON)).order_by("end")[:SHOWN]:
        has_ended = client["end"] <= now
        said = _("The last token of “%(name)s” has expired") if has_ended else _("The token of “%(name)s” expires soon")
        yield Matter(
            said % {"name": client["user__full_name"]},
            reverse("tenants:api-client", args=[client["user"]]),
            "key",
            (_("Issue another, and give it to whoever runs the program."),),
            client["end"],
            has_ended,
        )


declare_matters(ending_tokens)
