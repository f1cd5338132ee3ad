"""Looks at other machines while a person waits: a few of a tenant at a time, for each holds a thread of the web."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from tenants.refusals import declare, refusal

LOOKS = 2  # of one tenant at a time

declare(
    {
        "server_looks": _("Other looks into servers of this tenant space are under way. Try again in a moment."),
    }
)


@contextmanager
def in_turn(tenant_id: UUID | None, *, seconds: float) -> Iterator[None]:
    """Wait for another machine in one of the tenant's turns, which takes up to `seconds`; or raise server_looks."""
    key = f"server-look:{tenant_id}:"
    taken = next((key + str(n) for n in range(LOOKS) if cache.add(key + str(n), True, 2 * int(seconds))), None)
    if taken is None:
        raise refusal("server_looks")
    try:
        yield
    finally:
        cache.delete(taken)
