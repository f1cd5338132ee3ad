"""REST: the OpenAPI schema says what there is, and its reader works under the page's own policy."""

import io
import json
import re

import pytest
from django.core.management import call_command
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator

from importer.downloads import XLSX


@pytest.fixture(scope="module")
def schema() -> dict:
    out = io.StringIO()
    call_command("spectacular", "--format", "openapi-json", stdout=out)
    return json.loads(out.getvalue())


def test_the_schema_is_valid_and_made_without_a_warning(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml"))


def test_every_rest_address_is_in_it(schema):
    names = {
        str(pattern.pattern)
        for resolver in get_resolver().url_patterns
        if str(resolver.pattern) == "api/v1/"
        for pattern in resolver.url_patterns
    }

    assert len(schema["paths"]) == len(names) == 70


def test_each_operation_has_its_own_name_a_tag_a_scope_and_problems(schema):
    operations = [one for path in schema["paths"].values() for method, one in path.items() if method != "parameters"]

    assert len({one["operationId"] for one in operations}) == len(operations)
    for one in operations:
        is_system = one["operationId"].startswith("system_")
        assert one["tags"] != [""]
        assert ("For system administrators" if is_system else "Scope: `") in one["description"]
        assert one["security"] == [{"cookieAuth" if is_system else "bearer": []}]
        assert one["responses"]["400"]["content"].keys() == {"application/problem+json"}
    assert schema["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert schema["openapi"].startswith("3.1")


def test_a_body_holds_nothing_that_is_not_listed(schema):
    requests = {name: one for name, one in schema["components"]["schemas"].items() if name.endswith("Request")}

    assert {"MarketingTaskRequest", "RecipientRequest", "UploadRequest"} <= requests.keys()
    bodies = {name: one for name, one in requests.items() if "oneOf" not in one}  # which is one of the others
    assert {name for name, one in bodies.items() if one["additionalProperties"] is not False} == set()


def test_rows_past_their_time_are_documented(schema):
    assert "410" in schema["paths"]["/api/v1/imports/{batch_id}/failed-rows/"]["get"]["responses"]


def test_who_asks_another_machine_may_hear_that_it_does_not_answer(schema):
    asking = {
        path
        for path, operations in schema["paths"].items()
        for one in operations.values()
        if isinstance(one, dict) and {"502", "504"} <= one["responses"].keys()
    }

    server = "/api/v1/file-servers/{file_server_id}/"
    assert asking == {f"{server}files/", f"{server}host-key/", "/api/v1/smartcare-integration/test/"}


def test_an_upload_is_a_form_with_a_file(schema):
    content = schema["paths"]["/api/v1/marketing-tasks/{task_id}/imports/"]["post"]["requestBody"]["content"]

    assert list(content) == ["multipart/form-data", "application/json", "text/csv", XLSX]


def test_the_schema_is_served_to_anybody(client, db):
    answer = client.get("/api/schema/")

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/vnd.oai.openapi+json")
    assert json.loads(answer.content)["info"]["title"] == "AICC console API"


def test_it_is_made_once_and_in_english(client, db, monkeypatch):
    first = client.get("/api/schema/", headers={"Accept-Language": "zh-hans"})
    monkeypatch.setattr(SchemaGenerator, "get_schema", lambda *_args, **_options: 1 / 0)

    second = client.get("/api/schema/")

    assert second.content == first.content
    assert not re.search("[\u4e00-\u9fff]", first.content.decode())


def test_its_reader_needs_no_inline_script_and_no_other_host(client, db):
    page = client.get("/api/docs/")
    script = client.get("/api/docs/?script=")

    text = page.content.decode()
    assert page.status_code == script.status_code == 200
    assert "<style" not in text
    assert "://" not in text
    assert text.count("<script src=") == text.count("<script") == 3
    assert "default-src 'self'" in page["Content-Security-Policy"]
    assert script["Content-Type"].startswith("application/javascript")
