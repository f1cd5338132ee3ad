"""Many callers at once: each reads how an import stands and adds a recipient, again and again."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.consoles import RunningConsole

from .files import HEADER
from .measures import template_for_files

CLIENTS, ROUNDS = 50, 10  # 1,000 requests, below the 1,200 a minute of a token


def at_once(console: RunningConsole, file: Path) -> str:
    """Return a line with the 95th percentile of what a request takes, and how many failed."""
    task = console.new_task(template_for_files(console))
    batch = console.start_import(task, file)
    with ThreadPoolExecutor(CLIENTS) as pool:
        rounds = pool.map(lambda number: _client(console, task, batch, number), range(CLIENTS))
        calls = [call for client in rounds for call in client]
    seconds = sorted(took for _status, took in calls)
    failed = sum(status not in (200, 201) for status, _took in calls)
    p95 = statistics.quantiles(seconds, n=20)[-1]
    return f"{CLIENTS} clients polling and posting: {len(calls):,} requests, {failed} failed, p95 {p95 * 1000:,.0f} ms"


def _client(console: RunningConsole, task: str, batch: str, number: int) -> list[tuple[int, float]]:
    values = dict.fromkeys(HEADER[1:], "x")
    calls = []
    for round_number in range(ROUNDS):
        body = {"address": f"1888{number:03}{round_number:04}", "variables": values}
        calls.append(_timed(console, "POST", f"/api/v1/marketing-tasks/{task}/recipients/", body))
        calls.append(_timed(console, "GET", f"/api/v1/imports/{batch}/", None))
    return calls


def _timed(console: RunningConsole, method: str, path: str, body: object) -> tuple[int, float]:
    began = time.monotonic()
    status, _answer = console.call(method, path, body)
    return status, time.monotonic() - began
