"""Creating and editing a marketing task: one function each, which forms and REST call."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from marketing import intake, saving
from marketing.models import MarketingTask
from marketing.states import TaskState

from . import make

DRAFT, RUNNING = TaskState.DRAFT, TaskState.RUNNING


def change(task: MarketingTask, **fields) -> MarketingTask:
    for name, value in fields.items():
        setattr(task, name, value)
    task.save(update_fields=list(fields))
    return task


@pytest.fixture
def task(acting) -> MarketingTask:
    """A Draft with one recipient."""
    made = make.task(tenant=acting)
    with intake.lock(made.pk) as locked:
        intake.admit(locked, intake.Draft("+8613800000001", {"name": "Ann"}))
    made.recipient_count = 1
    return made


def test_a_new_task_is_a_draft_of_its_creator(acting):
    task = saving.create_task(unsaved(acting), acting.administrator)

    assert (task.state, task.created_by) == (DRAFT, acting.administrator)


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"name": ""}, {"name": "blank"}),
        ({"name": "x" * 101}, {"name": "max_length"}),
        ({"name": "a\tb"}, {"name": "control_characters"}),
        ({"description": "a;b"}, {"description": "description_characters"}),  # none of "[]=;<>
        ({"description": "x" * 201}, {"description": "max_length"}),
        ({"begin_at": timezone.now() + timedelta(days=40_000)}, {"end_at": "period"}),
        ({"end_at": datetime(9999, 12, 31, tzinfo=UTC)}, {"end_at": "period_year"}),  # another year elsewhere
        ({"begin_at": datetime(1, 1, 1, tzinfo=UTC)}, {"begin_at": "period_year"}),
        ({"care_scenario": "voice"}, {"care_scenario": "care_scenario"}),
        ({"task_type": "care", "care_scenario": ""}, {"care_scenario": "care_scenario"}),
        ({"medium": "email"}, {"template": "template_medium"}),
        ({"name": "Taken"}, {"name": "name_taken"}),
    ],
)
def test_a_task_is_judged_whole_before_it_is_saved(acting, fields, faults):
    acting.smartcare = True
    make.task(name="Taken")
    before = MarketingTask.objects.count()

    with pytest.raises(ValidationError) as refused:
        saving.create_task(unsaved(acting, **fields), acting.administrator)

    assert {name: errors[0].code for name, errors in refused.value.error_dict.items()} == faults
    assert MarketingTask.objects.count() == before


def test_a_task_of_a_medium_that_is_switched_off_is_not_created(acting):
    acting.email_marketing = False
    template = make.template(medium="email")

    with pytest.raises(ValidationError) as refused:
        saving.create_task(unsaved(acting, medium="email", template=template), acting.administrator)

    assert refused.value.error_dict["medium"][0].code == "feature_off"


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"name": "Renamed"}, None),
        ({"template": "Hello ${name}"}, None),  # other words, same variable
        ({"template": "Hello ${city}"}, {"template": "template_changed"}),
        ({"medium": "whatsapp"}, {"medium": "medium_changed"}),
        ({"task_type": "care", "care_scenario": "voice"}, {"medium": "medium_changed"}),
    ],
)
def test_a_task_with_recipients_keeps_what_they_were_judged_by(task, acting, changes, faults):
    if "template" in changes:
        changes = {"template": make.template(changes["template"])}
    for name, value in changes.items():
        setattr(task, name, value)

    if faults is None:
        saving.edit_task(task, acting.administrator)
    else:
        with pytest.raises(ValidationError) as refused:
            saving.edit_task(task, acting.administrator)
        assert {name: errors[0].code for name, errors in refused.value.error_dict.items()} == faults


def test_an_edit_judges_the_state_of_now_and_never_writes_it(task, acting):
    stale = MarketingTask.objects.get()
    change(task, state=RUNNING)

    with pytest.raises(ValidationError) as refused:
        saving.edit_task(stale, acting.administrator)

    assert refused.value.code == "action_state"
    assert MarketingTask.objects.get().state == RUNNING


def test_an_edit_keeps_the_count_of_now(task, acting):
    stale = MarketingTask.objects.get()
    with intake.lock(task.pk) as locked:
        intake.admit(locked, intake.Draft("+8613800000002", {"name": "Bo"}))

    saving.edit_task(stale, acting.administrator)

    assert MarketingTask.objects.get().recipient_count == 2


def unsaved(tenant, **fields) -> MarketingTask:
    end = timezone.now() + timedelta(days=30_000)
    fields = {"name": "Spring", "medium": "sms", "begin_at": timezone.now(), "end_at": end} | fields
    return MarketingTask(tenant=tenant, **({"template": make.template()} | fields))


def test_a_published_care_task_does_not_take_the_scenario_of_another(acting):
    suspended, _running = (
        make.task(task_type="care", care_scenario=scenario, state=state)
        for scenario, state in (("voice", TaskState.SUSPENDED), ("data", RUNNING))
    )
    suspended.care_scenario = "data"

    with pytest.raises(ValidationError) as refused:
        saving.edit_task(suspended, acting.administrator)

    assert refused.value.error_dict["care_scenario"][0].code == "care_published"
