"""Settings: a missing or odd value stops the start and says which, without telling secrets; limits fit each other."""

import json
import os
import re
import string
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import call_command

from .sources import CHECKOUT

SECRET = "s3cret-of-nobody-else"
WHOLE = {
    "SECRET_KEY": string.ascii_letters,
    "DATABASE_URL": f"postgresql://aicc_app:{SECRET}@127.0.0.1/aicc",
    "BROKER_URL": f"redis://:{SECRET}@127.0.0.1/0",
}
SHOWN = """
import json
from aicc_console import settings
print(json.dumps({name: getattr(settings, name) for name in dir(settings) if "COOKIE" in name or "SECURE" in name}))
"""


def run(*command: str, **given: str | None) -> subprocess.CompletedProcess[str]:
    """Run Python with a whole environment but for what is `given`; None takes a variable out."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment |= {name: value for name, value in (WHOLE | given).items() if value is not None}
    return subprocess.run(
        [sys.executable, *command], cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False
    )


FOR_TESTS = {"TEST_DATABASE", "STATICFILES_BACKEND"}


def test_every_variable_is_documented():
    source = (CHECKOUT / "aicc_console/settings.py").read_text(encoding="utf-8")
    read = re.findall(r'(?:env\.\w+|whole_number|ports)\("([A-Z_]+)"(?:, (\d[\d_]*))?', source)
    document = (CHECKOUT / "docs/operations.md").read_text(encoding="utf-8")
    table = document.partition("## Settings")[2].partition("\n## ")[0]
    documented = {}
    for line in table.splitlines():
        if line.startswith("| `"):
            names, default = line.split("|")[1:3]
            documented |= dict(zip(re.findall("`(.+?)`", names), default.split(", "), strict=False))

    assert {name for name, _default in read} - FOR_TESTS <= documented.keys()
    for name, default in read:
        assert not default or documented[name].strip() == default.replace("_", ""), name


def test_three_values_are_enough():
    done = run("-c", "import aicc_console.settings")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("SECRET_KEY", None, "Set the SECRET_KEY environment variable"),
        ("SECRET_KEY", SECRET, "SECRET_KEY has fewer than 50 characters."),
        ("DATABASE_URL", None, "Set the DATABASE_URL environment variable"),
        ("DATABASE_URL", "sqlite:///db.sqlite3", "DATABASE_URL must be a postgresql:// address."),
        ("DATABASE_URL", f"mysql://aicc:{SECRET}@127.0.0.1/aicc", "DATABASE_URL must be a postgresql:// address."),
        ("DATABASE_URL", f"odd://aicc:{SECRET}@127.0.0.1/aicc", "DATABASE_URL must be a postgresql:// address."),
        ("DATABASE_URL", SECRET, "DATABASE_URL must be a postgresql:// address."),
        ("BROKER_URL", None, "Set the BROKER_URL environment variable"),
        ("STORAGE_URL", f"ftp://aicc:{SECRET}@127.0.0.1/", "STORAGE_URL must begin with file:// or s3://."),
        ("STORAGE_URL", SECRET, "STORAGE_URL must begin with file:// or s3://."),
        ("PORT", "eighty", "PORT must be a whole number."),
        ("CHUNK_ROWS", "many", "CHUNK_ROWS must be a whole number."),
        ("LEASE_SECONDS", "1.5", "LEASE_SECONDS must be a whole number."),
        (
            "LOOPBACK_PORTS",
            "22;23",
            "LOOPBACK_PORTS must be ports, whole numbers from 1 to 65535, separated by commas.",
        ),
    ],
)
def test_a_missing_or_odd_value_stops_the_start(variable, value, sentence):
    done = run("-c", "import aicc_console.settings", **{variable: value})

    assert done.returncode == 1
    assert sentence in done.stderr.splitlines()[-1]
    assert SECRET not in done.stdout + done.stderr


@pytest.mark.parametrize("public_url", ["http://127.0.0.1:8000", "https://console.example"])
def test_nothing_is_left_to_say_before_deployment(public_url):
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", PUBLIC_URL=public_url)

    assert done.returncode == 0, done.stderr


def test_under_https_every_cookie_is_bound_to_host_and_browser():
    shown = json.loads(run("-c", SHOWN, PUBLIC_URL="https://console.example").stdout)

    assert {name: value for name, value in shown.items() if name.endswith("_COOKIE_SECURE")} == {
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "LANGUAGE_COOKIE_SECURE": True,
    }
    assert {shown["SESSION_COOKIE_NAME"], shown["CSRF_COOKIE_NAME"]} == {"__Host-session", "__Host-csrf"}
    assert shown["SECURE_HSTS_SECONDS"] >= 365 * 24 * 3600
    assert (shown["SECURE_HSTS_INCLUDE_SUBDOMAINS"], shown["SECURE_SSL_REDIRECT"]) == (True, True)


def test_no_message_is_delivered_again_while_its_job_runs():
    visibility_timeout = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]

    assert visibility_timeout >= 5 * settings.CELERY_TASK_TIME_LIMIT
    assert settings.CELERY_TASK_SOFT_TIME_LIMIT < settings.CELERY_TASK_TIME_LIMIT


def test_a_lease_is_shorter_than_what_a_hung_worker_may_take():
    assert settings.LEASE_SECONDS < settings.CELERY_TASK_SOFT_TIME_LIMIT
    assert settings.CELERY_BEAT_SCHEDULE["reap"]["schedule"] < settings.LEASE_SECONDS


def test_jobs_speak_json_only():
    assert (settings.CELERY_ACCEPT_CONTENT, settings.CELERY_TASK_SERIALIZER) == (["json"], "json")


def test_every_job_of_the_clock_exists():
    from aicc_console.celery import app

    app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)


@pytest.mark.django_db
def test_migrations_are_whole_and_done():
    call_command("check")
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    call_command("migrate", check_unapplied=True, verbosity=0)
