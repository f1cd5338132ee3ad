"""Whether this process lives, and whether what it needs answers: for a load balancer, an orchestrator, and Home."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NoAnswer
from threading import Lock

from celery import current_app
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu import Connection

PING_SECONDS = 0.5  # workers that answer do so in a few milliseconds
ANSWER_SECONDS = 2  # all checks run at once; a slower one counts as failed
logger = logging.getLogger(__name__)


@never_cache
@require_safe
@transaction.non_atomic_requests  # it must answer without the database
def alive(request: HttpRequest) -> JsonResponse:
    """Answer: the process serves pages. A failure means restart it."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
@transaction.non_atomic_requests
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when database, broker and storage do, else 503. A failure means send no requests here for now."""
    states = states_of_checks()
    is_ready = set(states.values()) == {"ok"}
    return JsonResponse({"status": "ok" if is_ready else "failed"} | states, status=200 if is_ready else 503)


def states_of_checks() -> dict[str, str]:
    """Return {"database": "ok", "broker": "failed", ...}, all asked at once."""
    answers = {name: check.begin() for name, check in CHECKS.items()}
    return {name: _state(name, answer) for name, answer in answers.items()}


def workers_answering() -> int:
    """Return how many workers answer a ping; ask only when the broker does."""
    return len(current_app.control.ping(timeout=PING_SECONDS) or [])


class Check:
    """A check that runs in a thread of its own, one at a time: a hanging one is waited for again, not repeated."""

    def __init__(self, check: Callable[[], None]) -> None:
        self.check, self.lock = check, Lock()
        self.executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=check.__name__)
        self.running: Future[None] | None = None

    def begin(self) -> Future[None]:
        with self.lock:
            if self.running is None or self.running.done():
                self.running = self.executor.submit(self.check)
            return self.running


def _state(name: str, answer: Future[None]) -> str:
    """Return "ok" or "failed"; the reason is for the log, not for strangers."""
    try:
        answer.result(timeout=ANSWER_SECONDS)
    except NoAnswer:
        logger.warning("readiness: no answer from %s within %s s", name, ANSWER_SECONDS)
    except Exception as reason:  # noqa: BLE001  whatever a driver raises, the answer is the same
        logger.warning("readiness: %s failed: %s", name, type(reason).__name__)
    else:
        return "ok"
    return "failed"


def _ask_database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()  # the thread's own


def _ask_broker() -> None:
    options = {"socket_connect_timeout": ANSWER_SECONDS, "socket_timeout": ANSWER_SECONDS}
    with Connection(settings.CELERY_BROKER_URL, transport_options=options) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=ANSWER_SECONDS)


def _ask_storage() -> None:
    default_storage.delete(default_storage.save("readiness", ContentFile(b"ready")))


CHECKS = {"database": Check(_ask_database), "broker": Check(_ask_broker), "storage": Check(_ask_storage)}
