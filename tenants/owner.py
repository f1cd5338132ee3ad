"""The owner's side: its connection, and what `migrate` leaves behind - policies first, then grants."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction

from .scoping import CURRENT_TENANT

MINE = f"tenant_id = {CURRENT_TENANT}"  # the rule of every table with a tenant_id but these:
MINE_OR_OF_NONE = f"tenant_id IS NOT DISTINCT FROM {CURRENT_TENANT}"  # no tenant: the system administration's own
NOT_YET = f"{CURRENT_TENANT} IS NULL"  # sign-in and bearer tokens come before the tenant is known
RULES = {
    "tenants_tenant": f"{NOT_YET} OR id = {CURRENT_TENANT}",
    "tenants_user": f"{NOT_YET} OR {MINE}",
    "tenants_apitoken": f"{NOT_YET} OR {MINE}",
    "tenants_logentry": MINE_OR_OF_NONE,
    "tenants_keptanswer": MINE_OR_OF_NONE,
    "account_emailaddress": "user_id IN (SELECT id FROM tenants_user)",  # as far as its user is seen
    "account_emailconfirmation": "email_address_id IN (SELECT id FROM account_emailaddress)",
}
READ_ONLY_TABLES = ["django_migrations"]
APPEND_ONLY_TABLES = ["tenants_logentry"]
UNSECURED = """
    SELECT relname FROM pg_class c
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
      AND (relname = ANY(%s) OR EXISTS (
          SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'tenant_id' AND NOT attisdropped))
      AND NOT (relforcerowsecurity AND EXISTS (
          SELECT FROM pg_policy WHERE polrelid = c.oid AND polname = 'tenant'))"""
IS_PRIVILEGED = """
    SELECT rolsuper OR rolbypassrls OR EXISTS (
        SELECT FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_has_role(relowner, 'MEMBER'))
    FROM pg_roles WHERE rolname = current_user"""


@contextmanager
def as_owner(alias: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Meanwhile, `connections[alias]` is the owner's. A query that a policy would filter is an error there."""
    if settings.DATABASE_OWNER is None:
        raise ImproperlyConfigured("DATABASE_OWNER_URL is not set: only the owner of the tables may do this.")
    application = connections[alias]
    application.close()
    server = {key: settings.DATABASE_OWNER[key] for key in ("HOST", "PORT", "USER", "PASSWORD")}  # past any pooler
    options = settings.DATABASE_OWNER.get("OPTIONS", {}) | {"options": "-c row_security=off"}
    owner = type(application)(application.settings_dict | server | {"OPTIONS": options}, alias)
    connections[alias] = owner
    try:
        yield
    finally:
        owner.close()
        connections[alias] = application


@contextmanager
def unforced(alias: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Let the owner see all rows meanwhile; the application stays under its policies.

    FORCE binds the owner too: no foreign key could be validated, and a data migration would see no row.
    """
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relforcerowsecurity AND relnamespace = 'public'::regnamespace"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
    try:
        yield
    finally:
        with transaction.atomic(alias):
            secure(alias)


def secure(alias: str = DEFAULT_DB_ALIAS) -> None:
    """Put every table with a tenant_id under its policy, then let the application in."""
    with connections[alias].cursor() as cursor:
        cursor.execute(UNSECURED, [list(RULES)])
        for (table,) in cursor.fetchall():
            _guard(cursor, table)
        role = connections[alias].ops.quote_name(settings.DATABASES[alias]["USER"])
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role}")
        cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON {', '.join(READ_ONLY_TABLES)} FROM {role}")
        cursor.execute(f"REVOKE UPDATE, DELETE ON {', '.join(APPEND_ONLY_TABLES)} FROM {role}")


def _guard(cursor: Any, table: str) -> None:
    rule = RULES.get(table, MINE)
    cursor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY')
    cursor.execute(f'DROP POLICY IF EXISTS tenant ON "{table}"')
    cursor.execute(f'CREATE POLICY tenant ON "{table}" USING ({rule}) WITH CHECK ({rule})')


def require_plain_role() -> None:
    """Refuse to start web or worker processes for whom row-level security does not hold."""
    with connection.cursor() as cursor:
        cursor.execute(IS_PRIVILEGED)
        (is_privileged,) = cursor.fetchone()
    connection.close()
    if is_privileged:
        raise ImproperlyConfigured("DATABASE_URL must name the application's role, not the owner's or a superuser's.")
