"""Who acts now, and from where: what the operation log writes down, and what limits of callers count by."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from django.conf import settings


class Actor(NamedTuple):
    """Whoever acts. `role` is one of `models.Role`, or "console" for its own jobs; `address` None: no request."""

    user_id: int | None = None
    name: str = ""
    role: str = "console"
    address: str | None = None


CONSOLE = Actor()
_acting: ContextVar[Actor] = ContextVar("acting", default=CONSOLE)


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Meanwhile `actor` acts in this thread."""
    token = _acting.set(actor)
    try:
        yield
    finally:
        _acting.reset(token)


def actor() -> Actor:
    """Return who acts in this thread; the console itself outside of any request."""
    return _acting.get()


def actor_of(request: Any) -> Actor:
    """Return who sent `request`; nobody's name for a caller who is not known."""
    user, address = request.user, address_of(request)
    return as_actor(user, address) if user.is_authenticated else Actor(role="", address=address)


def as_actor(user: Any, address: str | None = None) -> Actor:
    """Return `user` as whoever acts."""
    return Actor(user.pk, user.get_full_name(), user.role, address)


def address_of(request: Any) -> str:
    """Return the IP address that `request` came from.

    X-Forwarded-For is believed as far as our own proxies (PROXY_COUNT of them) wrote it, and no further:
    what stands left of that was sent by whoever called.
    """
    forwarded = [one.strip() for one in request.headers.get("X-Forwarded-For", "").split(",")]
    count = settings.PROXY_COUNT
    return forwarded[-count] if 0 < count <= len(forwarded) and forwarded[-count] else request.META["REMOTE_ADDR"]
