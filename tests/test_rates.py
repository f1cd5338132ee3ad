"""REST: each token may send so many requests a minute, and every answer says how many are left."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection

from tenants import rates
from tenants.counting import count
from tenants.models import SystemParameter
from tenants.scoping import act_for

from . import caller, make
from .caller import Caller, code_of

NOON = 1_764_244_800.0  # a full minute


@pytest.fixture(autouse=True)
def few_requests(db) -> None:
    SystemParameter.objects.create(key="api_requests_per_minute", value="10")
    cache.clear()


def left(answer) -> tuple[str, ...]:
    return tuple(answer[f"RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset"))


def test_the_request_after_the_last_is_refused_until_the_minute_is_over(tenant):
    api = caller.of(tenant)
    with time_machine.travel(NOON + 20, tick=False) as clock:
        answers = [api.get("api-tasks") for _ in range(11)]

        assert [answer.status_code for answer in answers] == [200] * 10 + [429]
        assert left(answers[0]) == ("10", "9", "40")
        assert left(answers[9]) == ("10", "0", "40")
        assert left(answers[10]) == ("10", "0", "40")
        assert code_of(answers[10]) == (429, "throttled")
        assert answers[10]["Retry-After"] == "40"
        clock.shift(40)
        assert left(api.get("api-tasks")) == ("10", "9", "60")


def test_each_token_and_each_person_has_a_rate_of_its_own(tenant, other_tenant):
    with act_for(tenant):
        second = make.token(tenant.client, "tasks:read")
    with time_machine.travel(NOON, tick=False):
        for _ in range(11):
            refused = caller.of(tenant).get("api-tasks")
        others = [Caller(second), caller.of(other_tenant), Caller(user=tenant.administrator)]

        assert refused.status_code == 429
        assert [left(one.get("api-tasks"))[1] for one in others] == ["9", "9", "9"]


def test_a_refusal_says_what_is_left_too(tenant):
    with time_machine.travel(NOON, tick=False):
        answer = caller.of(tenant).post("api-tasks", body={})

    assert (answer.status_code, left(answer)) == (400, ("10", "9", "60"))


def test_requests_at_once_are_each_counted(tenant):
    def counted(_number: int) -> int:
        try:
            return rates._count("somebody")[0]
        finally:
            connection.close()

    with time_machine.travel(NOON, tick=False), ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(counted, range(200))) == list(range(1, 201))


@pytest.fixture
def cache_away(settings) -> None:
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "unix:///nowhere/valkey.sock"}}


def test_nobody_is_kept_out_because_the_cache_is_away(tenant, cache_away):
    answers = [caller.of(tenant).get("api-tasks") for _ in range(11)]

    assert {answer.status_code for answer in answers} == {200}


def test_a_refusal_is_answered_and_logged_while_the_cache_is_away(tenant, cache_away):
    with act_for(tenant):
        reader = make.token(tenant.client, "tasks:read")

    assert code_of(Caller(reader).post("api-tasks", body={})) == (403, "scope_missing")


def test_a_count_that_was_forgotten_begins_again(monkeypatch):
    monkeypatch.setattr(cache, "add", lambda *_: False, raising=False)

    assert count("forgotten", 60) == 1
