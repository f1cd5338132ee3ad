"""What a child wrote to its log: the lines worth showing at the terminal, and a bound on the log's size."""

import json
import os
import shutil
from pathlib import Path

LOG_BYTES = 10_000_000  # of one log; as much again for the part before
READ_BYTES = 1_000_000  # at a time
NOT_EVENTS = ("django.", "celery.redirected")  # refused pages; printed text, such as a traceback line by line
LINES = 3  # shown at a time of one child's; the log has them all
LINE_LENGTH = 300
ALARMS = ("FATAL", "PANIC", "CRITICAL", "[ERROR]", "Traceback")  # in lines that are not JSON
PASSING = "the database system is"  # starting up, in recovery, shutting down: whoever asks then asks again


class LogTail:
    """A log that a child has open for appending."""

    def __init__(self, path: Path) -> None:
        self.path, self.offset = path, path.stat().st_size if path.exists() else 0

    def warnings(self) -> list[str]:
        """Return what to show of the lines written since the last call, at most LINES of them."""
        with self.path.open("rb") as log:
            log.seek(self.offset)
            text = log.read(READ_BYTES)
        end = text.rfind(b"\n") + 1
        if not end and len(text) == READ_BYTES:
            end = READ_BYTES
        self.offset += end
        shown = [_worth_showing(line) for line in text[:end].decode(errors="replace").splitlines()]
        return [line[:LINE_LENGTH] for line in shown if line][:LINES]

    def bound(self) -> None:
        """Begin an empty log when this one is long, and keep it as `.old` until the next time."""
        if self.offset > LOG_BYTES:
            shutil.copyfile(self.path, self.path.with_suffix(".log.old"))
            os.truncate(self.path, 0)
            self.offset = 0


def _worth_showing(line: str) -> str:
    """Return the warning or error in `line`, or nothing."""
    if not line.startswith("{"):
        return line if any(alarm in line for alarm in ALARMS) and PASSING not in line else ""
    try:
        event = json.loads(line)
    except ValueError:
        return ""
    level, logger = event.get("level"), str(event.get("logger"))
    if level in ("error", "critical") or (level == "warning" and not logger.startswith(NOT_EVENTS)):
        return f"{level}: {event.get('event')}"
    return ""
