"""What a real process of the console is started with to work on the database of the tests."""

import os
from pathlib import Path
from uuid import uuid4

from django.db import connection


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return the environment: the tests' own database, storage below `folder`, and queues that nobody else has."""
    given = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}
    database = given["DATABASE_URL"].replace("@/aicc?", f"@/{connection.settings_dict['NAME']}?")
    return given | {"DATABASE_URL": database, "VAR_DIR": str(folder), "QUEUE_PREFIX": f"{uuid4()}-"} | more
