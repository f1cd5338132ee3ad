"""REST against a real console: the examples of docs/api.md as they stand, a connection that is killed, and a client
that openapi-python-client makes of the schema."""

import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from . import consoles
from .consoles import CHECKOUT, RunningConsole

DOCUMENT = (CHECKOUT / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```(sh|python)\n(.*?)^```", DOCUMENT.partition("## Five jobs")[2], re.M | re.S)
PROGRAMS = {"sh": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"]}
SAID = {  # what the examples print, in their order
    1: ['"status":"complete"', "complete {'total': 2, 'created': 1, 'failed': 1,"],
    2: ['"code":"number_length"', "number_length 号码的国内部分"],
    3: ['"source":"rows.json"', "202 http"],
    4: ['"outcome":"created"', "created +8613912345682 None"],
    5: ['"state":"running"', "409 action_state"],
}
GENERATOR = 'post_hooks: []\ncontent_type_overrides: {"text/csv": application/octet-stream}\n'
USE = """
import sys
from io import BytesIO
from console_client import AuthenticatedClient
from console_client.api.imports import imports_create, imports_retrieve
from console_client.models import UploadRequest
from console_client.types import File

url, token, task = sys.argv[1:]
client = AuthenticatedClient(url, token)
rows = BytesIO(b"Recipient number,name,plan,last_day,gift\\n13700000001,Ann,Fun 59,,20\\n12,Bo,Fun 59,,20\\n")
made = imports_create.sync(task, client=client, body=UploadRequest(file=File(rows, "made.csv", "text/csv")),
                           idempotency_key="generated")
while not made.ended_at:
    made = imports_retrieve.sync(made.id, client=client)
print(made.status, made.counts.created, made.counts.failed)
"""


HEADER = b"Recipient number,name,plan,last_day,gift\n"
FORM = b'--x\r\nContent-Disposition: form-data; name="file"; filename="killed.csv"\r\n\r\n%s\r\n--x--\r\n'


@pytest.fixture(scope="module")
def console(tmp_path_factory) -> Iterator[RunningConsole]:
    with consoles.running(tmp_path_factory.mktemp("console")) as running:
        yield running


@pytest.fixture(scope="module")
def task(console) -> str:
    return console.new_task("5G upgrade offer")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("caller")


@pytest.mark.parametrize(("number", "language"), [(n, language) for n in SAID for language in ("sh", "python")])
def test_an_example_of_the_document_runs_as_it_stands(console, task, folder, number, language):
    """In their order: the second reads what the first imported."""
    index = 2 * (number - 1) + (language == "python")
    assert EXAMPLES[index][0] == language
    given = os.environ | {"CONSOLE": f"{console.url}/api/v1", "TOKEN": console.token, "TASK": task}

    done = subprocess.run(
        [*PROGRAMS[language], EXAMPLES[index][1]], cwd=folder, env=given, capture_output=True, text=True, timeout=120
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert SAID[number][language == "python"] in done.stdout
    assert len(EXAMPLES) == 2 * len(SAID)


@pytest.mark.parametrize("share", [1, 0.5], ids=["after all was sent", "in the middle"])
@pytest.mark.parametrize("form", ["the body is the file", "a form"])
def test_an_import_whose_connection_was_killed_is_one_import_when_it_is_sent_again(console, form, share):
    task, key = console.new_task("5G upgrade offer"), uuid4()
    content = HEADER + b"".join(b"1360000%04d,A,B,,1\n" % number for number in range(5_000))
    content_type = "text/csv"
    if form == "a form":
        content_type = "multipart/form-data; boundary=x"
        content = FORM % content
    path = f"/api/v1/marketing-tasks/{task}/imports/"
    headers = {"Authorization": f"Bearer {console.token}", "Idempotency-Key": str(key), "Content-Type": content_type}
    lines = [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join([f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(content)}", *lines, "\r\n"])
    address = urlsplit(console.url)
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(head.encode() + content[: int(len(content) * share)])

    request = urllib.request.Request(console.url + path, content, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.status == 202
        batch = answer.headers["Location"].rstrip("/").rpartition("/")[2]

    assert console.wait_for(batch, seconds=60)["counts"]["total"] == 5_000
    imports = console.call("GET", f"/api/v1/imports/?task={task}")[1]["results"]
    assert [one["id"] for one in imports] == [batch]


def test_a_client_that_is_generated_from_the_schema_imports_a_file(console, tmp_path):
    (tmp_path / "generator.yml").write_text(GENERATOR)
    with urllib.request.urlopen(f"{console.url}/api/schema/", timeout=60) as answer:
        (tmp_path / "openapi.json").write_bytes(answer.read())
    generator = Path(sys.executable).with_name("openapi-python-client")
    subprocess.run(
        [generator, "generate", "--path", "openapi.json", "--output-path", "console_client",
         "--meta", "none", "--config", "generator.yml"],
        cwd=tmp_path, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    task = console.new_task("5G upgrade offer")

    done = subprocess.run(
        [sys.executable, "-c", USE, console.url, console.token, task],
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )  # fmt: skip

    assert done.stdout.split() == ["complete", "1", "1"], done.stderr
