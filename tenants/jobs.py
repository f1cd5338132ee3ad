"""What every Celery job must say: for which tenant. The body opens `act_for` once per transaction."""

from typing import Any

from celery.contrib.django.task import DjangoTask
from django_scopes import ScopeError, get_scope


class TenantJob(DjangoTask):
    """Base of all jobs; refuses a scope left over, and a call without `tenant_id=`."""

    abstract = True
    of_a_tenant = True

    def __call__(self, *args: Any, **options: Any) -> Any:
        if get_scope():
            raise ScopeError(f"{self.name} began inside somebody's scope.")
        if self.of_a_tenant and "tenant_id" not in options:
            raise ScopeError(f"{self.name} was called without tenant_id.")
        return super().__call__(*args, **options)


class Clockwork(TenantJob):
    """Base of the few jobs that go over all tenants (reaper, purge); a test lists them."""

    abstract = True
    of_a_tenant = False
