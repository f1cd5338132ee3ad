"""A tenant with one of everything, and a look at all it owns."""

from typing import Any

from django.db import connection
from django.utils import timezone

from importer.models import RejectedRow
from importer.schedule_models import TakenContent
from importer.smartcare.models import Certificate, Integration
from tenants.models import TrustedAddress
from tenants.scoping import act_for
from tenants.webhooks.events import delivery_of
from tenants.webhooks.models import Webhook
from tests import care, make

CANARY = b"canary"
TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE a.attname = 'tenant_id' AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
      AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'tenants_logentry' ORDER BY 1"""


def made(name: str) -> Any:
    """A tenant whose every text holds `name`; `.task`, `.recipient`, `.batch`, `.rule`, `.schedule` ... are its own."""
    tenant = make.tenant(name)
    with act_for(tenant):
        greeting = make.template(f"{name}: dear ${{name}}", name=f"{name} greeting")
        tenant.task = make.task(name=f"{name} spring", description=name, template=greeting, recipient_count=1)
        tenant.recipient = tenant.task.recipients.create(address=f"+86{name}", variables={"name": name})
        tenant.opt_out = tenant.opt_outs.create(medium="sms", address=f"+85{name}", remark=name)
        tenant.batch = make.batch(tenant.task, [["138", name], ["139", name]], source_name=f"{name}.csv")
        tenant.rule = make.mapping_rule(f"{name} export", description=name)
        tenant.file_server = make.file_server(f"{name} server", username=name)
        _make_schedule(tenant, name)
        row = {"code": "number_length", "params": {"n": 3, "low": 5, "high": 20}, "cells": ["138", name]}
        RejectedRow.objects.create(batch=tenant.batch, row=2, outcome="failed", **row)
        _make_care(tenant, name)
        _make_webhook(tenant, name)
    tenant.trusted = TrustedAddress.objects.create(address_type="file_server", host=f"{name}.example", port=22)
    return tenant


def _make_schedule(tenant: Any, name: str) -> None:
    """A scheduled import that has taken a content."""
    tenant.schedule = make.schedule(task=tenant.task, file_server=tenant.file_server, path=f"{name}/*.csv")
    TakenContent.objects.create(schedule=tenant.schedule, sha256="0" * 64, batch=tenant.batch)


def _make_webhook(tenant: Any, name: str) -> None:
    """A webhook with a delivery that is due; its address is on no trustlist."""
    fields = {"url": f"https://{name}.example/", "events": ["import.finished"], "secret": "secret"}
    tenant.webhook = Webhook.objects.create(name=f"{name} webhook", **fields)
    tenant.delivery = delivery_of(tenant.webhook, "import.finished", {"source": name})
    tenant.delivery.save()


def _make_care(tenant: Any, name: str) -> None:
    """A Care task with a day, a recipient of it and a customer that failed; a certificate and an integration."""
    apology = make.template(f"{name}: sorry", name=f"{name} apology")
    tenant.care_task = care.task(name=f"{name} care", template=apology)
    tenant.care_day = care.day(tenant.care_task, created=1, failed=1, cause=name)
    now = timezone.now()
    tenant.certificate = Certificate.objects.create(name=f"{name} CA", pem="PEM", subject=name, expires_at=now)
    Integration.objects.create(address=f"https://{name}.example", app_id=f"{name}-id", app_secret="secret")


def digests(tenant: Any) -> dict[str, str]:
    """Return {table: digest of the rows that `tenant` owns}; the log aside, which grows by what is refused."""
    with act_for(tenant), connection.cursor() as cursor:
        cursor.execute(TABLES)
        return {table: _digest(cursor, table) for (table,) in cursor.fetchall()}


def _digest(cursor: Any, table: str) -> str:
    row = "(to_jsonb(owned) - 'last_used_at')::text"  # of a token: every call with it may move that
    cursor.execute(f"SELECT md5(coalesce(string_agg({row}, '|' ORDER BY {row}), '')) FROM \"{table}\" owned")
    return cursor.fetchone()[0]


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content
