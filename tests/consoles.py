"""A whole console of its own - servers, web, workers, clock under their supervisor - to use and to hurt."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

CHECKOUT = Path(__file__).resolve().parent.parent
START_SECONDS = 180
GIVEN = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "BROKER_URL",
    "CACHE_URL",
    "STORAGE_URL",
    "VAR_DIR",
    "PORT",
    "QUEUE_PREFIX",
)


class RunningConsole:
    """A console that answers, with the demo in it. `token` is the demo tenant's."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        self.process, self.folder = process, folder
        self.demo = json.loads((folder / "demo.json").read_text())
        self.url, self.token = self.demo["url"].rstrip("/"), self.demo["api_tokens"]["demo"]

    @property
    def state(self) -> dict[str, Any]:
        """What the supervisor wrote down: children by name with their pid, and the environment."""
        return json.loads((self.folder / "run.json").read_text())

    def kill(self, child: str) -> None:
        """Kill -9 the process of that name, with its own children."""
        with suppress(ProcessLookupError):  # it was dead already, and is about to be started again
            os.killpg(self.state["children"][child][0], signal.SIGKILL)

    def call(self, method: str, path: str, body: Any = None, *, file: Path | None = None) -> tuple[int, Any]:
        """Return (status, body) of a REST call; JSON in, JSON out; `file` is uploaded as multipart."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        content = None
        if file is not None:
            headers["Content-Type"], content = _multipart(file)
        elif body is not None:
            headers["Content-Type"], content = "application/json", json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", content, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, _read(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, _read(refused)

    def new_task(self, template: str) -> str:
        """Return the id of a new task that uses the template with this name."""
        templates = self.call("GET", "/api/v1/message-templates/")[1]["results"]
        chosen = next(one for one in templates if one["name"] == template)
        task = {
            "name": f"Task {uuid4()}",
            "medium": chosen["medium"],
            "task_type": "marketing",
            "template": chosen["id"],
        }
        status, made = self.call("POST", "/api/v1/marketing-tasks/", task)
        assert status == 201, made
        return made["id"]

    def start_import(self, task: str, file: Path) -> str:
        """Return the id of a new import of `file`."""
        status, made = self.call("POST", f"/api/v1/marketing-tasks/{task}/imports/", file=file)
        assert status == 202, made
        return made["id"]

    def wait_for(self, batch: str, *, seconds: float) -> dict[str, Any]:
        """Return the import once it has ended; the console may be away meanwhile."""
        until = time.monotonic() + seconds
        answer: Any = None
        while time.monotonic() < until:
            with suppress(OSError):  # away: killed, or its database was
                status, answer = self.call("GET", f"/api/v1/imports/{batch}/")
                if status == 200 and answer["status"] not in ("preparing", "executing"):
                    return answer
            time.sleep(0.1)
        raise AssertionError(f"not ended after {seconds} s: {answer}")


@contextmanager
def running(folder: Path, **environment: str) -> Iterator[RunningConsole]:
    """Start a console with the demo on a free port, its data below `folder`; stop it in the end."""
    given = {name: value for name, value in os.environ.items() if name not in GIVEN}
    var = folder / "var"
    own = {"VAR_DIR": str(var), "PORT": str(_free_port())}
    log = (folder / "console.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "aicc_console", "--demo"],
        env=given | own | environment, cwd=CHECKOUT, stdout=log, stderr=log,
    )  # fmt: skip
    try:
        _wait_until_up(process, folder)
        yield RunningConsole(process, var)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(90)
        log.close()


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that the servers' account may pass through, as pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="console-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_up(process: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while "Ctrl-C" not in (said := (folder / "console.log").read_text()):
        assert process.poll() is None, said
        assert time.monotonic() < until, said
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _multipart(file: Path) -> tuple[str, bytes]:
    boundary = uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n'
    return (
        f"multipart/form-data; boundary={boundary}",
        head.encode() + file.read_bytes() + f"\r\n--{boundary}--\r\n".encode(),
    )


def _read(answer: Any) -> Any:
    text = answer.read()
    return json.loads(text) if "json" in answer.headers.get("Content-Type", "") else text
