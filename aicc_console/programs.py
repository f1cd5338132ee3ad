"""The console's own programs on one machine: the web server, two workers and the clock."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from .processes import Program

CHECKOUT = Path(__file__).resolve().parent.parent
SERVING = ("web", "beat", "smartcare", "sample-server")
STOP_STAGES = [SERVING, ("worker-interactive", "worker-bulk", "worker-webhooks"), ("valkey",), ("postgres",)]
WEB_WORKER = "aicc_console.web_worker.Worker"
WEBHOOK_THREADS = 16  # calls at a time; each waits for a receiver for up to ten seconds
WORKER_STOP_SECONDS = 60  # a worker finishes the chunk it has; the database remembers what was not done


def web(environment: Mapping[str, str], logs: Path, *, port: int, threads: int = 8) -> Program:
    """One process: its threads wait for the database while the other core is the workers'."""
    command = ["gunicorn", "aicc_console.wsgi", "--bind", f"127.0.0.1:{port}", "--worker-class", WEB_WORKER]
    options = ["--workers", os.environ.get("WEB_PROCESSES", "1"), "--threads", str(threads)]
    quiet = ["--no-control-socket", "--graceful-timeout", "10", "--log-level", "warning"]
    return _python("web", command + options + quiet, environment, logs, stop_seconds=15)


def worker(queues: str, environment: Mapping[str, str], logs: Path, *, threads: int = 0) -> Program:
    """A Celery worker for `queues` ("bulk,interactive"); it is named after the first.

    `threads`: for jobs that wait for other machines; 0: one process that does one job at a time.
    """
    first, prefix = queues.split(",")[0], environment.get("QUEUE_PREFIX", "")
    names = ",".join(prefix + queue for queue in queues.split(","))
    command = ["celery", "-A", "aicc_console", "worker", "-Q", names, "-n", f"{prefix}{first}@%h"]
    pool = ["-P", "threads", "-c", str(threads)] if threads else ["-c", "1"]
    quiet = ["-l", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    return _python(f"worker-{first}", command + pool + quiet, environment, logs, stop_seconds=WORKER_STOP_SECONDS)


def beat(environment: Mapping[str, str], logs: Path) -> Program:
    """The clock: one on all machines together."""
    return _python("beat", ["celery", "-A", "aicc_console", "beat", "-l", "WARNING", "--pidfile="], environment, logs)


def sample_server(environment: Mapping[str, str], logs: Path, *, folder: Path, port: int) -> Program:
    """The demo's own SFTP server, with files to import."""
    module = ["aicc_console.sample_server", "--folder", str(folder), "--port", str(port)]
    return _python("sample-server", module, environment, logs)


def manage(*arguments: str) -> list[str]:
    """Return the command line of manage.py."""
    return [sys.executable, str(CHECKOUT / "manage.py"), *arguments]


def _python(
    name: str, module: list[str], environment: Mapping[str, str], logs: Path, *, stop_seconds: float = 10
) -> Program:
    return Program(
        name=name,
        command=[sys.executable, "-m", *module],
        environment=environment,
        log=logs / f"{name}.log",
        folder=CHECKOUT,
        stop_seconds=stop_seconds,
    )
