"""A real S3 server (SeaweedFS) on loopback, for as long as a test needs it."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.config import Config

BUCKET = "outbound"
PORTS = ("master", "volume", "filer", "s3")
GRPC = 10_000  # what each server adds to its port for its own talk


@dataclass(frozen=True)
class S3Server:
    """`client`: boto3's, with the keys that the server knows."""

    port: int
    access_key: str
    secret_key: str

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def put(self, key: str, body: bytes) -> None:
        keys = {"aws_access_key_id": self.access_key, "aws_secret_access_key": self.secret_key}
        config = Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required")
        client = boto3.client("s3", endpoint_url=self.endpoint, region_name="us-east-1", config=config, **keys)
        client.put_object(Bucket=BUCKET, Key=key, Body=body)


@contextmanager
def serving() -> Iterator[S3Server]:
    with tempfile.TemporaryDirectory(prefix="weed-") as folder:
        ports = _free_ports()
        server = S3Server(ports["s3"], secrets.token_hex(8), secrets.token_hex(16))
        keys = {"AWS_ACCESS_KEY_ID": server.access_key, "AWS_SECRET_ACCESS_KEY": server.secret_key}
        options = [f"-{name}.port={port}" for name, port in ports.items()]
        options += ["-webdav=false", "-admin.ui=false", f"-bucket={BUCKET}", f"-dir={folder}"]
        options += [f"-filer.localSocket={folder}/filer.sock", f"-s3.localSocket={folder}/s3.sock"]
        command = [str(Path(sys.executable).with_name("weed")), "mini", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", *options]
        with Path(folder, "log").open("wb") as log:
            process = subprocess.Popen(command, env=os.environ | keys, cwd=folder, stdout=log, stderr=log)
        try:
            _wait_for(server, process, Path(folder, "log"))
            yield server
        finally:
            process.send_signal(signal.SIGINT)  # it does not listen to SIGTERM
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(server: S3Server, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            server.put("ready", b"yes")
        except Exception:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(log.read_text(errors="replace")[-2_000:])


def _free_ports() -> dict[str, int]:
    """Return a free port for each of its servers, of which the one for its own talk is free too."""
    with ExitStack() as held:
        return {name: _free_pair(held) for name in PORTS}


def _free_pair(held: ExitStack) -> int:
    while True:
        first = held.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = first.getsockname()[1]
        try:
            held.enter_context(socket.create_server(("127.0.0.1", port + GRPC)))
        except (OSError, OverflowError):
            continue
        return port
