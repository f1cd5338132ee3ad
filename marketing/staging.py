"""Rows into a temporary table by COPY: the way around "COPY FROM not supported with row-level security"."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.backends.utils import CursorWrapper

ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
NULL = "\\N"
as_json = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def lines_of(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return `rows` (numbers, text, and dict or list as JSON) as the lines of COPY.

    Written here because psycopg's write_row costs as much as all the rules of a row together.
    """
    return "".join(["\t".join([_field(value) for value in row]) + "\n" for row in rows]).encode()


def stage(cursor: CursorWrapper, table: str, columns: Mapping[str, str], lines: bytes) -> None:
    """Fill the temporary `table` of {column: SQL type} with `lines`.

    For this transaction: ON COMMIT DROP, so that no old shape survives a deploy in a pooled connection.
    """
    definition = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} ({definition}) ON COMMIT DROP; TRUNCATE {table}")
    with cursor.copy(f"COPY {table} FROM STDIN") as copy:
        copy.write(lines)


def _field(value: Any) -> str:
    if value is None:
        return NULL
    if isinstance(value, int):
        return str(value)
    text = value if isinstance(value, str) else as_json(value)
    return text.translate(ESCAPED) if "\\" in text or not text.isprintable() else text
