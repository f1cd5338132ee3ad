"""Looks at other machines while a person waits: a few of a tenant at a time, for each holds a thread of the web."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

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
    taken = _take(f"server-look:{tenant_id}:", 2 * int(seconds))
    if taken is None:
        raise refusal("server_looks")
    try:
        yield
    finally:
        with suppress(RedisError):
            cache.delete(taken)


def _take(key: str, seconds: int) -> str | None:
    """Return the turn that is taken, or None; any turn while the cache is away, which keeps nobody out."""
    try:
        return next((key + str(n) for n in range(LOOKS) if cache.add(key + str(n), True, seconds)), None)
    except RedisError:
        return key
