"""Up to 1,000 rows in the body of a request become an import with a result of its own, like a file."""

import json
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError

from marketing.models import MarketingTask
from marketing.rules import Rules
from marketing.variables import ADDRESS, check_known
from tenants.models import User

from .layout import Layout, recipient_headers
from .models import ImportBatch
from .readers.reading import Reading, Row
from .submission import Source, take_in

MAX_ROWS = 1_000
NAME = "rows.json"


def submit_rows(task: MarketingTask, rows: Sequence[Mapping[str, Any]], *, operator: User) -> ImportBatch:
    """Return the new import of `rows`, {address, variables}; the first is row 1.

    A variable that the task's template lacks refuses all of them: unlike a column of a file, it was named on purpose.
    """
    rules = Rules.of(task)
    _require_known(rules, rows)
    copy = BytesIO(json.dumps(rows, ensure_ascii=False).encode())
    return take_in(task, copy, operator=operator, inspect=lambda into: _source_of(rules, rows, into))


def _require_known(rules: Rules, rows: Sequence[Mapping[str, Any]]) -> None:
    faults: dict[str, Any] = {}
    for index, row in enumerate(rows):
        try:
            check_known(rules.variables, row.get("variables", {}))
        except ValidationError as refused:
            faults |= {f"rows.{index}.variables.{name}": fault for name, fault in refused.error_dict.items()}
    if faults:
        raise ValidationError(faults)


def _source_of(rules: Rules, rows: Sequence[Mapping[str, Any]], into: Path) -> Source:
    names = [variable.name for variable in rules.variables]
    lines = [
        Row(number, [row[ADDRESS], *(row.get("variables", {}).get(name, "") for name in names)], {})
        for number, row in enumerate(rows, start=1)
    ]
    chunks = [lines[start : start + settings.CHUNK_ROWS] for start in range(0, len(lines), settings.CHUNK_ROWS)]
    for number, chunk in enumerate(chunks):
        text = "\n".join(json.dumps([row.number, row.cells]) for row in chunk)
        (into / f"{number:05}.jsonl").write_text(text, encoding="utf-8")
    header = [recipient_headers(rules.medium)[0], *names]
    layout = Layout(0, {name: column for column, name in enumerate(names, start=1)}, header, has_header=False)
    reading = Reading(len(rows), len(chunks), len(header), lines[:6], [])
    return Source(NAME, reading, rules, layout, len(rows), [])
