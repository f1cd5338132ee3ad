"""Act for one tenant: the Python scope, the transaction and Postgres' `app.tenant`, always together."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID

from django.db import connection, models, transaction
from django_scopes import ScopeError, get_scope, scope

CURRENT_TENANT = "nullif(current_setting('app.tenant', true), '')::uuid"
Owner = TypeVar("Owner", bound=models.Model)
Done = TypeVar("Done")
logger = logging.getLogger(__name__)


@contextmanager
def act_for(tenant: models.Model | UUID | str) -> Iterator[None]:
    """Open a transaction in which only `tenant`'s rows exist. Acting for a second tenant inside is refused."""
    tenant_id = UUID(str(getattr(tenant, "pk", tenant)))  # None is a ValueError: scope(tenant=None) filters nothing
    outer = get_scope().get("tenant")
    if outer not in (None, tenant_id):
        raise ScopeError(f"Already acting for another tenant ({outer}).")
    nested = connection.in_atomic_block
    with scope(tenant=tenant_id), transaction.atomic():
        _announce(str(tenant_id))
        yield
        if nested and outer is None and not connection.needs_rollback:
            _announce("")  # the transaction goes on without us (ATOMIC_REQUESTS, tests)


def each_tenant(tenants: Iterable[Owner]) -> Iterator[Owner]:
    """Yield every tenant, acting for it meanwhile, one transaction each."""
    for tenant in list(tenants):
        with act_for(tenant):
            yield tenant


def do_for_each(tenants: Iterable[Owner], do: Callable[[Owner], Done]) -> list[Done]:
    """Return what `do` returns of every tenant, acting for it, one transaction each.

    Where it fails is logged: the trouble of one tenant must not keep those after it waiting.
    """
    done = []
    for tenant in list(tenants):
        try:
            with act_for(tenant):
                done.append(do(tenant))
        except Exception:
            logger.exception("failed for one tenant", extra={"tenant": str(tenant.pk)})
    return done


def current_tenant_id() -> UUID:
    """Return the tenant acted for; ScopeError without one."""
    tenant_id = current_tenant_id_or_none()
    if tenant_id is None:
        raise ScopeError("No tenant: a tenant-owned row is made inside act_for(tenant) only.")
    return tenant_id


def current_tenant_id_or_none() -> UUID | None:
    """Return the tenant acted for, or None: system administrators have none."""
    return get_scope().get("tenant")


def _announce(tenant_id: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.tenant', %s, true)", [tenant_id])
