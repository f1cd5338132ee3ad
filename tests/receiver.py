"""A webhook's receiver on this machine: it answers as it was told to, and keeps what it got."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from django.utils import timezone

from tenants.models import AddressType, TrustedAddress
from tenants.scoping import act_for
from tenants.webhooks import delivering, subscriptions
from tenants.webhooks.models import Webhook, WebhookDelivery


class Got(NamedTuple):
    """A call that came: `payload` is its body, read."""

    path: str
    headers: Any
    body: bytes

    @property
    def payload(self) -> dict[str, Any]:
        return json.loads(self.body)


class Reply(NamedTuple):
    """How a call is answered, after `seconds`."""

    status: int = 200
    body: bytes = b"ok"
    seconds: float = 0
    headers: tuple[tuple[str, str], ...] = ()


class Receiver:
    """`replies` are given in their order, then `Reply()` to all that follow; `calls` is what came."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}/hook"
        self.replies: list[Reply] = []
        self.calls: list[Got] = []
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        with self.lock:
            self.calls.append(Got(handler.path, handler.headers, body))
            reply = self.replies.pop(0) if self.replies else Reply()
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(reply.seconds)
        with self.lock:
            self.at_once -= 1
        handler.send_response(reply.status)
        for name, value in (("Content-Length", str(len(reply.body))), *reply.headers):
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(reply.body)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Meanwhile a receiver listens on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.answer(self)

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver = Receiver(server.server_port)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


def trust(port: int, settings: Any, *, allows_http: bool = True) -> TrustedAddress:
    """Put the receiver's address on the trustlist, and its port among those of this machine."""
    settings.LOOPBACK_PORTS = settings.LOOPBACK_PORTS | {port}
    return TrustedAddress.objects.create(
        address_type=AddressType.WEBHOOK, host="127.0.0.1", port=port, allows_http=allows_http
    )


def webhook(tenant: Any, receiver: Receiver, *events: str, name: str = "CRM") -> Webhook:
    """A webhook of the tenant acted for that tells `receiver` of `events`; its address is trusted already."""
    values = {"name": name, "url": receiver.url, "events": list(events or ["import.finished"])}
    return subscriptions.create(tenant, values)[0]


def told(hook: Webhook) -> list[WebhookDelivery]:
    """What `hook` was told, or is to be, in its order."""
    with act_for(hook.tenant_id):
        return list(hook.deliveries.select_related("webhook").order_by("created_at", "id"))


def fresh(row: Any) -> Any:
    """The row, as it is now."""
    with act_for(row.tenant_id):
        row.refresh_from_db()
    return row


def deliver(hook: Webhook) -> bool:
    """One turn of `hook`."""
    return delivering.take_turn(str(hook.tenant_id), str(hook.pk), seconds=5)


def make_due(hook: Webhook) -> None:
    """Wait no longer."""
    with act_for(hook.tenant_id):
        hook.deliveries.filter(state="waiting").update(next_try_at=timezone.now())
