"""Several people at once: each in a thread with its own connection, all beginning at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.http import Http404

from tenants.models import Tenant
from tenants.scoping import act_for

SECONDS = 30  # until a hung thread fails the test


def at_once(tenant: Tenant, read: Callable[[], Any], *actions: Callable[[Any], Any]) -> list[Any]:
    """Run `actions`, each acting for `tenant`, on what it has read before any of them acts.

    Return what each returned, or the code of its refusal; "gone" for Http404.
    """
    barrier = Barrier(len(actions))

    def run(action: Callable[[Any], Any]) -> Any:
        try:
            with act_for(tenant):
                found = read()
                barrier.wait(SECONDS)
                return action(found)
        except ValidationError as refused:
            return refused.code
        except Http404:
            return "gone"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return [done.result(SECONDS) for done in [pool.submit(run, action) for action in actions]]
