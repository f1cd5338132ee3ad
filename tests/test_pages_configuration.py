"""Configuration Center: Tenant Parameter and Notification Template."""

import pytest

from marketing import intake
from marketing.models import MessageTemplate
from marketing.rules import Draft
from tenants.parameters import parameters_of
from tenants.scoping import act_for

from . import make
from .pages import Person, text_of

NUMBERS = {
    "min_number_length": "11",
    "max_number_length": "11",
    "begin_digits": "13,15",
    "international_crown_code": "00",
    "international_area_code": "86",
    "number_plan_check": "possible",
}


@pytest.fixture
def administrator(tenant) -> Person:
    return Person(tenant.administrator)


@pytest.fixture
def viewer(tenant) -> Person:
    return Person(tenant.viewer)


def test_every_parameter_is_shown_with_its_name_default_and_range(administrator):
    text = text_of(administrator.get("tenants:parameters"))

    for name in (
        "Minimum length of outbound customer number",
        "Maximum length of outbound customer number",
        "The begin digits of the customer number",
        "International Crown Code",
        "International area code",
        "Number plan check",
    ):
        assert name in text
    assert "1 to 24, not below the minimum" in text


def test_parameters_are_saved(tenant, administrator):
    answer = administrator.post("tenants:parameters-save", **NUMBERS)

    assert answer.status_code == 302
    with act_for(tenant):
        assert parameters_of(tenant) == parameters_of(tenant) | NUMBERS


def test_a_value_that_does_not_fit_saves_nothing_and_stays_on_the_page(tenant, administrator):
    with act_for(tenant):
        before = parameters_of(tenant)

    answer = administrator.post("tenants:parameters-save", **(NUMBERS | {"max_number_length": "3"}))

    assert "must not be below the minimum length (11)" in text_of(answer)
    assert 'value="3"' in answer.content.decode()
    with act_for(tenant):
        assert parameters_of(tenant) == before


@pytest.mark.parametrize(
    ("number", "said", "checks"),
    [
        ("0086 138-0000-1201", "It would be stored as +8613800001201", [True] * 5),
        ("138x", "The number has the character “x”", [False, None, None, None, None]),
        ("+852 1234 5678", "The number is of the country +852", [True, False, None, None, None]),
        ("138000012", "The number has 9 national digits", [True, True, False, None, None]),
        ("17000000012", "must begin with one of these groups", [True, True, True, False, None]),
    ],
)
def test_a_number_is_tried_with_the_values_on_the_page(tenant, administrator, number, said, checks):
    answer = administrator.post("tenants:number-try", number=number, **NUMBERS)

    assert said in text_of(answer)
    assert [check["passed"] for check in answer.context["checks"]] == checks
    with act_for(tenant):
        assert parameters_of(tenant)["begin_digits"] == ""  # nothing was stored


def test_a_number_is_not_tried_with_values_that_cannot_be(administrator):
    answer = administrator.post("tenants:number-try", number="138", **(NUMBERS | {"min_number_length": "many"}))

    assert "The number was not tried." in text_of(answer)


def test_a_viewer_reads_parameters_and_saves_none(viewer):
    assert "disabled" in viewer.get("tenants:parameters").content.decode()
    assert viewer.post("tenants:parameters-save", **NUMBERS).status_code == 403
    assert viewer.post("tenants:number-try", number="138", **NUMBERS).status_code == 403


def test_a_template_is_created_with_the_variables_of_its_text(tenant, administrator):
    form = {"name": "Offer", "medium": "sms", "body": "Dear ${name}, until ${day}", "value:day": "31 Dec"}

    answer = administrator.post("marketing:message-template-create", **form)

    assert answer.status_code == 302
    with act_for(tenant):
        template = MessageTemplate.objects.get(name="Offer")
    assert template.variables == [{"name": "name", "default": None}, {"name": "day", "default": "31 Dec"}]
    assert "Offer" in text_of(administrator.get("marketing:message-templates"))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": "Taken"}, "This name is taken."),
        ({"body": ""}, "This field is required."),
        ({"body": "Dear ${na me}"}, "cannot be the name of a variable"),
        ({"body": "Dear ${name"}, "The text has a “${” without its “}”."),
        ({"body": "Dear ${address}"}, "is reserved"),
        ({"value:name": "x" * 501}, "The value of “name” has 501 characters"),
    ],
)
def test_a_template_that_does_not_fit_is_refused(tenant, administrator, change, sentence):
    with act_for(tenant):
        make.template(name="Taken")

    answer = administrator.post(
        "marketing:message-template-create", **({"name": "Offer", "medium": "sms", "body": "Dear ${name}"} | change)
    )

    assert answer.status_code == 200
    assert sentence in text_of(answer)


def test_the_variables_of_a_template_in_use_stay(tenant, administrator):
    with act_for(tenant):
        task = make.task(body="Dear ${name}")
        with intake.lock(task.pk) as locked:
            intake.admit(locked, Draft("+8613800000001", {"name": "Ann"}))
        template = task.template

    form = {"name": template.name, "medium": "sms", "body": "Dear ${other}"}
    answer = administrator.post("marketing:message-template-edit", template.pk, **form)

    assert "Tasks with recipients use this template" in text_of(answer)


def test_a_template_is_deleted_unless_a_task_uses_it(tenant, administrator):
    with act_for(tenant):
        free, used = make.template(name="Free"), make.task().template

    administrator.post("marketing:message-template-delete", free.pk)
    refused = administrator.client.post(f"/configuration-center/notification-template/{used.pk}/delete/", follow=True)

    assert "1 tasks use this template." in text_of(refused)
    with act_for(tenant):
        assert set(MessageTemplate.objects.values_list("pk", flat=True)) == {used.pk}


def test_a_viewer_reads_templates_and_changes_none(tenant, viewer):
    with act_for(tenant):
        template = make.template()

    assert viewer.get("marketing:message-templates").status_code == 200
    assert viewer.get("marketing:message-template-edit", template.pk).status_code == 403
    assert viewer.post("marketing:message-template-create", name="Offer").status_code == 403


def test_templates_of_another_tenant_do_not_exist(other_tenant, administrator):
    with act_for(other_tenant):
        template = make.template()

    assert administrator.get("marketing:message-template-edit", template.pk).status_code == 404
