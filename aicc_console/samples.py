"""The demo's SFTP server on this machine: where it listens, who may sign in, and how it is started."""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path

from . import programs
from .processes import Program
from .run_folder import kept_secret
from .welcome import free_port, is_free

PORT_VARIABLE, PASSWORD_VARIABLE = "SAMPLE_SERVER_PORT", "SAMPLE_SERVER_PASSWORD"


class Samples:
    """Port and password are made once, and kept in `folder`: the demo's file server names them."""

    def __init__(self, folder: Path, logs: Path) -> None:
        self.folder, self.logs = folder, logs
        folder.mkdir(mode=0o700, exist_ok=True)
        made = json.dumps({PORT_VARIABLE: str(free_port()), PASSWORD_VARIABLE: secrets.token_urlsafe(16)})
        self.kept = json.loads(kept_secret(folder / "server.json", made))

    @property
    def is_possible(self) -> bool:
        """Whether the port is free, so that the server can start."""
        return is_free(int(self.port))

    @property
    def port(self) -> str:
        return self.kept[PORT_VARIABLE]

    def for_demo(self) -> Mapping[str, str]:
        """Return what the command `demo` is told, and nobody else."""
        return self.kept

    def program(self, environment: Mapping[str, str]) -> Program:
        """Return the server, to be kept running beside the others."""
        told = dict(environment) | dict(self.kept)
        return programs.sample_server(told, self.logs, folder=self.folder, port=int(self.port))
