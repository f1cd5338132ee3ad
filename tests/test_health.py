"""/healthz answers while the process lives, /readyz only when all it needs answers."""

import json
import time
from collections.abc import Callable

import pytest

from aicc_console.administration import health


def ask(view: Callable, rf) -> tuple[int, dict[str, str]]:
    answer = view(rf.get("/"))
    assert "no-store" in answer["Cache-Control"]
    return answer.status_code, json.loads(answer.content)


def test_a_process_is_alive_without_a_database(rf):
    assert ask(health.alive, rf) == (200, {"status": "ok"})


def test_it_is_ready_when_database_broker_and_storage_answer(rf, transactional_db):
    assert ask(health.ready, rf) == (200, {"status": "ok", "database": "ok", "broker": "ok", "storage": "ok"})


def test_it_is_not_ready_without_its_database(rf):  # pytest-django refuses the connection, as a dead server does
    assert ask(health.ready, rf) == (503, {"status": "failed", "database": "failed", "broker": "ok", "storage": "ok"})


def test_it_is_not_ready_without_its_broker(rf, transactional_db, settings):
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere/valkey.sock?virtual_host=0"

    assert ask(health.ready, rf)[1] == {"status": "failed", "database": "ok", "broker": "failed", "storage": "ok"}


def test_it_is_not_ready_without_its_storage(rf, transactional_db, settings, tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    options = {"location": str(in_the_way)}
    default = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"default": default}

    assert ask(health.ready, rf)[1] == {"status": "failed", "database": "ok", "broker": "ok", "storage": "failed"}


def test_a_hanging_check_costs_its_time_and_one_thread(rf, monkeypatch, transactional_db):
    asked = []

    def hang() -> None:
        asked.append(1)
        time.sleep(1)

    monkeypatch.setattr(health, "ANSWER_SECONDS", 0.1)
    monkeypatch.setattr(health, "CHECKS", {"storage": health.Check(hang)})
    answers = [ask(health.ready, rf) for _ in range(3)]

    assert answers == [(503, {"status": "failed", "storage": "failed"})] * 3
    assert asked == [1]


@pytest.mark.parametrize("view", [health.alive, health.ready])
def test_it_rejects_post(rf, view):
    assert view(rf.post("/")).status_code == 405
