"""Transactions that really commit: flush between tests, cursors, the pool, and who may start."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, ProgrammingError, connection, connections

from marketing import intake
from marketing.intake import Incoming
from marketing.models import Recipient
from marketing.rules import Draft
from tenants.models import Tenant
from tenants.owner import as_owner, require_plain_role
from tenants.scoping import act_for

CHECKOUT = Path(__file__).parents[2]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("turn", [1, 2])
def test_the_tables_are_empty_between_tests_though_the_application_cannot_truncate(turn, alpha):
    assert Tenant.objects.count() == 1
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied for table"):
        cursor.execute("TRUNCATE marketing_recipient")


def test_a_cursor_does_not_outlive_its_transaction(alpha):
    with act_for(alpha):
        rows = Recipient.objects.iterator(chunk_size=1)
        next(rows)

    with pytest.raises(DatabaseError, match=r'cursor ".*" does not exist'):
        list(rows)


def test_the_application_may_start():
    require_plain_role()


def test_the_owner_may_not_start():
    with as_owner(), pytest.raises(ImproperlyConfigured, match="DATABASE_URL must name"):
        require_plain_role()


@pytest.mark.skipif("SUPERUSER_URL" not in os.environ, reason="SUPERUSER_URL: address of the superuser")
def test_a_superuser_may_not_start(other_connection):
    superuser = settings_of(os.environ["SUPERUSER_URL"])
    other_connection(USER=superuser["USER"], PASSWORD=superuser["PASSWORD"])

    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL must name"):
        require_plain_role()


def test_no_worker_starts_as_the_owner():
    database = connection.settings_dict["NAME"]
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}
    environment["DATABASE_URL"] = os.environ["DATABASE_OWNER_URL"].replace("@/aicc?", f"@/{database}?")

    done = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "aicc_console", "worker", "--pool", "solo", "--without-mingle"],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, "DATABASE_URL must name" in done.stderr) == (1, True), done.stderr


@pytest.fixture
def other_connection() -> Iterator[Callable[..., None]]:
    """Swap connections["default"] for one with other settings."""
    before: Any = connections["default"]
    before.close()

    def swap(**changes: Any) -> None:
        connections["default"] = type(before)({**before.settings_dict, **changes}, "default")

    yield swap
    connections["default"].close()
    getattr(connections["default"], "close_pool", lambda: None)()
    connections["default"] = before


def settings_of(url: str) -> dict[str, Any]:
    import environ

    return environ.Env.db_url_config(url)


def test_the_pool_hands_back_a_connection_without_a_tenant_and_without_old_rows(alpha, other_connection):
    options = settings.DATABASES["default"]["OPTIONS"] | {"pool": {"min_size": 1, "max_size": 1, "timeout": 5}}
    other_connection(OPTIONS=options, CONN_MAX_AGE=0)

    backends = set()
    for turn in range(3):
        with act_for(alpha), intake.lock(alpha.task.pk) as task:
            admitted = intake.admit_many(task, Incoming.of({2: Draft(f"+86{turn}", {})}), origin=None)
        assert admitted.created == 1
        backends.add(left_behind())
        connection.close()

    assert [tenant for tenant, _backend in backends] == [""]


def left_behind() -> tuple[str, int]:
    """Return the tenant that the connection still speaks for, and the server process behind it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('app.tenant', true), ''), pg_backend_pid()")
        return cursor.fetchone()
