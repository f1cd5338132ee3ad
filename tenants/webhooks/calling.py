"""One try: where a webhook's address leads now, the signed call, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.models import AddressType
from tenants.outbound.http import Answer, Call, Limits, seconds_to_wait, send
from tenants.outbound.tls import Tls
from tenants.outbound.trust import Destination, trusted
from tenants.refusals import declare, refusal

from .models import Webhook, WebhookDelivery
from .signing import signatures

TOTAL_SECONDS = 10
KEPT_ANSWER = 1_024  # bytes
MAX_RETRY_AFTER = 3_600  # seconds
PORTS = {"https": 443, "http": 80}
GONE = 410

declare(
    {
        "webhook_url": _(
            "The URL must be https://host, or http://host, with a port, a path and a query where needed; nothing else."
        ),
        "webhook_status": _("%(host)s answered with the status %(status)s; 200 to 299 says that the event arrived."),
        "webhook_gone": _("%(host)s answered with the status 410: it wants this event no more."),
    }
)


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one try. `refused` None: delivered; `retry_after`: seconds that the receiver asked to wait."""

    at: datetime
    milliseconds: int
    status: int | None = None
    answer: str = ""
    refused: ValidationError | None = None
    retry_after: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return it as a delivery keeps it."""
        code, params = (self.refused.code, self.refused.params or {}) if self.refused else ("", {})
        return {
            "at": self.at.isoformat(), "status": self.status, "milliseconds": self.milliseconds,
            "code": code, "params": {name: str(value) for name, value in params.items()},
        }  # fmt: skip


def destination_of(url: str) -> Destination:
    """Return where `url` may be called now, or raise ValidationError: the trustlist is asked each time."""
    parts = _parts_of(url)
    port = parts.port or PORTS[parts.scheme]
    return trusted(AddressType.WEBHOOK, parts.hostname, port, uses_tls=parts.scheme == "https")


def try_once(webhook: Webhook, delivery: WebhookDelivery) -> Tried:
    """Call the receiver, for up to TOTAL_SECONDS; never raises a refusal."""
    at, began = timezone.now(), monotonic()
    try:
        answer = _call(webhook, delivery, at)
    except ValidationError as refused:
        return Tried(at, _since(began), refused=refused)
    host = urlsplit(webhook.url).hostname
    text = answer.body.decode(errors="replace").replace("\0", "\ufffd")
    wait = seconds_to_wait(answer.headers.get("retry-after", ""), high=MAX_RETRY_AFTER)
    return Tried(at, _since(began), answer.status, text, _refused(answer.status, host), wait)


def _call(webhook: Webhook, delivery: WebhookDelivery, at: datetime) -> Answer:
    parts, body, timestamp = _parts_of(webhook.url), delivery.body.encode(), int(at.timestamp())
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "X-AICC-Event": delivery.event,
        "X-AICC-Delivery": str(delivery.pk),
        "X-AICC-Timestamp": str(timestamp),
        "X-AICC-Signature": signatures(webhook.secrets, timestamp, body),
    }
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    tls = Tls() if parts.scheme == "https" else None
    limits = Limits(TOTAL_SECONDS, TOTAL_SECONDS, KEPT_ANSWER, is_cut=True)
    return send(destination_of(webhook.url), Call("POST", target, headers, body), tls=tls, limits=limits)


def _refused(status: int, host: str | None) -> ValidationError | None:
    if 200 <= status < 300:
        return None
    return refusal("webhook_gone", host=host) if status == GONE else refusal("webhook_status", host=host, status=status)


def _since(began: float) -> int:
    return round((monotonic() - began) * 1_000)


def _parts_of(url: str) -> Any:
    """Return the parts of `url`; ValidationError (webhook_url) unless it is nothing but an address."""
    try:
        parts = urlsplit(url)
        is_plain = parts.scheme in PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise refusal("webhook_url") from None
    has_more = "#" in url or "@" in parts.netloc or "\\" in url
    if not is_plain or has_more or not all("!" <= character <= "~" for character in url):
        raise refusal("webhook_url")
    return parts
