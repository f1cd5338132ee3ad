"""Nobody forgets: what is in the database, read from its catalogue."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

WITHOUT_A_TENANT = {  # table: why no policy is needed
    "auth_group": "static",
    "auth_group_permissions": "static",
    "auth_permission": "static",
    "django_celery_beat_clockedschedule": "schedules, no tenant data",
    "django_celery_beat_crontabschedule": "schedules, no tenant data",
    "django_celery_beat_intervalschedule": "schedules, no tenant data",
    "django_celery_beat_periodictask": "schedules, no tenant data",
    "django_celery_beat_periodictasks": "schedules, no tenant data",
    "django_celery_beat_solarschedule": "schedules, no tenant data",
    "django_content_type": "static",
    "django_migrations": "read only",
    "django_session": "the key is the secret",
    "tenants_systemparameter": "one value for all tenants",
    "tenants_trustedaddress": "one list for all tenants",
}
TABLES = """
    SELECT relname, relrowsecurity AND relforcerowsecurity, array(
        SELECT polname::text FROM pg_policy
        WHERE polrelid = c.oid AND polcmd = '*' AND polqual IS NOT NULL AND polwithcheck IS NOT NULL)
    FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"""


def rows(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


@pytest.fixture
def owner(db) -> str:
    return settings.DATABASE_OWNER["USER"]


@pytest.mark.net
def test_every_table_has_its_policy_or_a_reason(db):
    unguarded = {table for table, is_forced, policies in rows(TABLES) if not is_forced or policies != ["tenant"]}

    assert unguarded == set(WITHOUT_A_TENANT)


def test_the_application_has_no_power_over_others(db, owner):
    rights = "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"

    assert rows(rights) == [(False, False, False, False)]
    assert rows("SELECT pg_has_role(%s, 'member')", [owner]) == [(False,)]


def test_the_application_owns_no_table(db):
    owned = "SELECT relname FROM pg_class WHERE relowner = current_user::regrole AND relpersistence = 'p'"

    assert rows(owned) == []


def test_the_application_can_neither_truncate_nor_write_migrations(db):
    granted = """SELECT DISTINCT privilege_type FROM information_schema.role_table_grants
                 WHERE grantee = current_user AND table_schema = 'public'"""

    assert {right for (right,) in rows(granted)} == {"SELECT", "INSERT", "UPDATE", "DELETE"}
    assert rows("SELECT has_table_privilege('django_migrations', 'INSERT, UPDATE, DELETE')") == [(False,)]


def test_only_the_reaper_and_the_clock_have_a_further_policy(db, owner):
    further = "SELECT tablename, policyname, roles::text, cmd FROM pg_policies WHERE policyname <> 'tenant' ORDER BY 1"

    assert rows(further) == [
        ("importer_importbatch", "reaper", f"{{{owner}}}", "SELECT"),
        ("tenants_webhookdelivery", "clock", f"{{{owner}}}", "SELECT"),
    ]


def test_only_the_clockworks_and_the_logs_function_run_with_their_owners_rights(db):
    owned = "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace ORDER BY 1"

    assert rows(owned) == [("due_webhooks",), ("purge_log",), ("stale_imports",)]


def test_there_is_no_view(db):
    views = "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace"

    assert rows(views) == []


def test_every_unique_key_of_a_tenants_table_begins_with_the_tenant(db):
    """Or a tenant would learn from a refusal what another one has. Primary keys are random or of no meaning."""
    unique = """
        SELECT indexrelid::regclass::text FROM pg_index i
        WHERE indisunique AND NOT indisprimary AND EXISTS (
            SELECT FROM pg_attribute WHERE attrelid = indrelid AND attname = 'tenant_id' AND attnum <> i.indkey[0])
        AND indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)"""

    assert [name for (name,) in rows(unique)] == ["tenants_user_username_key"]  # sign-in comes before the tenant
