"""What every page and REST list costs with 5,000,000 recipients, beside the same page with one of each.

    make bench-pages [ARGS="--only recipients --part 10"]

One run, one console, one database: quote the ratios. A page is measured as a tenant's administrator has it, by HTTP.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

import django

from tests import consoles
from tests.consoles import RunningConsole

REQUESTS = 30  # of each page, after one that warms up
GOAL = 300  # milliseconds, at the 95th percentile


class Times(NamedTuple):
    """Milliseconds of one page."""

    median: float
    p95: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="a part of the names of the pages to measure")
    parser.add_argument("--part", type=int, default=1, help="measure with a 1/PART of the rows")
    options = parser.parse_args()
    with consoles.open_folder() as folder, consoles.running(folder) as console:
        os.environ |= console.state["environment"] | {"DJANGO_SETTINGS_MODULE": "aicc_console.settings"}
        django.setup()
        _measure_all(console, options)


def _measure_all(console: RunningConsole, options: argparse.Namespace) -> None:
    from .filling import LARGE, ONE_OF_EACH, fill
    from .visiting import Visitor

    small = Visitor(console, fill(console, "Small Telecom", ONE_OF_EACH))
    began = time.perf_counter()
    large = Visitor(console, fill(console, "Large Telecom", LARGE.divided(options.part)))
    print(f"Filled in {time.perf_counter() - began:.0f} s.", flush=True)
    print(f"{'milliseconds':64}{'one of each':>18}{f'{LARGE.recipients // options.part:,}':>18}")
    print(f"{'':64}{'median    95 %':>18}{'median    95 %':>18}", flush=True)
    slow = [
        name
        for (name, quick), (_name, slow) in zip(small.visits(), large.visits(), strict=True)
        if options.only in name and show(name, times_of(quick), times_of(slow)) > GOAL
    ]
    print(f"Above {GOAL} ms: {', '.join(slow) or 'none'}")


def times_of(visit: Callable[[], int]) -> Times | None:
    """Return what `visit` costs; None where it answers no page, such as a URL that is only posted to."""
    status = visit()
    assert status < 500
    if status != 200:
        return None
    milliseconds = []
    for _request in range(REQUESTS):
        began = time.perf_counter()
        assert visit() == 200
        milliseconds.append((time.perf_counter() - began) * 1_000)
    return Times(statistics.median(milliseconds), statistics.quantiles(milliseconds, n=20)[-1])


def show(name: str, *all_times: Times | None) -> float:
    """Print one line; return the 95th percentile of the last column."""
    if None in all_times:
        return 0
    columns = "".join(f"{one.median:10.0f}{one.p95:8.0f}" for one in all_times if one)
    last = all_times[-1].p95 if all_times[-1] else 0
    print(f"{name:64}{columns}{'   <-- slow' if last > GOAL else ''}", flush=True)
    return last


if __name__ == "__main__":
    main()
