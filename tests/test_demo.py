"""The demo: made once, done over when it was killed, its secrets in one private file."""

import json
import stat

import pytest
from django.contrib.auth import authenticate

from aicc_console import demo
from importer.models import ImportBatch
from marketing.models import MarketingTask
from tenants.models import Tenant
from tenants.scoping import act_for


@pytest.fixture(autouse=True)
def folder(settings, tmp_path, db):
    settings.VAR_DIR = tmp_path


def test_it_has_tenants_people_tokens_and_an_import_with_faults():
    secrets = demo.make("http://127.0.0.1:8000")

    assert json.loads(demo.file_of_secrets().read_text()) == secrets
    assert stat.S_IMODE(demo.file_of_secrets().stat().st_mode) == 0o600
    assert {role for role, user in secrets["users"].items() if authenticate(**user)} == {
        "system_administrator",
        "tenant_administrator",
        "tenant_viewer",
        "other_tenant_administrator",
    }
    with act_for(Tenant.objects.get(name="Demo Telecom")):
        batch = ImportBatch.objects.get()
        assert (batch.state, batch.total, batch.unprocessed) == ("complete", 10_000, 0)
        assert len(set(batch.rejected_rows.values_list("code", flat=True))) >= 12
        assert set(MarketingTask.objects.values_list("state", flat=True)) == {
            "draft",
            "running",
            "suspended",
            "completed",
        }


def test_made_again_it_gives_new_passwords_and_keeps_the_data():
    first = demo.make("http://127.0.0.1:8000")
    second = demo.make("http://127.0.0.1:8000")

    assert demo.exists()
    assert authenticate(**first["users"]["tenant_administrator"]) is None
    assert authenticate(**second["users"]["tenant_administrator"])
    with act_for(Tenant.objects.get(name="Demo Telecom")):
        assert ImportBatch.objects.count() == 1


def test_what_was_killed_half_way_is_done_over():
    demo.make("http://127.0.0.1:8000")
    tenant = Tenant.objects.get(name="Demo Telecom")
    with act_for(tenant):
        MarketingTask.objects.filter(state="completed").delete()

    demo.make("http://127.0.0.1:8000")

    with act_for(tenant):
        assert MarketingTask.objects.count() == 6
