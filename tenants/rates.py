"""How many requests a caller may send: counted for each token, or person, by the minute, in the cache."""

import time
from functools import partial
from typing import Any

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from .counting import count
from .refusals import declare, sentence
from .system_parameters import system_parameter

WINDOW = 60  # seconds
LIMIT_SECONDS = 5

declare({"throttled": _("These are more requests than %(limit)s a minute. Go on in %(seconds)s seconds.")})


class TooManyRequests(APIException):
    """More than the caller may send this minute."""

    status_code = 429
    default_code = "throttled"

    def __init__(self, limit: int, seconds: int) -> None:
        super().__init__(sentence(self.default_code, {"limit": limit, "seconds": seconds}))
        self.wait = seconds


class CallerRate(BaseThrottle):
    """So many requests a minute and caller; the answer says in RateLimit-* how many are left, and for how long."""

    def allow_request(self, request: Request, view: Any) -> bool:
        limit = _limit()
        number, seconds_left = _count(_name_of(request))
        view.headers |= {
            "RateLimit-Limit": str(limit),
            "RateLimit-Remaining": str(max(0, limit - number)),
            "RateLimit-Reset": str(seconds_left),
        }
        if number > limit:
            raise TooManyRequests(limit, seconds_left)
        return True


def _limit() -> int:
    """Return how many requests a minute there may be; a change of it holds after LIMIT_SECONDS at the latest."""
    read = partial(system_parameter, "api_requests_per_minute")
    try:
        return cache.get_or_set("rate-limit", read, LIMIT_SECONDS) or read()
    except RedisError:
        return read()


def _name_of(request: Request) -> str:
    return f"token-{request.auth.pk}" if request.auth else f"user-{request.user.pk}"


def _count(name: str) -> tuple[int, int]:
    """Count one more request of this minute; return how many there are, and the seconds until the next minute."""
    minute, second = divmod(int(time.time()), WINDOW)
    return count(f"rate:{name}:{minute}", WINDOW * 2), WINDOW - second
