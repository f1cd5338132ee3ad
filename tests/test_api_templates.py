"""REST: message templates, whose variables are found in their text."""

from uuid import uuid4

import pytest

from marketing.models import MessageTemplate
from tenants.scoping import act_for

from . import caller, make
from .caller import code_of, errors_of

GOOD = {"name": "Renewal", "medium": "sms", "body": "Dear ${name}, until ${date}."}


@pytest.fixture
def api(tenant):
    return caller.of(tenant)


@pytest.fixture
def template(tenant):
    with act_for(tenant):
        return make.template("Dear ${name}", name="Renewal", defaults={"name": "customer"})


def test_a_template_is_created_with_the_variables_of_its_text(api):
    answer = api.post("api-message-templates", body=GOOD | {"variables": [{"name": "name", "default": "customer"}]})

    assert answer.status_code == 201, answer.content
    created = answer.json()
    assert answer["Location"].endswith(f"/api/v1/message-templates/{created['id']}/")
    assert created == GOOD | {
        "id": created["id"],
        "subject": "",
        "variables": [{"name": "name", "default": "customer"}, {"name": "date", "default": None}],
    }
    assert api.get("api-message-template", created["id"]).json() == created
    assert api.get("api-message-templates").json() == {"next": None, "previous": None, "results": [created]}


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"name": ""}, {"name": "blank"}),
        ({"body": 5}, {"body": "text"}),
        ({"body": "x" * 2001}, {"body": "max_length"}),
        ({"body": "${na-me}"}, {"body": "variable_name"}),
        ({"body": "${address}"}, {"body": "variable_reserved"}),
        ({"body": "${a_b} ${ab}"}, {"body": "variable_alike"}),
        ({"body": "${name"}, {"body": "variable_unclosed"}),
        ({"medium": "fax"}, {"medium": "invalid_choice"}),
        ({"variables": [{"name": "age"}]}, {"variables": "variable_not_in_text"}),
        ({"variables": [{"name": "name", "default": 5}]}, {"variables.0.default": "text"}),
        ({"variables": [{"default": "x"}]}, {"variables.0.name": "required"}),
        ({"variables": ["name"]}, {"variables.0": "format"}),
        ({"variables": {"name": "x"}}, {"variables": "not_a_list"}),
        ({"tenant": "x"}, {"tenant": "unknown_field"}),
    ],
)
def test_a_value_is_refused_by_its_name(api, tenant, change, errors):
    assert errors_of(api.post("api-message-templates", body=GOOD | change)) == errors
    with act_for(tenant):
        assert not MessageTemplate.objects.exists()


def test_a_name_is_taken_once(api, template):
    assert errors_of(api.post("api-message-templates", body=GOOD)) == {"name": "name_taken"}


def test_a_change_keeps_the_defaults_that_it_does_not_name(api, template):
    answer = api.patch("api-message-template", template.pk, body={"body": "Hi ${name} of ${town}"})

    assert answer.json()["variables"] == [{"name": "name", "default": "customer"}, {"name": "town", "default": None}]


@pytest.mark.parametrize(
    ("entry", "errors"),
    [({"default": "x"}, {"variables.0.name": "required"}), ({}, {"variables.0.name": "required"})],
)
def test_what_a_change_names_is_whole(api, template, entry, errors):
    assert errors_of(api.patch("api-message-template", template.pk, body={"variables": [entry]})) == errors


def test_a_variable_named_without_a_default_loses_it(api, template):
    answer = api.patch("api-message-template", template.pk, body={"variables": [{"name": "name"}]})

    assert answer.json()["variables"] == [{"name": "name", "default": None}]


def test_variables_stay_while_recipients_have_values_for_them(api, tenant, template):
    with act_for(tenant):
        make.task(template=template, recipient_count=1)

    refused = api.patch("api-message-template", template.pk, body={"body": "Hi ${town}"})

    assert errors_of(refused) == {"body": "template_in_use"}
    assert api.get("api-message-template", template.pk).json()["body"] == "Dear ${name}"


def test_a_template_in_use_is_not_deleted(api, tenant, template):
    with act_for(tenant):
        task = make.task(template=template)

    assert code_of(api.delete("api-message-template", template.pk)) == (409, "template_used")
    with act_for(tenant):
        task.delete()
    assert api.delete("api-message-template", template.pk).status_code == 204
    assert code_of(api.delete("api-message-template", template.pk)) == (404, "not_found")


def test_an_unknown_one_is_not_there(api):
    assert code_of(api.get("api-message-template", uuid4())) == (404, "not_found")
