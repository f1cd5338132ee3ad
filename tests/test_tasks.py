"""What can be done with a marketing task, when, and by whom."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from importer.models import ImportBatch
from marketing import intake, tasks
from marketing.channels import Medium
from marketing.models import MarketingTask, Recipient
from marketing.states import TRANSITIONS, CareScenario, TaskState, TaskType
from marketing.tasks import ACTIONS, MOVES
from tenants.features import Feature
from tenants.refusals import sentence

from . import make

DRAFT, RUNNING, SUSPENDED, COMPLETED = TaskState
ACTION_STATE, TASK_STATE = "action_state", "task_state"
FORBIDDEN = {  # {state: {action: code}}; everything else is allowed
    DRAFT: dict.fromkeys(["suspend", "resume", "complete"], ACTION_STATE),
    RUNNING: dict.fromkeys(["edit", "publish", "resume", "delete"], ACTION_STATE)
    | dict.fromkeys(["import", "add", "change"], TASK_STATE),
    SUSPENDED: dict.fromkeys(["publish", "suspend", "delete"], ACTION_STATE),
    COMPLETED: dict.fromkeys(["edit", "publish", "suspend", "resume", "complete"], ACTION_STATE)
    | dict.fromkeys(["import", "add", "change"], TASK_STATE),
}


def code_of(action: str, task: MarketingTask, user=None) -> str | None:
    refused = tasks.refusal_of(action, task, user or task.tenant.administrator)
    return refused and refused.code


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


@pytest.mark.parametrize("state", TaskState)
@pytest.mark.parametrize("action", ACTIONS)
def test_what_is_allowed_in_a_state(task, state, action):
    change(task, state=state)

    assert code_of(action, task) == FORBIDDEN[state].get(action)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_viewer_may_do_nothing(task, acting, action):
    assert code_of(action, task, acting.viewer) == "role"


def test_an_api_client_may_do_what_its_scopes_say(task, acting):
    assert code_of("publish", task, acting.client) is None


@pytest.mark.parametrize("state", TaskState)
@pytest.mark.parametrize("action", MOVES)
def test_a_move_leads_to_its_state_or_changes_nothing(task, acting, state, action):
    sources, target = MOVES[action]
    change(task, state=state)

    if state in sources:
        tasks.move(task, action, acting.administrator)
    else:
        with pytest.raises(ValidationError) as refused:
            tasks.move(task, action, acting.administrator)
        assert refused.value.code == ACTION_STATE

    assert (MarketingTask.objects.get().state, task.state) == ((target,) * 2 if state in sources else (state,) * 2)


def test_the_moves_are_the_transitions():
    assert {(source, target) for sources, target in MOVES.values() for source in sources} == {
        (source, target) for source, targets in TRANSITIONS.items() for target in targets
    }


@pytest.mark.parametrize("state", TaskState)
@pytest.mark.parametrize("target", TaskState)
def test_stateful_refuses_what_its_table_does_not_have(task, state, target):
    change(task, state=state)

    if target in TRANSITIONS[state]:
        task.move(target)
    else:
        with pytest.raises(ValidationError) as refused:
            task.move(target)
        assert refused.value.code == "wrong_state"

    assert MarketingTask.objects.get().state == (target if target in TRANSITIONS[state] else state)


def test_every_forbidden_action_has_its_own_sentence(task):
    for state, forbidden in FORBIDDEN.items():
        change(task, state=state)
        for action in forbidden:
            refused = tasks.refusal_of(action, task, task.tenant.administrator)
            assert refused.messages[0] == sentence(refused.code, refused.params)


@pytest.mark.parametrize("feature", [Feature.INTELLIGENT_OUTBOUND_CALL, Feature.SMS_MARKETING])
@pytest.mark.parametrize(("state", "action"), [(DRAFT, "publish"), (SUSPENDED, "resume"), (DRAFT, "copy")])
def test_a_feature_switched_off_stops_a_task(task, feature, state, action):
    change(task, state=state)
    setattr(task.tenant, feature, False)

    assert code_of(action, task) == "feature_off"


@pytest.mark.parametrize(
    ("medium", "task_type", "needed"),
    [
        (Medium.SMS, TaskType.MARKETING, {Feature.SMS_MARKETING}),
        (Medium.EMAIL, TaskType.MARKETING, {Feature.EMAIL_MARKETING}),
        (Medium.WHATSAPP, TaskType.MARKETING, {Feature.WHATSAPP_MARKETING}),
        (Medium.SMS, TaskType.CARE, {Feature.SMS_MARKETING, Feature.SMARTCARE}),
    ],
)
def test_a_task_needs_the_features_of_its_medium_and_type(medium, task_type, needed):
    assert set(tasks.features_of(task_type, medium)) == needed | {Feature.INTELLIGENT_OUTBOUND_CALL}


def test_publishing_needs_a_recipient(task):
    task.recipient_count = 0

    assert code_of("publish", task) == "no_recipients"


def test_a_care_task_is_published_before_it_has_recipients(acting):
    acting.smartcare = True
    care = make.task(tenant=acting, task_type=TaskType.CARE, care_scenario=CareScenario.VOICE)

    assert code_of("publish", care) is None


@pytest.mark.parametrize(
    ("body", "defaults", "code"),
    [
        ("Sorry: ${cause} at ${event_time}", {}, None),
        ("Dear ${name}: ${cause}", {"name": "customer"}, None),
        ("Dear ${name}: ${cause}", {}, "care_variables"),  # every customer would fail at night
    ],
)
def test_a_care_task_is_published_if_smartcare_tells_what_its_template_needs(acting, body, defaults, code):
    acting.smartcare = True
    fields = {"task_type": TaskType.CARE, "care_scenario": CareScenario.VOICE}
    care = make.task(tenant=acting, body=body, defaults=defaults, **fields)

    assert code_of("publish", care) == code
    assert code_of("resume", change(care, state=SUSPENDED)) == code


@pytest.mark.parametrize("action", ["import", "add"])
def test_a_care_task_takes_recipients_from_smartcare_alone(acting, action):
    care = make.task(tenant=acting, task_type=TaskType.CARE, care_scenario=CareScenario.VOICE)

    assert code_of(action, care) == "care_task"


@pytest.mark.parametrize(("state", "action"), [(DRAFT, "publish"), (SUSPENDED, "resume")])
def test_a_task_whose_end_has_passed_does_not_start(task, state, action):
    change(task, state=state, begin_at=timezone.now() - timedelta(days=2), end_at=timezone.now() - timedelta(days=1))

    assert code_of(action, task) == "period_over"


def test_the_state_is_the_first_reason(task):
    change(task, state=COMPLETED)
    task.tenant.sms_marketing = False

    assert code_of("publish", task) == ACTION_STATE


def test_a_tenant_has_one_published_care_task_for_each_scenario(acting):
    acting.smartcare = True
    acting.save(update_fields=["smartcare"])
    voice, second, data = (
        make.task(tenant=acting, task_type=TaskType.CARE, care_scenario=scenario)
        for scenario in ("voice", "voice", "data")
    )
    tasks.move(voice, "publish", acting.administrator)
    tasks.move(voice, "suspend", acting.administrator)
    tasks.move(data, "publish", acting.administrator)

    with pytest.raises(ValidationError) as refused:
        tasks.move(second, "publish", acting.administrator)

    assert refused.value.code == "care_published"
    assert second.state == DRAFT


def test_an_overdue_task_is_completed_and_no_other(acting):
    day = timedelta(days=1)
    past = {"begin_at": timezone.now() - 2 * day, "end_at": timezone.now() - day}
    made = [make.task(**past, state=state) for state in TaskState] + [make.task(state=RUNNING)]

    assert tasks.complete_overdue() == 2
    assert [MarketingTask.objects.get(pk=task.pk).state for task in made] == [
        DRAFT,
        COMPLETED,
        COMPLETED,
        COMPLETED,
        RUNNING,
    ]


def test_a_copy_is_a_draft_without_recipients_under_a_free_name(task, acting):
    change(task, state=COMPLETED, name="Spring")

    copies = [tasks.copy(task, acting.administrator) for _ in range(2)]

    assert [(copy.name, copy.state, copy.recipient_count) for copy in copies] == [
        ("Spring (2)", DRAFT, 0),
        ("Spring (3)", DRAFT, 0),
    ]
    assert not copies[0].recipients.exists()
    assert (copies[0].template, copies[0].end_at) == (task.template, task.end_at)


def test_the_copy_of_a_long_name_fits(task, acting):
    change(task, name="x" * 100)

    assert tasks.copy(task, acting.administrator).name == "x" * 90 + " (2)"


def test_deleting_a_task_takes_recipients_and_imports_with_it(task, acting):
    make.batch(task, [["13800000002", "Bo"]])

    tasks.delete(task, acting.administrator)

    assert not MarketingTask.objects.exists()
    assert not Recipient.objects.exists()
    assert not ImportBatch.objects.exists()
