"""No secret, token or number of SmartCare stands in clear in logs, broker messages, error pages or the database."""

import json
import logging

import pytest
from django.db import connection

from aicc_console.logs import formatter
from importer.smartcare import collecting, jobs, run
from importer.smartcare.models import Certificate
from importer.smartcare.simulator.authority import Authority
from importer.smartcare.simulator.customers import Customers
from importer.smartcare.simulator.server import Simulator
from tenants.scoping import act_for

from . import care
from .pages import Person

SECRET = "an-app-secret-of-smartcare"
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"


@pytest.fixture
def spoken(caplog):
    """What was logged, as the console's own formatter writes it: tracebacks without their variables."""
    caplog.set_level(logging.DEBUG)
    written = formatter()
    return lambda: "\n".join(written.format(record) for record in caplog.records)


def everything_stored(tenant) -> str:
    with act_for(tenant), connection.cursor() as cursor:
        cursor.execute(TABLES)
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f'SELECT row::text FROM "{table}" row')
            found += [text for (text,) in cursor.fetchall()]
    return "\n".join(found)


@pytest.mark.parametrize("fault", ["", "500", "bad_json"])
def test_nothing_leaks(tenant, settings, monkeypatch, spoken, fault):
    monkeypatch.setattr(collecting, "FIRST_DELAY", 0)
    sent = []
    monkeypatch.setattr(jobs.collect, "apply_async", lambda *message, **options: sent.append((message, options)))
    client = Authority().issue(name="console", is_client=True)
    with Simulator(Customers(voice=20, regulars=0), app_secret=SECRET) as simulator:
        simulator.script([], always=fault)
        tenant.smartcare = True
        tenant.save(update_fields=["smartcare"])
        care.trust(simulator, settings)
        care.integrate(tenant, simulator)
        with act_for(tenant):
            Certificate.objects.create(
                name="Me", kind="client", pem=client.certificate, private_key=client.key, expires_at=care.NOON
            )
            task = care.task("voice")
            run.run_now(tenant)
        jobs._send(str(tenant.pk))
        jobs.collect(tenant_id=str(tenant.pk))
        tokens = list(simulator.tokens)
    page = Person(tenant.administrator).get("smartcare:care-task", task.pk).content.decode()
    stored = everything_stored(tenant)

    key_line = client.key.splitlines()[1]
    for place, text in {
        "logs": spoken(),
        "broker": json.dumps(sent, default=str),
        "page": page,
        "database": stored,
    }.items():
        for secret in (SECRET, key_line, *tokens):
            assert secret not in text, f"{secret[:8]}... in {place}"
    assert tokens
    for text in (spoken(), json.dumps(sent, default=str)):
        assert "13800000007" not in text


def test_an_error_page_and_its_log_tell_nothing_of_the_secret(tenant, settings, monkeypatch, spoken):
    tenant.smartcare = True
    tenant.save(update_fields=["smartcare"])

    def broken(*_arguments, **_options):
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr("importer.smartcare.integration._check", broken)
    person = Person(tenant.administrator)
    person.client.raise_request_exception = False

    answer = person.post("smartcare:integration", address="https://a.example", app_id="console", app_secret=SECRET)

    assert answer.status_code == 500
    assert SECRET not in answer.content.decode()
    assert SECRET not in spoken()
