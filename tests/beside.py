"""Real processes of the console that work on the database of the tests: what they are started with, and waiting."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from django.db import connection

SECONDS = 60  # on a machine that is busy with all the other tests; 12 on one that is not


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return the environment: the tests' own database, storage below `folder`, and queues that nobody else has."""
    given = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}
    database = given["DATABASE_URL"].replace("@/aicc?", f"@/{connection.settings_dict['NAME']}?")
    return given | {"DATABASE_URL": database, "VAR_DIR": str(folder), "QUEUE_PREFIX": f"{uuid4()}-"} | more


def wait_for(happened: Callable[[], object], folder: Path) -> None:
    """Wait until something `happened`; what the processes wrote to their logs in `folder` tells why it did not."""
    until = time.monotonic() + SECONDS
    while not happened():
        assert time.monotonic() < until, "\n".join(log.read_text()[-3_000:] for log in folder.glob("*.log"))
        time.sleep(0.05)
