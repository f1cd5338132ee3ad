"""Imports from an SFTP server (OpenSSH on loopback), and what another tenant notices of them."""

import math
import os
import shutil
import statistics
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tenants.outbound.keys import fingerprint_of
from tests import openssh_server
from tests.consoles import CHECKOUT, RunningConsole
from tests.openssh_server import OpenSshServer

from .measures import Measure, family_of, largest_of, template_for_files, timed

SECONDS = 900  # until an import is given up
TRIES = 20
SHARE = 0.95  # of the tries, within the time that is told
TRUST = (
    "from tenants.models import TrustedAddress; "
    "TrustedAddress.objects.create(address_type='file_server', host='127.0.0.1', port={port})"
)


@contextmanager
def serving(console: RunningConsole, port: int, files: list[Path]) -> Iterator[str]:
    """Serve `files` on `port`, one of the console's LOOPBACK_PORTS; yield the file server's id at the console."""
    with openssh_server.serving(port) as server:
        for file in files:
            shutil.copyfile(file, server.root / file.name)
        command = [sys.executable, "-m", "aicc_console", "manage", "shell", "-c", TRUST.format(port=port)]
        environment = os.environ | {"VAR_DIR": str(console.folder), "LOOPBACK_PORTS": str(port)}
        subprocess.run(command, env=environment, cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL)
        yield _set_up(console, server)


def by_server(console: RunningConsole, server: str, file: str, rows: int) -> Measure:
    """From the request to Complete: fetched, read, and brought in by the Celery workers."""
    with timed() as took, largest_of(lambda: family_of(console.process.pid, set())) as largest:
        _import(console, server, file, rows)
    return Measure(f"{rows:,} rows {Path(file).suffix}: from an SFTP server, by workers", took[0], rows, largest[0])


def beside(console: RunningConsole, server: str, file: str, small: Path, *, rows: int, small_rows: int) -> Measure:
    """What an upload of `small` takes another tenant while `file` is imported, again and again."""
    other = RunningConsole(console.process, console.folder)
    other.token = next(token for name, token in console.demo["api_tokens"].items() if name != "demo")
    with _importing(console, server, file, rows):
        seconds = sorted(_upload(other, small) for _try in range(TRIES))
    within = seconds[math.ceil(SHARE * TRIES) - 1]
    name = f"{small_rows} rows by another tenant meanwhile: median of {TRIES}, {SHARE:.0%} within {within:.2f}"
    return Measure(name, statistics.median(seconds), small_rows)


@contextmanager
def _importing(console: RunningConsole, server: str, file: str, rows: int) -> Iterator[None]:
    """Keep an import of `file` going; the last one is waited for."""
    is_over = threading.Event()

    def keep_on() -> None:
        while not is_over.is_set():
            _import(console, server, file, rows)

    importing = threading.Thread(target=keep_on)
    importing.start()
    try:
        yield
    finally:
        is_over.set()
        importing.join()


def _import(console: RunningConsole, server: str, file: str, rows: int) -> None:
    task = console.new_task(template_for_files(console))
    body = {"file_server": server, "file_name": file}
    status, made = console.call("POST", f"/api/v1/marketing-tasks/{task}/imports/", body)
    assert status == 202, made
    done = console.wait_for(made["id"], seconds=SECONDS)
    assert (done["status"], done["counts"]["total"]) == ("complete", rows), done


def _upload(console: RunningConsole, file: Path) -> float:
    task = console.new_task(template_for_files(console))
    with timed() as took:
        done = console.wait_for(console.start_import(task, file), seconds=SECONDS)
    assert done["status"] == "complete", done
    return took[0]


def _set_up(console: RunningConsole, server: OpenSshServer) -> str:
    """Add `server` to the demo tenant's file servers and accept its key, as an administrator does; return its id."""
    address = {"host": "127.0.0.1", "port": server.port, "default_path": str(server.root)}
    account = {"username": server.user, "private_key": server.private_key}
    body = {"name": "Measured", "type": "sftp"} | address | account
    status, made = console.call("POST", "/api/v1/file-servers/", body)
    assert status == 201, made
    accepted = {"fingerprint": fingerprint_of(server.host_key)}
    status, answer = console.call("POST", f"/api/v1/file-servers/{made['id']}/host-key/", accepted)
    assert status == 200, answer
    return made["id"]
