"""`make bench`: what an import costs here, beside psql \\copy of the already clean rows and django-import-export.

    python -m tests.benchmarks [--rows 500000] [--peer-rows 10000]

One run, one machine, one database: quote the ratios, not the seconds.
"""

import argparse
from pathlib import Path

from aicc_console.welcome import free_port
from tests import consoles
from tests.consoles import RunningConsole

from . import clients, files, measures, servers
from .measures import Measure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=500_000, help="records of the big file")
    parser.add_argument("--peer-rows", type=int, default=10_000, help="records of the file for django-import-export")
    options = parser.parse_args()
    with consoles.open_folder() as folder:
        print("Making files ...", flush=True)
        small, big, clean = _files(folder, options.rows)
        port, ssh_port = free_port(), free_port()
        with consoles.running(folder, LOOPBACK_PORTS=f"{port},{ssh_port}") as console:
            print(f"{'':58}{'seconds':>9}{'rows/s':>10}{'most MB of a process':>22}", flush=True)
            floor = show(measures.psql_copy(console, clean, options.rows))
            print(clients.at_once(console, small["csv"]), flush=True)
            show(measures.upload(console, small["xlsx"], 10_000), floor)
            show(measures.upload(console, small["csv"], 10_000), floor)
            show(measures.by_command(console, big["csv"], options.rows), floor)
            show(measures.by_workers(console, big["csv"], options.rows), floor)
            show(measures.by_command(console, big["xlsx"], options.rows), floor)
            show_server(console, ssh_port, big, options.rows, floor)
            show(measures.night(console, port, tenants=1, customers=100_000))
            show(measures.night(console, port, tenants=200, customers=500))
            peer_file = folder / "peer.xlsx"
            files.write_xlsx(peer_file, options.peer_rows)
            ours = show(measures.upload(console, peer_file, min(options.peer_rows, 10_000)), floor)
            for is_bulk in (True, False):
                peer = show(measures.import_export(console, peer_file, options.peer_rows, is_bulk=is_bulk))
                print(f"{'':4}ours is {peer.seconds / ours.seconds:.0f} times as fast on the same file")


def show_server(console: RunningConsole, port: int, big: dict[str, Path], rows: int, floor: Measure) -> None:
    """Print what an import from a file server costs, and what another tenant notices of it."""
    hundred = big["csv"].with_name("hundred.csv")
    files.write_csv(hundred, 100)
    with servers.serving(console, port, [*big.values()]) as server:
        for file in big.values():
            show(servers.by_server(console, server, file.name, rows), floor)
        show(servers.beside(console, server, big["csv"].name, hundred, rows=rows, small_rows=100))


def show(measure: Measure, floor: Measure | None = None) -> Measure:
    """Print one line, with its ratio to `floor` per row."""
    memory = f"{measure.megabytes:,.0f}" if measure.megabytes else ""
    line = f"{measure.name:58}{measure.seconds:9.2f}{measure.rows / measure.seconds:10,.0f}{memory:>22}"
    ratio = (
        f"   {(measure.seconds / measure.rows) / (floor.seconds / floor.rows):.1f} x \\copy per row" if floor else ""
    )
    print(line + ratio, flush=True)
    return measure


def _files(folder: Path, rows: int) -> tuple[dict[str, Path], dict[str, Path], Path]:
    small = {kind: folder / f"small.{kind}" for kind in ("xlsx", "csv")}
    big = {kind: folder / f"big.{kind}" for kind in ("xlsx", "csv")}
    for paths, count in ((small, 10_000), (big, rows)):
        files.write_xlsx(paths["xlsx"], count)
        files.write_csv(paths["csv"], count)
    clean = folder / "clean.csv"
    files.write_clean_csv(clean, rows)
    return small, big, clean


if __name__ == "__main__":
    main()
