"""What the console says when it cannot start, and what it keeps in VAR_DIR."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from aicc_console import programs
from aicc_console.run_folder import RunFolder, kept_secret
from aicc_console.welcome import sign_in_lines

from .stack import running_stack


def start(var_dir: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {"VAR_DIR": str(var_dir), "DATABASE_URL": "postgresql://app@/none?host=/none", "BROKER_URL": "memory://"}
    return subprocess.run(
        [sys.executable, "-m", "aicc_console"],
        env=os.environ | given | environment, cwd=programs.CHECKOUT, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def taken_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_a_taken_port_is_named(tmp_path, taken_port):
    refused = start(tmp_path, PORT=str(taken_port))

    assert refused.returncode == 1
    assert f"Port {taken_port} cannot be used (Address already in use). Give another one: make run" in refused.stderr


@pytest.mark.parametrize("port", ["70000", "-1", "0", "eighty", "80 80", "８０８０"])
def test_what_is_no_port_is_refused(tmp_path, port):
    refused = start(tmp_path, PORT=port)

    assert (refused.returncode, refused.stderr) == (
        1,
        f"PORT is {port!r}; a whole number from 1 to 65535 is needed, as in make run PORT=8080.\n",
    )


@pytest.mark.parametrize("path", ["a file", "a file/var", "/proc/var"])
def test_a_folder_that_cannot_be_used_is_refused(tmp_path, path):
    (tmp_path / "a file").touch()

    refused = start(tmp_path / path)

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"VAR_DIR is {tmp_path / path}, which cannot be used (")
    assert refused.stderr.endswith("). Give a folder of your own: make run VAR_DIR=...\n")


def test_a_folder_of_somebody_else_is_refused(tmp_path, monkeypatch):
    RunFolder(tmp_path)
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may everything

    with pytest.raises(SystemExit, match="which cannot be used \\(Permission denied\\)"):
        RunFolder(tmp_path)


def test_a_second_console_on_one_folder_is_refused_with_the_address_of_the_first(tmp_path):
    folder = RunFolder(tmp_path)

    with folder.claimed():
        folder.record({"url": "http://127.0.0.1:8000/", "pid": 7})
        refused = start(tmp_path)

    assert refused.returncode == 1
    assert "A console already runs on" in refused.stderr
    assert "http://127.0.0.1:8000/ (process 7)" in refused.stderr


def test_a_folder_is_free_again_after_its_console(tmp_path):
    folder = RunFolder(tmp_path)

    with folder.claimed():
        folder.record({"url": "u", "pid": 7})

    with folder.claimed():
        assert folder.recorded() == {}


def test_what_a_killed_console_left_is_ended_before_the_next(tmp_path):
    folder = RunFolder(tmp_path)
    left = subprocess.Popen(["sleep", "60"], start_new_session=True)
    sockets = tmp_path / "sockets"
    sockets.mkdir()
    folder.record({"children": {"web": [left.pid, psutil.Process(left.pid).create_time()]}, "sockets": str(sockets)})

    with folder.claimed():
        assert left.wait(5) == -15
        assert not sockets.exists()


def test_another_process_with_the_number_of_a_dead_one_is_let_be(tmp_path):
    folder = RunFolder(tmp_path)
    other = subprocess.Popen(["sleep", "60"], start_new_session=True)
    folder.record({"children": {"web": [other.pid, 1.0]}, "sockets": ""})

    with folder.claimed():
        assert other.poll() is None

    other.kill()
    other.wait()


def test_secrets_are_made_once_and_closed_to_others(tmp_path):
    folder = RunFolder(tmp_path / "var")
    key = folder.secret_key()
    folder.record({"environment": {"DATABASE_URL": "with a password"}})

    assert RunFolder(tmp_path / "var").secret_key() == key
    assert len(key) >= 50
    assert [(folder.path / name).stat().st_mode & 0o777 for name in ("secret_key", "run.json")] == [0o600, 0o600]
    assert folder.logs.stat().st_mode & 0o777 == 0o700


def test_a_kept_secret_is_not_overwritten(tmp_path):
    assert kept_secret(tmp_path / "secret", "first") == "first"
    assert kept_secret(tmp_path / "secret", "second") == "first"


def test_the_demo_tells_who_may_sign_in_and_call(tmp_path):
    demo = tmp_path / "demo.json"
    anna = {"username": "anna", "password": "secret"}
    demo.write_text(json.dumps({"users": {"tenant_administrator": anna}, "api_tokens": {"demo": "aicc_1"}}))

    assert sign_in_lines(demo).splitlines() == [
        "Sign in as",
        "  tenant administrator: anna / secret",
        "API tokens",
        "  demo: aicc_1",
        f"All of it is in {demo}.",
    ]


@pytest.mark.parametrize("demo", [None, Path("/none")])
def test_without_a_demo_it_says_where_people_come_from(demo):
    assert "docs/operations.md tells how to make the first one" in sign_in_lines(demo)


@pytest.fixture(scope="module")
def prepare():
    """Run `manage.py prepare` on an empty database; return what it said and its exit code."""
    with running_stack() as stack:

        def prepare(**given: str) -> tuple[int, str]:
            environment = stack.environment() | {"DATABASE_OWNER_URL": ""} | given
            command = programs.manage("prepare")
            ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            return ended.returncode, ended.stderr

        prepare.owner_url = stack.servers.owner_addresses()["DATABASE_OWNER_URL"]
        yield prepare


def test_a_database_without_its_owners_address_is_looked_at_but_not_migrated(prepare):
    code, said = prepare()

    assert code == 1
    assert "only the owner of its tables may apply them. Give DATABASE_OWNER_URL as well" in said


def test_a_database_that_does_not_answer_is_said_in_one_sentence(prepare):
    code, said = prepare(DATABASE_URL="postgresql://app@127.0.0.1:1/aicc")

    assert code == 1
    assert said.startswith("CommandError: The database that DATABASE_URL names does not answer: ")


def test_the_owner_may_not_serve(prepare):
    assert prepare(DATABASE_OWNER_URL=prepare.owner_url) == (0, "")

    code, said = prepare(DATABASE_URL=prepare.owner_url)

    assert code == 1
    assert said.startswith("CommandError: DATABASE_URL must name the application's role")
