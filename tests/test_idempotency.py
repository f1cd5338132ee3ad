"""REST: a POST that is sent again with its Idempotency-Key has one effect and one answer."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from importer.models import ImportBatch
from marketing.models import MarketingTask, MessageTemplate, Recipient
from tenants import idempotency
from tenants.access import Scope
from tenants.models import KeptAnswer, Tenant
from tenants.scoping import act_for

from . import caller, make
from .caller import Caller, code_of

KEY = "3f0c2a9e-5d1b-4c7a-9f52-0d8e6b1a4c77"
TEMPLATE = {"name": "Renewal", "medium": "sms", "body": "Dear ${name}"}


@pytest.fixture
def api(tenant) -> Caller:
    return with_key(caller.of(tenant))


@pytest.fixture
def task(tenant) -> MarketingTask:
    with act_for(tenant):
        return make.task()


def with_key(api: Caller, key: str = KEY) -> Caller:
    api.headers |= {"Idempotency-Key": key}
    return api


def rows(text: str = "13800000001,Ann", name: str = "rows.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, f"Recipient number,name\n{text}\n".encode())


CREATING = [  # what is created, URL name, whether it stands below a task, body
    (MessageTemplate, "api-message-templates", False, TEMPLATE),
    (Recipient, "api-recipients", True, {"address": "13800000001", "variables": {"name": "Ann"}}),
    (Recipient, "api-recipients-batch", True,
     {"recipients": [{"address": "13800000001", "variables": {"name": "Ann"}}]}),
]  # fmt: skip


@pytest.mark.parametrize(("model", "name", "below", "body"), CREATING)
def test_the_second_request_gets_the_answer_of_the_first_and_creates_nothing(
    api, tenant, task, model, name, below, body
):
    args = [task.pk] if below else []
    with act_for(tenant):
        before = model.objects.count()

    first, second = (api.post(name, *args, body=body) for _ in range(2))

    assert first.status_code in (200, 201), first.content
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second.headers.get("Location") == first.headers.get("Location")
    assert second["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    with act_for(tenant):
        assert model.objects.count() == before + 1


def test_an_upload_that_is_sent_again_is_one_import(api, tenant, task, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as queued:
        first = api.upload("api-task-imports", task.pk, file=rows())
        second = api.upload("api-task-imports", task.pk, file=rows())

    assert (first.status_code, second.status_code) == (202, 202)
    assert (second.json(), second["Location"]) == (first.json(), first["Location"])
    assert len(queued) == 1
    with act_for(tenant):
        assert ImportBatch.objects.count() == 1


def test_another_body_with_the_same_key_is_refused(api, tenant):
    api.post("api-message-templates", body=TEMPLATE)

    answer = api.post("api-message-templates", body=TEMPLATE | {"name": "Other"})

    assert code_of(answer) == (409, "idempotency_key_reused")
    with act_for(tenant):
        assert tenant.message_templates.count() == 1


@pytest.mark.parametrize("other", [rows("13800000002,Bo"), rows(name="other.csv")])
def test_another_file_with_the_same_key_is_refused(api, task, other):
    api.upload("api-task-imports", task.pk, file=rows())

    assert code_of(api.upload("api-task-imports", task.pk, file=other)) == (409, "idempotency_key_reused")


def test_the_order_of_the_names_in_a_body_does_not_count(api):
    first = api.post("api-message-templates", body=TEMPLATE)

    assert api.post("api-message-templates", body=dict(reversed(TEMPLATE.items()))).content == first.content


def test_a_key_counts_for_one_caller_and_one_address(api, tenant, other_tenant, task):
    """Another tenant, another client and another address have keys of their own."""
    with act_for(tenant):
        other_client = make.User.objects.create_user("other", role="api_client", full_name="Other")
        token = make.token(other_client, *Scope.values)
    api.post("api-message-templates", body=TEMPLATE)

    others = [with_key(Caller(token)), with_key(caller.of(other_tenant))]
    made = [one.post("api-message-templates", body=TEMPLATE | {"name": "Mine"}) for one in others]
    published = api.post("api-task-publish", task.pk)

    assert [answer.status_code for answer in made] == [201, 201]
    assert code_of(published) == (409, "no_recipients")


def test_a_move_that_is_sent_again_is_answered_again(api, tenant, task):
    with act_for(tenant):
        task.recipients.create(address="+8613800000001")
        MarketingTask.objects.update(recipient_count=1)

    first, second = (api.post("api-task-publish", task.pk) for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 200)
    assert second.content == first.content


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "schlüssel"])
def test_a_key_is_printable_and_not_too_long(api, key):
    api.headers["Idempotency-Key"] = key

    assert code_of(api.post("api-message-templates", body=TEMPLATE)) == (400, "idempotency_key")


def test_a_refused_request_is_mended_and_sent_with_its_key(api, tenant):
    refused = api.post("api-message-templates", body=TEMPLATE | {"medium": "fax"})
    mended = api.post("api-message-templates", body=TEMPLATE)

    assert (refused.status_code, mended.status_code) == (400, 201)
    with act_for(tenant):
        assert KeptAnswer.objects.count() == 1


def test_an_error_of_ours_keeps_nothing(api, tenant, monkeypatch):
    api.client.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr("marketing.saving.save_template", lambda *_args: 1 / 0)
        assert code_of(api.post("api-message-templates", body=TEMPLATE)) == (500, "server_error")

    assert api.post("api-message-templates", body=TEMPLATE).status_code == 201


def test_answers_are_forgotten_after_two_days(api, tenant):
    first = api.post("api-message-templates", body=TEMPLATE)
    api.headers["Idempotency-Key"] = "another"
    api.post("api-message-templates", body=TEMPLATE | {"name": "Later"})
    with act_for(tenant):
        KeptAnswer.objects.filter(key=KEY).update(created_at=timezone.now() - timedelta(hours=49))
        idempotency.forget()
        assert [kept.key for kept in KeptAnswer.objects.all()] == ["another"]

    api.headers["Idempotency-Key"] = KEY
    assert code_of(api.post("api-message-templates", body=TEMPLATE))[1] == "validation"  # the name is taken
    assert first.status_code == 201


@pytest.mark.django_db(transaction=True)
def test_of_several_at_once_one_has_the_effect_and_all_its_answer(tenant):
    barrier = Barrier(5)

    def send(_number: int):
        api = with_key(caller.of(tenant))
        barrier.wait(30)
        try:
            return api.post("api-message-templates", body=TEMPLATE)
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(send, range(5)))

    assert [answer.status_code for answer in answers] == [201] * 5
    assert len({answer.json()["id"] for answer in answers}) == 1
    with act_for(tenant):
        assert tenant.message_templates.count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_would_wait_too_long_is_told_to_come_again(tenant):
    is_claimed, may_end = Event(), Event()
    claimed = {"caller_id": tenant.client.pk, "request": "POST /api/v1/message-templates/", "key": KEY}

    def hold() -> None:
        with act_for(tenant):
            KeptAnswer.objects.create(**claimed, digest="x")
            is_claimed.set()
            may_end.wait(30)
            transaction.set_rollback(True)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(hold)
        is_claimed.wait(30)
        answer = with_key(caller.of(tenant)).post("api-message-templates", body=TEMPLATE)
        may_end.set()

    assert code_of(answer) == (409, "idempotency_in_progress")
    assert answer["Retry-After"] == "1"
    assert with_key(caller.of(tenant)).post("api-message-templates", body=TEMPLATE).status_code == 201


def test_an_answer_is_kept_as_it_was_given(api, tenant):
    """Not as it would be now: the recipient was changed meanwhile."""
    with act_for(tenant):
        task = make.task()
    body = {"address": "13800000001", "variables": {"name": "Ann"}}
    first = api.post("api-recipients", task.pk, body=body).json()
    api.patch("api-recipient", task.pk, first["id"], body={"address": "13800000002"})

    assert api.post("api-recipients", task.pk, body=body).json() == first


@pytest.fixture
def root(db) -> Caller:
    """A system administrator, who is in no tenant space."""
    return with_key(Caller(user=make.User.objects.create_superuser("root", make.PASSWORD)))


SPACE = {"name": "New Telecom", "administrator": {"username": "ann"}}


def test_a_tenant_space_is_made_once(root):
    first, second = (root.post("api-system-tenants", body=SPACE) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content  # the first password too, which is in no other answer
    assert (second["Location"], second["Idempotent-Replayed"]) == (first["Location"], "true")
    assert Tenant.objects.count() == 1
    other = root.post("api-system-tenants", body=SPACE | {"name": "Other"})
    assert code_of(other) == (409, "idempotency_key_reused")


def test_a_first_password_is_not_kept_in_clear(root):
    password = root.post("api-system-tenants", body=SPACE).json()["first_password"]

    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM tenants_keptanswer")
        [(body,)] = cursor.fetchall()
    assert len(password) > 10
    assert password not in body


def test_keys_of_the_system_administration_are_its_own(root, tenant):
    """No tenant sees them, and the administration sees none of a tenant's; they are forgotten as a tenant's are."""
    root.post("api-system-tenants", body=SPACE)
    with act_for(tenant):
        assert not KeptAnswer.objects.exists()
        KeptAnswer.objects.create(caller_id=1, request="POST /", key="x", digest="x")
    assert [kept.key for kept in KeptAnswer.objects.all()] == [KEY]

    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=49))
    idempotency.forget()

    assert not KeptAnswer.objects.exists()
    with act_for(tenant):
        assert KeptAnswer.objects.count() == 1


def test_the_schema_offers_the_header_on_every_post(client, db):
    paths = json.loads(client.get(reverse("api-schema")).content)["paths"]
    posts = [one["post"] for one in paths.values() if "post" in one]

    without = [
        post["operationId"]
        for post in posts
        if "Idempotency-Key" not in {parameter["name"] for parameter in post.get("parameters", [])}
    ]
    assert without == []
    assert len(posts) > 5
