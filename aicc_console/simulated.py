"""The SmartCare that `make run` brings along for its demo: its port and secret, which are kept, and its program."""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path

from .processes import Program
from .programs import manage
from .run_folder import kept_secret
from .welcome import free_port, is_free

NAME = "smartcare"
PORT, SECRET = "SIMULATOR_PORT", "SIMULATOR_APP_SECRET"  # environment variables


class Simulated:
    """The simulator of one run folder. Its port stays the same, because the demo's integration names it."""

    def __init__(self, folder: Path, logs: Path) -> None:
        self.folder, self.logs = folder / "simulator", logs
        self.folder.mkdir(mode=0o700, exist_ok=True)
        made = json.dumps({PORT: str(free_port()), SECRET: secrets.token_urlsafe(24)})
        self.kept = json.loads(kept_secret(self.folder / "kept.json", made))

    @property
    def is_possible(self) -> bool:
        """Whether the port is free, so that the simulator can start."""
        return is_free(int(self.port))

    @property
    def port(self) -> str:
        return self.kept[PORT]

    def for_demo(self) -> Mapping[str, str]:
        """Return what the command `demo` is told, and nobody else: the secret is the tenants' to enter."""
        return self.kept

    def program(self, environment: Mapping[str, str]) -> Program:
        """Return the program that serves it."""
        command = manage("smartcare_simulator", "--port", self.port, "--folder", str(self.folder))
        return Program(NAME, command, dict(environment) | dict(self.kept), self.logs / f"{NAME}.log")
