"""A foreign id where no URL shows it: in a body, in a filter, in a list of several."""

from uuid import uuid4

import pytest
from django.urls import reverse

from tenants.scoping import act_for
from tests import make

from .callers import Caller
from .made import CANARY, body_of, digests

TASK = {"name": "stolen", "medium": "sms", "begin_at": "2030-01-01T00:00", "end_at": "2031-01-01T00:00"}


@pytest.fixture
def program(alpha) -> Caller:
    return Caller(token=alpha.token)


@pytest.fixture
def person(alpha) -> Caller:
    return Caller(alpha.administrator)


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_rest_knows_no_foreign_template(alpha, canary, program, method):
    url = reverse("api-tasks") if method == "POST" else reverse("api-task", args=[alpha.task.pk])
    before = digests(alpha)

    foreign, unknown = (
        program.call(method, url, TASK | {"template": str(pk)}) for pk in (canary.task.template_id, uuid4())
    )

    assert foreign.json()["errors"]["template"][0]["code"] == "template_unknown"
    assert foreign.content == unknown.content
    assert digests(alpha) == before


@pytest.mark.parametrize("view", ["marketing:task-create", "marketing:task-edit"])
def test_a_form_knows_no_foreign_template(alpha, canary, person, view):
    url = reverse(view, args=[alpha.task.pk] if view.endswith("edit") else [])
    before = digests(alpha)

    page = person.call("POST", url, TASK | {"task_type": "marketing", "template": str(canary.task.template_id)})

    assert page.context["form"].errors.as_data()["template"][0].code == "invalid_choice"
    assert CANARY not in body_of(page)
    assert digests(alpha) == before


@pytest.mark.parametrize(
    ("view", "query"),
    [
        ("api-imports", lambda canary: {"task": canary.task.pk}),
        ("api-recipients", lambda canary: {"origin": canary.batch.pk}),
    ],
)
def test_a_filter_by_a_foreign_id_finds_nothing(alpha, canary, program, view, query):
    url = reverse(view, args=[alpha.task.pk] if view == "api-recipients" else [])

    answer = program.client.get(url, query(canary))

    assert CANARY not in answer.content
    assert answer.status_code == 400 or answer.json()["results"] == []


def test_a_foreign_recipient_among_several_is_not_deleted(alpha, canary, person):
    before = digests(canary)
    chosen = {"recipient": [alpha.recipient.pk, canary.recipient.pk], "confirmed": "1"}

    answer = person.call("POST", reverse("marketing:recipients-delete", args=[alpha.task.pk]), chosen)

    assert CANARY not in body_of(answer)
    assert digests(canary) == before


def test_another_tasks_recipient_is_not_deleted(alpha, person):

    with act_for(alpha):
        other = make.task()
    chosen = {"recipient": [alpha.recipient.pk], "confirmed": "1"}

    person.call("POST", reverse("marketing:recipients-delete", args=[other.pk]), chosen)

    with act_for(alpha):
        assert alpha.task.recipients.count() == 1
