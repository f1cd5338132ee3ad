"""The test database belongs to the owner; every test runs as the application."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError, connections
from django.test.utils import setup_databases, teardown_databases
from django.utils import translation

from importer import cancellation
from tenants.models import Tenant
from tenants.owner import as_owner
from tenants.scoping import act_for
from tenants.webhooks.models import Webhook, WebhookDelivery

from . import make, plants, receiver
from .pages import Person


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_modify_db_settings, django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock(), as_owner():
        created = setup_databases(verbosity=0, interactive=False, serialized_aliases=())
        plants.plant()
    yield
    with django_db_blocker.unblock():
        connections.close_all()  # or: database "test_aicc" is being accessed by other users
        with suppress(OperationalError):  # a backend that is slow to hear of its client's end: it goes with the stack
            teardown_databases(created, verbosity=0)


@pytest.fixture(autouse=True, scope="session")
def quick_passwords() -> None:
    """A real hasher takes half a second for each of the people that a test makes."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """A request leaves its language behind in the test's thread; the next test begins in English."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def nothing_counted_yet() -> None:
    """What was counted of a token stands in the cache, and the next test's token may have the same number."""
    cache.clear()


@pytest.fixture(autouse=True)
def storage_of_its_own(settings, tmp_path):
    """Each test has its own spool."""
    options = {"location": str(tmp_path / "storage")}
    default = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"default": default}


@pytest.fixture
def tenant(db) -> Tenant:
    return make.tenant("Demo Telecom")


@pytest.fixture
def other_tenant(db) -> Tenant:
    return make.tenant("Other Telecom")


@pytest.fixture
def administrator(tenant) -> Person:
    """The administrator of `tenant` at a browser without a script."""
    return Person(tenant.administrator)


@pytest.fixture
def viewer(tenant) -> Person:
    return Person(tenant.viewer)


@pytest.fixture
def acting(tenant) -> Iterator[Tenant]:
    """The test's own code acts for `tenant`."""
    with act_for(tenant):
        yield tenant


@pytest.fixture
def crm(tenant, settings) -> Iterator[receiver.Receiver]:
    """The program of another system that webhooks tell; its address is trusted."""
    with receiver.receiving() as listening:
        receiver.trust(listening.port, settings)
        yield listening


@pytest.fixture
def hook(tenant, crm) -> Webhook:
    """A webhook that tells `crm` of finished imports."""
    with act_for(tenant):
        return receiver.webhook(tenant, crm)


@pytest.fixture
def waiting(hook) -> WebhookDelivery:
    """A delivery that nobody tried yet: of an import that was cancelled."""
    with act_for(hook.tenant_id):
        cancellation.cancel(make.batch(make.task(), [["13800000001", "Ann"]]))
    return receiver.told(hook)[0]
