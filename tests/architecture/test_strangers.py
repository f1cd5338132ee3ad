"""Every URL, called by those it is not for. A new URL is covered on the day it is written."""

from collections.abc import Iterable

import pytest
from django.urls import reverse

from .callers import Answer, Caller, other_than
from .endpoints import METHODS, OBJECTS, OPEN_TO_ALL, SIGN_IN, UNKNOWN, Endpoint, endpoints, guarded
from .made import CANARY, body_of, digests

ALL = guarded()
OF_OBJECTS = [endpoint for endpoint in ALL if endpoint.objects]
NESTED = [endpoint for endpoint in OF_OBJECTS if len(endpoint.objects) > 1]
LISTS = [endpoint for endpoint in ALL if not endpoint.objects]
REST = [endpoint for endpoint in ALL if endpoint.is_rest]


def found(answers: Iterable[Answer]) -> list[Answer]:
    """Return the answers that do not say: not there. OPTIONS tells of the URL, not of the object."""
    return [answer for answer in other_than(answers, 404, 405) if (answer.method, answer.status) != ("OPTIONS", 200)]


def test_every_argument_of_a_url_names_something_that_the_tests_can_make():
    """Or add it to OBJECTS or WORDS in endpoints.py."""
    assert {argument for endpoint in ALL for argument in endpoint.objects} - set(OBJECTS) == set()
    assert len(OF_OBJECTS) > 30


def test_another_tenants_objects_are_not_there(alpha, canary):
    before = digests(canary)

    assert found(Caller(alpha.administrator).crawl(OF_OBJECTS, canary)) == []
    assert found(Caller(token=alpha.token).crawl(set(OF_OBJECTS) & set(REST), canary)) == []

    assert digests(canary) == before


@pytest.mark.parametrize("is_own_first", [True, False], ids=["own parent", "foreign parent"])
def test_an_own_and_a_foreign_object_in_one_url_are_not_there(alpha, canary, is_own_first):
    before = digests(canary)
    owners = (alpha, canary) if is_own_first else (canary, alpha)

    assert found(Caller(alpha.administrator).crawl(NESTED, *owners)) == []

    assert digests(canary) == before


def test_a_foreign_object_is_answered_like_an_unknown_one(alpha, canary):
    stranger = Caller(token=alpha.token)
    rest = [endpoint for endpoint in OF_OBJECTS if endpoint.is_rest]

    foreign, unknown = (
        {repr(answer): answer.body for answer in stranger.crawl(rest, owner)} for owner in (canary, UNKNOWN)
    )

    assert foreign == unknown


def test_nobody_gets_in(canary):
    before = digests(canary)

    answers = list(Caller().crawl(ALL, canary))

    rest = [answer for answer in answers if answer.endpoint.is_rest]
    pages = [answer for answer in answers if not answer.endpoint.is_rest]
    assert other_than(rest, 401, 405) == []
    assert other_than(pages, 302, 405) == []
    assert {answer.goes_to.partition("?")[0] for answer in pages} <= {reverse(SIGN_IN), ""}
    assert digests(canary) == before


def test_lists_show_nothing_of_others(alpha, canary):
    methods = ("GET", "HEAD", "OPTIONS")

    pages = list(Caller(alpha.administrator).crawl(LISTS, methods=methods))
    rest = list(Caller(token=alpha.token).crawl(set(LISTS) & set(REST), methods=methods))

    assert [answer for answer in pages + rest if CANARY in answer.body or answer.status >= 500] == []


@pytest.mark.parametrize("endpoint", OF_OBJECTS, ids=lambda endpoint: endpoint.name)
def test_the_owner_does_get_there(alpha, endpoint: Endpoint):
    """Or the tests above would prove nothing."""
    answers = list(Caller(alpha.administrator).crawl([endpoint], alpha, methods=("GET", "POST", "DELETE")))

    assert {answer.status for answer in answers} - {404, 405}
    assert [answer for answer in answers if answer.status >= 500] == []


def test_the_word_that_no_stranger_may_read_is_on_its_owners_pages(canary):
    answers = list(Caller(canary.administrator).crawl(OF_OBJECTS, canary, methods=["GET"]))

    assert len([answer for answer in answers if CANARY in answer.body]) > 15


def test_what_is_open_to_all_exists_and_shows_nothing(canary):
    assert set(OPEN_TO_ALL) <= {endpoint.name for endpoint in endpoints()}

    for name in OPEN_TO_ALL:
        for method in METHODS:
            assert CANARY not in body_of(Caller().call(method, reverse(name)))
