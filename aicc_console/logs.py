"""Log lines as JSON, without local variables and without rows: those would carry addresses and secrets."""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

SHARED: list[Any] = [
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
QUOTED_ROWS = re.compile(r"\n(?:DETAIL|CONTEXT|LINE \d+):.*?(?=\n\n|\Z)", re.DOTALL)  # as Postgres writes errors


def formatter() -> logging.Formatter:
    """Return the formatter of every handler: one JSON object a line."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*SHARED, structlog.stdlib.ExtraAdder()],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            without_rows,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


def without_rows(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take away what the database says of the row at fault, which it quotes: from message and exceptions."""
    line["event"] = QUOTED_ROWS.sub("", str(line["event"]))  # Celery writes the whole traceback there
    for one in line.get("exception", ()):
        one["exc_value"] = QUOTED_ROWS.sub("", one["exc_value"])
    return line
