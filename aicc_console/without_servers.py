"""The commands that need neither database nor broker, and so none of the settings that name them."""

import os
import secrets

COMMANDS = ("read_file", "try_number")
UNUSED = {"DATABASE_URL": "postgresql://nobody@/none", "BROKER_URL": "memory://"}


def provide_settings(command: str) -> None:
    """Put into the environment what the settings insist on, where `command` will use nothing of it."""
    if command in COMMANDS:
        for name, value in (UNUSED | {"SECRET_KEY": secrets.token_hex(32)}).items():
            os.environ.setdefault(name, value)
