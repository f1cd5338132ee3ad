"""Outbound Call > mMarketing: one task, and what can be done with it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from marketing import intake
from marketing.models import MarketingTask
from marketing.rules import Draft
from marketing.states import TaskState
from tenants.scoping import act_for

from . import make
from .pages import Person, text_of

FORM = {"name": "Winter", "task_type": "marketing", "medium": "sms", "begin_at": "2026-12-01T09:00"}
FORM |= {"end_at": "2026-12-31T18:00"}


def new_task(tenant, **fields) -> MarketingTask:
    with act_for(tenant):
        return make.task(**fields)


def add_recipient(tenant, task) -> None:
    with act_for(tenant), intake.lock(task.pk) as locked:
        intake.admit(locked, Draft("+8613800000001", {"name": "Ann"}))


def state_of(tenant, task) -> str:
    with act_for(tenant):
        return MarketingTask.objects.get(pk=task.pk).state


def test_tasks_of_another_tenant_do_not_exist(other_tenant, administrator):
    task = new_task(other_tenant)

    assert administrator.get("marketing:task", task.pk).status_code == 404
    assert administrator.post("marketing:task-delete", task.pk, confirmed="yes").status_code == 404
    assert not administrator.get("marketing:tasks").context["tasks"]


def test_a_task_is_created_as_a_draft_with_its_policy(tenant, administrator):
    with act_for(tenant):
        template = make.template()
    policy = {"window_1_begin": "09:00", "window_1_end": "12:00", "special_dates": "2026-12-25, 2026-12-24"}

    answer = administrator.post("marketing:task-create", **FORM, **policy, template=template.pk)

    with act_for(tenant):
        task = MarketingTask.objects.get(name="Winter")
    assert answer.status_code == 302
    assert (task.state, task.created_by_id) == (TaskState.DRAFT, tenant.administrator.pk)
    assert task.windows == [{"begin": "09:00", "end": "12:00"}]
    assert task.special_dates == ["2026-12-24", "2026-12-25"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "Task name · Write a name of 1–100 characters."),
        ({"name": "Taken"}, "This name is taken."),
        ({"end_at": "2026-11-01T09:00"}, "The end must be after the begin."),
        ({"description": "a=b"}, "None of these characters is allowed"),
        ({"medium": "email"}, "The template is for another medium than the task."),
        ({"medium": "whatsapp"}, "is switched off for this tenant space"),
        ({"window_1_begin": "12:00", "window_1_end": "09:00"}, "A sending window goes from a time to a later time"),
        ({"window_1_begin": "12:00"}, "A sending window goes from a time to a later time"),
        ({"special_dates": "Christmas"}, "“Christmas” is not a day"),
        ({"task_type": "care"}, "A Care task needs a scenario"),
        ({"template": ""}, "Choose one of the templates of this tenant space."),
        ({"template": "5bd4ba4e-0000-4000-8000-000000000000"}, "Choose one of the templates of this tenant space."),
        ({"end_at": ""}, "Write a day and a time, such as 2026-12-01 09:00."),
        ({"begin_at": "soon", "description": "2026-12-01T09:00"}, "Write a day and a time"),
        ({"window_2_begin": "9 o’clock"}, "Begin of window 2 · Write a time of the day, such as 09:00."),
    ],
)
def test_a_task_that_does_not_fit_is_refused_and_what_was_typed_stays(tenant, administrator, change, sentence):
    new_task(tenant, name="Taken")
    with act_for(tenant):
        template = make.template()

    answer = administrator.post("marketing:task-create", **(FORM | {"template": template.pk} | change))

    assert answer.status_code == 200
    assert sentence in text_of(answer)
    assert "2026-12-01T09:00" in answer.content.decode()
    assert "Constraint" not in text_of(answer)


def test_a_task_is_edited(tenant, administrator):
    task = new_task(tenant)

    answer = administrator.post("marketing:task-edit", task.pk, **FORM, template=task.template_id)

    assert answer.status_code == 302
    with act_for(tenant):
        assert MarketingTask.objects.get(pk=task.pk).name == "Winter"


def test_a_change_of_somebody_else_meanwhile_is_said_and_only_then_replaced(tenant, administrator):
    task = new_task(tenant)
    mine = FORM | {"template": task.template_id, "name": "Mine", "description": "typed"}
    seen = administrator.get("marketing:task-edit", task.pk).context["form"]["seen"].value()
    administrator.post("marketing:task-edit", task.pk, **(mine | {"name": "Theirs", "seen": seen}))

    refused = administrator.post("marketing:task-edit", task.pk, **(mine | {"seen": seen}))
    renewed = refused.context["form"]["seen"].value()
    again = administrator.post("marketing:task-edit", task.pk, **(mine | {"seen": renewed}))

    assert "Somebody else changed this after you opened it." in text_of(refused)
    assert refused.context["form"]["description"].value() == "typed"
    assert again.status_code == 302
    with act_for(tenant):
        assert MarketingTask.objects.get().name == "Mine"


def test_recipients_that_came_meanwhile_are_no_change_of_the_task(tenant, administrator):
    task = new_task(tenant)
    seen = administrator.get("marketing:task-edit", task.pk).context["form"]["seen"].value()
    add_recipient(tenant, task)

    answer = administrator.post("marketing:task-edit", task.pk, **FORM, template=task.template_id, seen=seen)

    assert answer.status_code == 302


def test_without_script_a_button_shows_the_preview_and_saves_nothing(tenant, administrator):
    with act_for(tenant):
        template = make.template()

    answer = administrator.post(
        "marketing:task-create", template=template.pk, medium="sms", preview="yes", **{"sample:name": "Ann"}
    )

    assert "Dear Ann Length 1 SMS part" in text_of(answer)
    assert "The task is not saved." not in text_of(answer)
    with act_for(tenant):
        assert not MarketingTask.objects.exists()


def test_a_running_task_cannot_be_edited(tenant, administrator):
    task = new_task(tenant, state=TaskState.RUNNING)

    answer = administrator.client.get(f"/outbound-call/mmarketing/{task.pk}/edit/", follow=True)

    assert "A task can be edited in Draft and Suspended only." in text_of(answer)


@pytest.mark.parametrize(
    ("action", "state", "moved"),
    [
        ("publish", TaskState.DRAFT, TaskState.RUNNING),
        ("suspend", TaskState.RUNNING, TaskState.SUSPENDED),
        ("resume", TaskState.SUSPENDED, TaskState.RUNNING),
        ("complete", TaskState.RUNNING, TaskState.COMPLETED),
    ],
)
def test_a_task_is_moved(tenant, administrator, action, state, moved):
    task = new_task(tenant)
    add_recipient(tenant, task)
    with act_for(tenant):
        MarketingTask.objects.update(state=state)

    answer = administrator.post(f"marketing:task-{action}", task.pk)

    assert answer.status_code == 302
    assert state_of(tenant, task) == moved


def test_publishing_without_recipients_is_refused_with_the_reason(tenant, administrator):
    task = new_task(tenant)

    answer = administrator.client.post(f"/outbound-call/mmarketing/{task.pk}/publish/", follow=True)

    assert state_of(tenant, task) == TaskState.DRAFT
    assert "The task has no recipients yet." in text_of(answer)


@pytest.mark.parametrize("action", ["publish", "complete", "delete"])
def test_what_cannot_be_undone_is_asked_first_as_a_page_and_as_a_dialog(tenant, administrator, action):
    task = new_task(tenant, name="Autumn")

    page = administrator.get(f"marketing:task-{action}", task.pk)
    dialog = administrator.get(f"marketing:task-{action}", task.pk, htmx=True)

    assert "“Autumn”?" in text_of(page)
    assert b"<html" in page.content
    assert b"<html" not in dialog.content
    assert b'data-role="alertdialog"' in dialog.content


@pytest.mark.parametrize("action", ["suspend", "resume", "copy"])
def test_a_move_is_only_posted(tenant, administrator, action):
    task = new_task(tenant)

    answer = administrator.get(f"marketing:task-{action}", task.pk)

    assert (answer.status_code, answer["Location"]) == (302, reverse("marketing:task", args=[task.pk]))


def test_a_task_is_copied_without_its_recipients(tenant, administrator):
    task = new_task(tenant, name="Autumn")
    add_recipient(tenant, task)

    administrator.post("marketing:task-copy", task.pk)

    with act_for(tenant):
        copied = MarketingTask.objects.get(name="Autumn (2)")
    assert (copied.state, copied.recipient_count) == (TaskState.DRAFT, 0)


def test_a_copy_that_is_not_possible_says_why(tenant, administrator):
    task = new_task(tenant)
    tenant.sms_marketing = False
    tenant.save(update_fields=["sms_marketing"])

    answer = administrator.client.post(f"/outbound-call/mmarketing/{task.pk}/copy/", follow=True)

    assert "is switched off for this tenant space" in text_of(answer)


def test_a_task_is_deleted_once_that_is_confirmed(tenant, administrator):
    task = new_task(tenant)

    administrator.post("marketing:task-delete", task.pk)
    with act_for(tenant):
        assert MarketingTask.objects.filter(pk=task.pk).exists()

    administrator.post("marketing:task-delete", task.pk, confirmed="0")
    with act_for(tenant):
        assert not MarketingTask.objects.filter(pk=task.pk).exists()


@pytest.mark.parametrize(("typed", "is_deleted"), [("yes", False), ("1", False), ("1,200", True), ("1200", True)])
def test_deleting_many_recipients_with_a_task_needs_their_number(tenant, administrator, typed, is_deleted):
    task = new_task(tenant, recipient_count=1_200)

    administrator.post("marketing:task-delete", task.pk, confirmed=typed)

    with act_for(tenant):
        assert MarketingTask.objects.filter(pk=task.pk).exists() is not is_deleted


def test_a_viewer_reads_and_changes_nothing(tenant, viewer):
    task = new_task(tenant)

    assert viewer.get("marketing:tasks").status_code == 200
    assert "Only a tenant administrator may do this." in text_of(viewer.get("marketing:task", task.pk))
    for name in ("task-edit", "task-delete", "task-publish", "task-complete"):
        assert viewer.post(f"marketing:{name}", task.pk, confirmed="yes").status_code == 403
    assert viewer.post("marketing:task-create", **FORM).status_code == 403


def test_nobody_reads_without_signing_in(tenant):
    answer = Person().get("marketing:tasks")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_home_names_what_ends_soon(tenant, administrator):
    soon = timezone.now() + timedelta(days=2)
    new_task(tenant, name="Last call", state=TaskState.RUNNING, end_at=soon)

    answer = administrator.get("importer:home")

    assert "“Last call” ends" in text_of(answer)
    assert answer.context["figures"]["running"] == 1
