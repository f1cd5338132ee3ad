"""Rows into a temporary table by COPY: the way around "COPY FROM not supported with row-level security"."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.backends.utils import CursorWrapper
from psycopg.types.json import Jsonb


def stage(cursor: CursorWrapper, table: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> int:
    """Fill the temporary `table` of {column: SQL type} with `rows`, for this transaction; return their number.

    ON COMMIT DROP, so that no old shape survives a deploy in a pooled connection; dict and list go in as JSON.
    """
    definition = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} ({definition}) ON COMMIT DROP; TRUNCATE {table}")
    brought = 0
    with cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row([Jsonb(value) if isinstance(value, dict | list) else value for value in row])
            brought += 1
    return brought
