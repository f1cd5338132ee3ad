"""REST: who is let in, whose rows there are, and how a refusal looks."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.utils import OperationalError
from django.urls import reverse
from django.utils import timezone

from importer.models import ImportBatch
from importer.states import ImportState
from marketing.models import MarketingTask, Recipient
from tenants.access import Scope
from tenants.models import ApiToken, User
from tenants.scoping import act_for

from . import caller, make
from .caller import Caller, code_of, errors_of


@pytest.fixture
def api(tenant):
    return caller.of(tenant)


@pytest.fixture
def task(tenant):
    with act_for(tenant):
        return make.task()


def test_a_refusal_is_a_problem_of_rfc_9457(api):
    answer = api.get("api-task", uuid4())

    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "code": "not_found",
        "detail": "There is nothing here, or it is not yours.",
    }


def test_a_refusal_of_values_names_each_with_code_and_sentence(api):
    answer = api.post("api-message-templates", body={"name": "x", "medium": "fax", "body": "Hi"})

    assert answer.json()["errors"] == {
        "medium": [{"code": "invalid_choice", "detail": "This must be one of: sms, email, whatsapp."}]
    }


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "not_authenticated"),
        ({"Authorization": "Bearer"}, "authentication_failed"),
        ({"Authorization": "Bearer nobody"}, "token_unknown"),
        ({"Authorization": f"Bearer aicc_{'0' * 64}"}, "token_unknown"),
        ({"Authorization": "Bearer ä"}, "token_unknown"),
        ({"Authorization": "Bearer " + "x" * 5_000}, "token_unknown"),
        ({"Authorization": "Bearer a b"}, "authentication_failed"),
        ({"Authorization": "Basic YTpi"}, "not_authenticated"),
    ],
)
def test_without_a_good_token_nobody_is_let_in(db, client, headers, code):
    answer = client.get(reverse("api-tasks"), headers=headers)

    assert code_of(answer) == (401, code)
    assert answer["WWW-Authenticate"] == "Bearer"
    assert code != "not_authenticated" or "“Authorization: Bearer aicc_…”" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("fault", "code"), [("expired", "token_expired"), ("inactive", "token_client"), ("deleted", "token_unknown")]
)
def test_a_token_dies_with_its_time_its_client_and_itself(api, tenant, fault, code):
    with act_for(tenant):
        if fault == "expired":
            ApiToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
        elif fault == "inactive":
            User.objects.filter(pk=tenant.client.pk).update(is_active=False)
        else:
            ApiToken.objects.all().delete()

    assert code_of(api.get("api-tasks")) == (401, code)


def test_a_disabled_tenant_is_shut(api, tenant):
    tenant.is_active = False
    tenant.save(update_fields=["is_active"])

    assert code_of(api.get("api-tasks")) == (403, "permission_denied")


def test_a_system_administrator_is_in_no_tenant_space(db):
    root = User.objects.create_superuser("root", make.PASSWORD)

    assert code_of(Caller(user=root).get("api-tasks")) == (403, "permission_denied")


CALLS = [  # scope, method, URL name, its arguments by name
    ("tasks:read", "get", "api-tasks", []),
    ("tasks:write", "post", "api-tasks", []),
    ("tasks:read", "get", "api-task", ["task"]),
    ("tasks:write", "patch", "api-task", ["task"]),
    ("tasks:write", "delete", "api-task", ["task"]),
    ("tasks:write", "post", "api-task-publish", ["task"]),
    ("tasks:read", "get", "api-import-template", ["task"]),
    ("tasks:read", "get", "api-message-templates", []),
    ("tasks:write", "post", "api-message-templates", []),
    ("tasks:read", "get", "api-message-template", ["template"]),
    ("tasks:write", "patch", "api-message-template", ["template"]),
    ("tasks:write", "delete", "api-message-template", ["template"]),
    ("recipients:read", "get", "api-recipients", ["task"]),
    ("recipients:write", "post", "api-recipients", ["task"]),
    ("recipients:write", "post", "api-recipients-batch", ["task"]),
    ("recipients:read", "get", "api-recipient", ["task", "recipient"]),
    ("recipients:write", "patch", "api-recipient", ["task", "recipient"]),
    ("recipients:write", "delete", "api-recipient", ["task", "recipient"]),
    ("imports:write", "post", "api-task-imports", ["task"]),
    ("imports:read", "get", "api-imports", []),
    ("imports:read", "get", "api-import", ["batch"]),
    ("imports:write", "post", "api-import-cancel", ["batch"]),
    ("imports:read", "get", "api-failed-rows", ["batch"]),
    ("imports:read", "get", "api-duplicate-rows", ["batch"]),
    ("imports:read", "get", "api-suppressed-rows", ["batch"]),
    ("imports:read", "get", "api-unprocessed-rows", ["batch"]),
    ("parameters:read", "get", "api-tenant-parameters", []),
    ("parameters:write", "put", "api-tenant-parameters", []),
]
NAMES = [f"{method} {name}" for _scope, method, name, _arguments in CALLS]


@pytest.fixture
def rows(tenant, task):
    """One of each of `tenant`, by the name of its argument."""
    now = timezone.now()
    with act_for(tenant):
        MarketingTask.objects.filter(pk=task.pk).update(recipient_count=1)
        recipient = task.recipients.create(address="+8613812345678", variables={"name": "Canary"})
        batch = ImportBatch.objects.create(task=task, number=1, state=ImportState.COMPLETE, begun_at=now, ended_at=now)
        return {"task": task.pk, "template": task.template_id, "recipient": recipient.pk, "batch": batch.pk}


def send(api: Caller, method: str, name: str, arguments: list) -> object:
    if method in ("post", "patch", "put"):
        return getattr(api, method)(name, *arguments, body={})
    return getattr(api, method)(name, *arguments)


@pytest.mark.parametrize(("scope", "method", "name", "arguments"), CALLS, ids=NAMES)
def test_a_token_opens_what_its_scope_says(tenant, rows, scope, method, name, arguments):
    with act_for(tenant):
        without, alone = (
            Caller(make.token(tenant.client, *scopes)) for scopes in (set(Scope.values) - {scope}, {scope})
        )
    at = [rows[argument] for argument in arguments]

    assert code_of(send(without, method, name, at)) == (403, "scope_missing")
    assert scope in send(without, method, name, at).json()["detail"]
    assert send(alone, method, name, at).status_code not in (401, 403)


@pytest.mark.parametrize(("scope", "method", "name", "arguments"), [one for one in CALLS if one[3]])
def test_what_is_another_tenants_does_not_exist(tenant, other_tenant, rows, scope, method, name, arguments):
    stranger = caller.of(other_tenant)

    answer = send(stranger, method, name, [rows[argument] for argument in arguments])

    unknown = [uuid4() if argument != "recipient" else 999_999 for argument in arguments]
    assert code_of(answer) == (404, "not_found")
    assert answer.json() == send(stranger, method, name, unknown).json()
    with act_for(tenant):
        assert MarketingTask.objects.get().recipients.get().variables == {"name": "Canary"}


@pytest.mark.parametrize("name", ["api-tasks", "api-imports", "api-message-templates"])
def test_lists_hold_the_callers_own(other_tenant, rows, name):
    assert caller.of(other_tenant).get(name).json()["results"] == []


def test_a_recipient_is_reached_through_its_own_task_only(api, tenant, rows):
    with act_for(tenant):
        other = make.task()

    assert code_of(api.get("api-recipient", other.pk, rows["recipient"])) == (404, "not_found")


def test_a_parent_of_ones_own_opens_no_child_of_another(api, other_tenant, task):
    with act_for(other_tenant):
        foreign = make.task().recipients.create(address="+8613899999999")

    assert code_of(api.get("api-recipient", task.pk, foreign.pk)) == (404, "not_found")
    assert code_of(api.delete("api-recipient", task.pk, foreign.pk)) == (404, "not_found")
    with act_for(other_tenant):
        assert Recipient.objects.filter(pk=foreign.pk).exists()


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"[" * 100_000, 400, "parse_error"),
        (b'{"name": ' * 30 + b"1" + b"}" * 30, 400, "parse_error"),
        (b"", 400, "validation"),
        (b"{", 400, "parse_error"),
        (b"null", 400, "validation"),
        (b'{"name": NaN}', 400, "parse_error"),
        (b'{"name": 1e400}', 400, "parse_error"),
        (b'{"name": ' + b"9" * 5_000 + b"}", 400, "parse_error"),
        (b'\xef\xbb\xbf{"name": "x"}', 400, "parse_error"),
        ('{"name": "x"}'.encode("utf-16"), 400, "parse_error"),
        (b'{"name": "\xff"}', 400, "parse_error"),
        (b'{"name": "a\\u0000"}', 400, "parse_error"),
        (b'{"name": "\\ud800"}', 400, "parse_error"),
        (b'{"name": "x", "name": "y"}', 400, "parse_error"),
        (b'{"name": "' + b"x" * 3_000_000 + b'"}', 413, "body_too_large"),
    ],
)
def test_a_body_that_is_not_plain_json_is_refused(api, content, status, code):
    assert code_of(api.raw("api-tasks", content=content)) == (status, code)


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b"[" * 30 + b"]" * 30, b"{", b'{"name": ' + b"9" * 5_000 + b"}", b'{"n": 1, "n": 2}']
)
def test_what_is_wrong_with_a_body_is_said_in_chinese_without_words_of_python(api, content):
    api.headers["Accept-Language"] = "zh-Hans"

    detail = api.raw("api-tasks", content=content).json()["detail"]

    assert not re.search("[a-z]{3}", detail.replace("JSON", "")), detail


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x", ""])
def test_another_format_is_not_taken(api, content_type):
    answer = api.raw("api-tasks", content=b"name=x", content_type=content_type)

    assert code_of(answer) == (415, "unsupported_media_type")
    assert answer.json()["detail"].endswith("is not taken here. Allowed: application/json.")


def test_a_form_that_breaks_off_is_refused(api, task):
    answer = api.raw("api-task-imports", task.pk, content=b"--x", content_type="multipart/form-data; boundary=x")

    assert answer.status_code == 400


def test_a_form_of_too_many_fields_is_refused(api, task):
    assert api.upload("api-task-imports", task.pk, **{f"n{n}": "x" for n in range(1_201)}).status_code == 400


def test_another_method_is_not_taken_and_the_possible_ones_are_named(api, task):
    answer = api.put("api-task", task.pk, body={})

    assert code_of(answer) == (405, "method_not_allowed")
    assert answer["Allow"] == "GET, PATCH, DELETE, HEAD, OPTIONS"
    assert answer.json()["detail"] == "PUT is not possible here. Allowed: GET, PATCH, DELETE, HEAD."


def test_options_and_head_answer_without_a_body(api, task):
    url = reverse("api-task", args=[task.pk])

    options = api.client.options(url, headers=api.headers)
    head = api.client.head(url, headers=api.headers)

    assert (options.status_code, options["Allow"]) == (200, "GET, PATCH, DELETE, HEAD, OPTIONS")
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("accept", ["text/html", "application/problem+json", "text/csv", "*/*"])
def test_the_answer_is_json_whatever_is_accepted(api, accept):
    answer = api.client.get(reverse("api-tasks"), headers=api.headers | {"Accept": accept})

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize("path", ["/api/v1/nothing/", "/api/v1/marketing-tasks/1/", "/api/v2/"])
def test_an_address_that_does_not_exist_is_a_problem_too(api, path):
    assert code_of(api.client.get(path, headers=api.headers)) == (404, "not_found")


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", ["/api/", "/api", "/api/v1/", "/api/v1/%ff/", "/api/v1/a%00b/", "/api/v1/%E4%BA%94/"])
def test_no_method_finds_what_is_not_there(api, method, path):
    assert code_of(getattr(api.client, method)(path, headers=api.headers)) == (404, "not_found")


@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_without_its_slash_an_address_leads_on_and_what_was_sent_goes_along(api, method):
    answer = getattr(api.client, method)("/api/v1/marketing-tasks", headers=api.headers)

    assert (answer.status_code, answer["Location"]) == (308, "/api/v1/marketing-tasks/")


@pytest.mark.parametrize("name", ["api-tasks", "api-imports", "api-opt-outs", "api-mapping-rules", "api-operation-log"])
@pytest.mark.parametrize("query", ["limit=%00", "cursor=%00", "cursor=%ff", "limit=0", "nothing=1", "%00=1", "a=%ff"])
def test_a_filter_that_is_none_is_refused(api, name, query):
    answer = api.client.get(f"{reverse(name)}?{query}", headers=api.headers)

    assert code_of(answer) == (400, "validation")


@pytest.mark.parametrize("path", ["/api/v1/marketing-tasks/", "/api/v1/nothing/", "/api/schema/"])
def test_a_host_that_is_not_ours_is_a_problem_in_the_language_of_the_reader(api, path):
    headers = api.headers | {"Host": "evil.example", "Accept-Language": "zh-hans"}

    answer = api.client.get(path, headers=headers)

    assert code_of(answer) == (400, "bad_request")
    assert answer.json()["detail"] == "无法识别该请求。"


@pytest.mark.parametrize("name", ["api-schema", "api-docs"])
def test_what_describes_the_api_is_only_read(api, name):
    assert code_of(api.post(name, body={})) == (405, "method_not_allowed")


@pytest.mark.parametrize("place", ["marketing.api.TaskList.tasks", "tenants.tokens.BearerTokens.authenticate"])
def test_while_the_database_is_away_callers_are_told_to_come_again(api, monkeypatch, place):
    """In a view, and before one is reached: the token stands in the database too."""

    def away(*_args):
        raise OperationalError("the database is away")

    api.client.raise_request_exception = False
    monkeypatch.setattr(place, away)

    answer = api.client.get(reverse("api-tasks"), headers=api.headers | {"Accept-Language": "zh-hans"})

    assert code_of(answer) == (503, "busy")
    assert answer["Retry-After"] == "1"
    assert answer.json()["detail"].startswith("控制台繁忙")


REFUSED = {  # status: how it comes about
    400: ("post", "api-tasks", b"{", "application/json", {}),
    401: ("get", "api-tasks", None, "", {"Authorization": "Bearer nobody"}),
    405: ("put", "api-imports", b"{}", "application/json", {}),
    413: ("post", "api-tasks", b" " * 3_000_000, "application/json", {}),
    415: ("post", "api-tasks", b"a=b", "application/x-www-form-urlencoded", {}),
}


@pytest.mark.parametrize("status", REFUSED)
def test_every_kind_of_refusal_speaks_the_language_of_the_reader(api, status):
    method, name, content, content_type, headers = REFUSED[status]
    said = []
    for language in ("en", "zh-hans"):
        told = api.headers | {"Accept-Language": language} | headers
        answer = getattr(api.client, method)(reverse(name), content, content_type=content_type, headers=told)
        assert answer["Content-Language"] == language
        assert code_of(answer)[0] == status
        said.append(answer.json()["detail"])

    assert said[0].isascii()
    assert not said[1].isascii()


@pytest.mark.parametrize("language", ["x" * 5_000, "zh-hans;q=\0", "*", ",;q=", "../../etc/passwd", "zz"])
def test_a_language_that_is_none_is_answered_in_english(api, language):
    answer = api.client.get(reverse("api-task", args=[uuid4()]), headers=api.headers | {"Accept-Language": language})

    assert answer.json()["detail"] == "There is nothing here, or it is not yours."


@pytest.mark.parametrize(
    ("fault", "status", "code"), [(RuntimeError, 500, "server_error"), (OperationalError, 503, "busy")]
)
def test_what_breaks_on_our_side_is_a_problem_too_and_changes_nothing(api, tenant, monkeypatch, fault, status, code):
    def break_off(template, _defaults):
        template.save()
        raise fault("lock timeout")

    api.client.raise_request_exception = False
    monkeypatch.setattr("marketing.saving.save_template", break_off)

    answer = api.post("api-message-templates", body={"name": "x", "medium": "sms", "body": "Hi"})

    assert code_of(answer) == (status, code)
    assert "lock timeout" not in answer.content.decode()
    assert answer.headers.get("Retry-After") == ("1" if status == 503 else None)
    with act_for(tenant):
        assert not tenant.message_templates.exists()


def test_sentences_are_in_the_language_of_the_reader(api):
    headers = api.headers | {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"}

    answer = api.client.post(reverse("api-message-templates"), "{}", content_type="application/json", headers=headers)

    assert answer.json()["errors"]["name"] == [{"code": "required", "detail": "该字段是必填项。"}]
    assert answer["Content-Language"] == "zh-hans"


def test_answers_are_not_kept_by_caches(api):
    assert api.get("api-tasks")["Cache-Control"] == "no-store"


def test_a_person_needs_the_token_of_the_form(tenant):
    api = Caller(user=tenant.administrator)
    api.client.handler.enforce_csrf_checks = True

    assert api.get("api-tasks").status_code == 200
    api.headers["Accept-Language"] = "zh-Hans"
    refused = api.post("api-tasks", body={})
    assert code_of(refused) == (403, "permission_denied")
    assert "X-CSRFToken" in refused.json()["detail"]
    assert "Failed" not in refused.json()["detail"]


def test_what_an_error_interrupts_leaves_nothing(api, tenant):
    """The template is saved before its variables are found to be wrong: the answer undoes it."""
    body = {"name": "Half", "medium": "sms", "body": "Hi ${name}", "variables": [{"name": "age"}]}

    assert errors_of(api.post("api-message-templates", body=body)) == {"variables": "variable_not_in_text"}
    assert api.get("api-message-templates").json()["results"] == []
