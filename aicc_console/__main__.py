"""`python -m aicc_console` starts everything; `python -m aicc_console manage ...` is manage.py beside it."""

import argparse
import os
import signal
import sys
from pathlib import Path

from . import without_servers
from .console import Console
from .processes import follow_parent
from .programs import CHECKOUT, manage
from .run_folder import RunFolder
from .welcome import port_named


def main() -> int:
    arguments = _parser().parse_args()
    folder = RunFolder(Path(os.environ.get("VAR_DIR") or CHECKOUT / "var"))
    if arguments.what == "manage":
        _manage(folder, arguments.command)
    port = port_named(os.environ.get("PORT") or "8000")
    if arguments.stop_with_parent:
        follow_parent(signal.SIGTERM)
    for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(asked) is not signal.SIG_IGN or asked != signal.SIGHUP:  # nohup is respected
            signal.signal(asked, signal.default_int_handler)
    with folder.claimed():
        return Console(folder, port=port, wants_demo=arguments.demo).run()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m aicc_console", description=__doc__)
    parser.add_argument("--demo", action="store_true", help="make the demo's tenants in a new database")
    parser.add_argument("--stop-with-parent", action="store_true", help="stop when the process that started this ends")
    parser.add_argument("what", nargs="?", choices=["run", "manage"], default="run")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="with manage: a command of manage.py")
    return parser


def _manage(folder: RunFolder, command: list[str]) -> None:
    """Become manage.py, with the addresses of the console that runs on this folder."""
    told = folder.recorded().get("environment", {})
    if not told and command[:1] not in ([name] for name in without_servers.COMMANDS):
        raise SystemExit(f"No console runs on {folder.path}: start it with make run.")
    os.execve(sys.executable, manage(*command), os.environ | told)  # noqa: S606


if __name__ == "__main__":
    sys.exit(main())
