"""Every URL of the system administration: system administrators alone get in, and they see no recipient there."""

import pytest
from django.urls import reverse

from tenants.access import Scope
from tenants.models import User
from tenants.scoping import act_for
from tests import make

from .callers import Caller, other_than
from .endpoints import SIGN_IN, endpoints
from .made import CANARY, digests

SYSTEM = [endpoint for endpoint in endpoints() if endpoint.is_system]
REST = [endpoint for endpoint in SYSTEM if endpoint.is_rest]
PAGES = [endpoint for endpoint in SYSTEM if not endpoint.is_rest]
HIDDEN = (b"+86canary", b"canary: dear", b"canary.csv", b"canary greeting")  # recipient, message, source, template


@pytest.fixture
def root(db) -> User:
    return User.objects.create_superuser("root", make.PASSWORD)


def test_there_is_something_to_call():
    assert REST
    assert PAGES


@pytest.mark.parametrize("role", ["administrator", "viewer"])
def test_nobody_of_a_tenant_gets_in(canary, role):
    person = Caller(getattr(canary, role))  # signing in is written down
    before = digests(canary)

    answers = person.crawl(SYSTEM, canary)

    assert other_than(answers, 403, 405) == []
    assert digests(canary) == before


def test_no_token_gets_in(canary):
    with act_for(canary):
        program = Caller(token=make.token(canary.client, *Scope.values))

    assert other_than(program.crawl(REST, canary), 403, 405) == []
    assert other_than(program.crawl(PAGES, canary), 302, 403, 405) == []


def test_a_token_does_not_make_a_session_an_administrators(canary, root):
    assert other_than(Caller(root, token=canary.token).crawl(REST, canary), 403, 405) == []


def test_nobody_unknown_gets_in(canary):
    answers = list(Caller().crawl(SYSTEM, canary))

    assert other_than([answer for answer in answers if answer.endpoint.is_rest], 401, 405) == []
    pages = [answer for answer in answers if not answer.endpoint.is_rest]
    assert other_than(pages, 302, 405) == []
    assert {answer.goes_to.partition("?")[0] for answer in pages} <= {reverse(SIGN_IN), ""}


def test_a_system_administrator_gets_everywhere_and_sees_no_recipient_message_or_source(canary, root):
    answers = list(Caller(root).crawl(SYSTEM, canary, methods=("GET", "HEAD", "OPTIONS")))

    assert [answer for answer in answers if answer.status not in (200, 405)] == []
    assert [answer for answer in answers if any(word in answer.body for word in HIDDEN)] == []


@pytest.mark.parametrize("endpoint", SYSTEM, ids=lambda endpoint: endpoint.name)
def test_whatever_is_sent_no_recipient_comes_back(canary, root, endpoint):
    answers = list(Caller(root).crawl([endpoint], canary, methods=("POST", "PUT", "PATCH", "DELETE")))

    assert [answer for answer in answers if answer.status >= 500] == []
    assert [answer for answer in answers if any(word in answer.body for word in HIDDEN)] == []


def test_who_still_has_the_first_password_gets_nowhere(canary, root):
    root.must_change_password = True
    root.save(update_fields=["must_change_password"])

    answers = list(Caller(root).crawl(SYSTEM, canary))

    assert other_than(answers, 302, 403, 405) == []
    assert [answer for answer in answers if CANARY in answer.body] == []


def test_no_session_writes_without_its_csrf_token(canary, root):
    person = Caller(root)
    person.client.handler.enforce_csrf_checks = True

    assert other_than(person.crawl(SYSTEM, canary, methods=("POST", "PUT", "PATCH", "DELETE")), 403, 405) == []
