"""Configuration Center > Notification Template: the list, the form with its preview, where a template is used."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketing import intake
from marketing.models import MessageTemplate
from marketing.rules import Draft
from tenants.scoping import act_for

from . import make
from .pages import text_of

LIST, EDIT, PREVIEW = "marketing:message-templates", "marketing:message-template-edit", "marketing:message-preview"


def new_template(tenant, body: str = "Dear ${name}", **fields) -> MessageTemplate:
    with act_for(tenant):
        return make.template(body, **fields)


def shown_in(answer) -> list[str]:
    return [template.name for template in answer.context["templates"]]


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
        ({"name": ""}, "Template name · Write a name of 1–100 characters."),
        ({"body": ""}, "Content · Write the text of the message, of 1–2,000 characters."),
        (
            {"medium": "whatsapp", "body": "x" * 1_025},
            "A WhatsApp message holds up to 1,024 characters; this text has 1,025.",
        ),
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

    assert "This template is in use (tasks: 1)." in text_of(refused)
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


def test_the_list_is_searched_by_name_content_and_medium(tenant, administrator):
    new_template(tenant, name="Winter offer")
    new_template(tenant, "Winter is here", name="Greeting")
    new_template(tenant, name="Winter mail", medium="email")
    new_template(tenant, name="Summer")

    assert shown_in(administrator.get(LIST, name="winter", medium="sms")) == ["Greeting", "Winter offer"]
    assert "No template fits this search" in text_of(administrator.get(LIST, name="autumn"))


def test_the_list_asks_the_database_equally_often_for_one_template_and_for_twenty(tenant, administrator):
    new_template(tenant)
    administrator.get(LIST)
    with CaptureQueriesContext(connection) as for_one:
        administrator.get(LIST)
    for _ in range(19):
        with act_for(tenant):
            make.task()

    with CaptureQueriesContext(connection) as for_twenty:
        administrator.get(LIST)

    assert len(for_twenty) == len(for_one)


def test_a_template_is_copied_under_a_free_name(tenant, administrator):
    template = new_template(tenant, "Until ${day}", name="Offer", defaults={"day": "31 Dec"})

    answer = administrator.post("marketing:message-template-copy", template.pk)

    with act_for(tenant):
        copied = MessageTemplate.objects.get(name="Offer (2)")
    assert (copied.body, copied.variables) == (template.body, template.variables)
    assert answer["Location"].endswith(f"/{copied.pk}/")


def test_the_form_names_the_tasks_that_use_the_template(tenant, administrator):
    with act_for(tenant):
        task = make.task(name="Autumn")

    used = administrator.get(EDIT, task.template_id)
    free = administrator.get(EDIT, new_template(tenant).pk)

    assert "In use by 1 task Autumn Autumn Draft" in text_of(used)
    assert "No task uses this template." in text_of(free)


def test_a_change_of_somebody_else_meanwhile_is_said_and_only_then_replaced(tenant, administrator):
    template = new_template(tenant, name="Offer")
    form = {"name": "Mine", "medium": "sms", "body": "Dear ${name}"}
    seen = administrator.get(EDIT, template.pk).context["form"]["seen"].value()
    administrator.post(EDIT, template.pk, **(form | {"name": "Theirs", "seen": seen}))

    refused = administrator.post(EDIT, template.pk, **(form | {"seen": seen}))
    again = administrator.post(EDIT, template.pk, **(form | {"seen": refused.context["form"]["seen"].value()}))

    assert "Somebody else changed this after you opened it." in text_of(refused)
    assert refused.context["form"]["name"].value() == "Mine"
    assert again.status_code == 302
    with act_for(tenant):
        assert MessageTemplate.objects.get().name == "Mine"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"medium": "sms", "body": "Dear ${name}", "value:name": "Ann"}, "Dear Ann Length 1 SMS part for each"),
        ({"medium": "sms", "body": "Dear ${name}"}, "A variable without a value is shown, and counted, as it is"),
        ({"medium": "sms", "body": "x" * 161}, "2 SMS parts for each recipient GSM 7-bit, 153 characters a part"),
        ({"medium": "sms", "body": "x" * 161}, "161 of 306 characters"),
        ({"medium": "sms", "body": "€"}, "2 of 160 characters"),
        ({"medium": "sms", "body": "It’s"}, "Unicode, 70 characters a part 4 of 70 characters"),
        ({"medium": "sms", "body": "It’s"}, "(U+2019). Unicode parts hold fewer characters."),
        ({"medium": "email", "subject": "Bill ${n}", "body": "Dear you", "value:n": "7"}, "Bill 7 Dear you"),
        ({"medium": "email", "body": "It’s"}, "4 characters"),
        ({"medium": "whatsapp", "body": "x" * 1_025}, "1,025 of 1,024 characters It is too long for WhatsApp."),
        ({"medium": "sms", "body": "Dear ${na me}"}, "“na me” cannot be the name of a variable"),
        ({"medium": "sms", "body": "Dear ${name"}, "The text has a “${” without its “}”."),
        ({"medium": "sms", "body": "${a} ${A}"}, "differ only in case"),
    ],
)
def test_the_preview_shows_the_message_its_length_and_what_is_wrong(administrator, typed, said):
    text = text_of(administrator.post(PREVIEW, htmx=True, **typed))

    assert said in text


def test_the_preview_of_a_chosen_template_takes_its_defaults(tenant, administrator):
    template = new_template(tenant, "${name}: until ${day}", defaults={"day": "31 Dec"})

    answer = administrator.post(PREVIEW, **{"template": template.pk, "medium": "sms", "sample:name": "Ann"})

    assert answer.context["preview"].body_pieces == [("Ann", "value"), (": until ", ""), ("31 Dec", "value")]


def test_a_value_is_shown_as_text_never_as_html(administrator):
    answer = administrator.post(PREVIEW, **{"body": "Dear ${name}", "value:name": "<b>Ann</b>"})

    assert b"&lt;b&gt;Ann&lt;/b&gt;" in answer.content


def test_what_is_typed_for_a_preview_is_neither_stored_nor_logged(tenant, administrator, caplog):
    caplog.set_level("DEBUG")
    template = new_template(tenant, "${name}: until ${day}")
    typed = {"template": template.pk, "medium": "sms", "sample:name": "Zhang Weiwei"}
    by_button = {"name": "Offer", "task_type": "marketing", "preview": "yes"} | typed

    with CaptureQueriesContext(connection) as asked:
        answers = [
            administrator.post(PREVIEW, htmx=True, **typed),
            administrator.post("marketing:task-create", **by_button),
        ]

    assert all("Zhang Weiwei" in text_of(answer) for answer in answers)
    assert [query["sql"] for query in asked if "Zhang" in query["sql"]] == []
    assert "Zhang" not in caplog.text


def test_a_preview_is_posted_with_its_csrf_token_and_never_asked_for_in_an_address(tenant, administrator):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(tenant.administrator)

    assert strict.post(reverse(PREVIEW), {"body": "x"}).status_code == 403
    assert administrator.get(PREVIEW, body="x")["Location"] == reverse("marketing:message-templates")


@pytest.mark.parametrize("typed", [{}, {"template": "made-up"}, {"medium": "pigeon", "body": "x"}])
def test_an_odd_preview_is_an_empty_one(administrator, typed):
    assert administrator.post(PREVIEW, **typed).status_code == 200


def test_without_script_a_button_shows_variables_and_preview_and_saves_nothing(tenant, administrator):
    form = {"name": "Offer", "medium": "sms", "body": "Dear ${name}", "preview": "yes"}

    answer = administrator.post("marketing:message-template-create", **form)

    assert b'name="value:name"' in answer.content
    assert "The template is not saved." not in text_of(answer)
    with act_for(tenant):
        assert not MessageTemplate.objects.exists()
