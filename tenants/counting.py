"""How often something happened, counted in the cache, which may forget or be away: then the first time is now."""

import logging
from contextlib import suppress

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def count(key: str, seconds: int) -> int:
    """Count one more of `key`, and return how many there were in the `seconds` since the first.

    Who counts so must be able to do without: nobody is kept out because the cache is away.
    """
    try:
        with suppress(ValueError):  # the first, or forgotten
            return cache.incr(key)
        cache.add(key, 0, seconds)
        return cache.incr(key)
    except ValueError:  # forgotten between the two
        return 1
    except RedisError:
        logger.warning("The cache does not answer: %s is not counted.", key.partition(":")[0])
        return 1
