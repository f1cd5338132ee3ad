"""REST: schemathesis reads the OpenAPI schema and attacks the API with it; it finds nothing.

All its checks, among them that one tenant's token sees no object of another's (peers). A value that fits the schema
may still break a rule - a name is taken, a number too short - and is refused by 400 then. `make soak` goes on longer.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tenants.models import SystemParameter

from .architecture.endpoints import OBJECTS
from .architecture.made import made
from .web import running_web

SHORT = ["--max-examples", "8", "--seed", "20250123"]
LONG = ["--max-examples", "200", "--max-time", "1800"]
CASES = re.compile(r"Test cases:\s+([\d,]+) generated")
CONFIG = """
hooks = "hooks.py"

[auth.wfc]
path = "auth.json"
user = "alpha"
peers = ["alpha", "beta"]

[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", 400, 401, 403, 404, 409, 410, 413, 415]
"""

# A replayed answer may tell of what was deleted meanwhile, and would be taken for a resource that is missing.
HOOKS = """
from uuid import uuid4

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and 0 < len(key) < 200:
        case.headers["Idempotency-Key"] = f"{key}{uuid4()}"
"""


@pytest.fixture
def folder(transactional_db, client, tmp_path: Path) -> Path:
    """Two tenants that have something of everything, whose tokens schemathesis knows as peers."""
    SystemParameter.objects.create(key="api_requests_per_minute", value="1000000")
    tenants = {name: made(name) for name in ("alpha", "beta")}
    (tmp_path / "auth.json").write_text(json.dumps({"auth": [_user(name, one) for name, one in tenants.items()]}))
    (tmp_path / "openapi.json").write_bytes(client.get("/api/schema/").content)
    (tmp_path / "hooks.py").write_text(HOOKS)
    (tmp_path / "schemathesis.toml").write_text(CONFIG + _known(tenants.values()))
    return tmp_path


@pytest.fixture
def url(folder: Path) -> Iterator[str]:
    """The real web server, whose threads keep their connections."""
    with running_web(folder) as web:
        yield f"http://127.0.0.1:{web.port}"


def _known(tenants: Iterable[Any]) -> str:
    """Return the ids that schemathesis takes most of the time, of both tenants; it would find none by itself."""
    values = {name: json.dumps([find(one) for one in tenants], default=str) for name, find in OBJECTS.items()}
    dictionaries = "".join(f"{name} = {{ values = {text} }}\n" for name, text in values.items())
    parameters = "".join(f'{name} = {{ dictionary = "{name}", probability = 0.7 }}\n' for name in values)
    return f"[dictionaries]\n{dictionaries}[parameters]\n{parameters}"


def _user(name: str, tenant: Any) -> dict[str, Any]:
    return {"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {tenant.token}"}]}


def attack(url: str, folder: Path, *options: str) -> str:
    """Return what schemathesis says at its end; a finding fails the test with it."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--no-color", "--config-file", "schemathesis.toml", "run"),
            *("openapi.json", "--url", url, "--checks", "all", "--workers", "1", "--continue-on-failure"),
            *("--exclude-path-regex", "/system/", "--request-timeout", "60", *options),
        ],
        cwd=folder, capture_output=True, text=True, timeout=3_000,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    return done.stdout


def cases_in(said: str) -> int:
    return int(CASES.search(said)[1].replace(",", ""))


def test_it_finds_nothing(url, folder):
    count = cases_in(attack(url, folder, *SHORT))

    print(f"schemathesis: {count:,} cases")
    assert count >= 3_000


@pytest.mark.soak
def test_it_finds_nothing_for_long(url, folder):
    count = cases_in(attack(url, folder, *LONG))

    print(f"schemathesis: {count:,} cases")
    assert count >= 10_000
