"""The door: state, duplicates, opt-outs and the count, whoever brings the recipient."""

from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from marketing import intake
from marketing.intake import Incoming
from marketing.models import OptOut
from marketing.rules import Draft
from marketing.states import CareScenario, TaskState, TaskType

from . import make

ANN, BO, CAI = (f"+861380000000{digit}" for digit in (1, 2, 3))


def draft(address: str, **values: str) -> Draft:
    return Draft(address, values or {"name": "Ann"})


@pytest.fixture
def task(acting):
    return make.task()


def refused_code(refused: ValidationError) -> set[str]:
    return {error.code for error in refused.error_list} if hasattr(refused, "error_list") else {
        error.code for errors in refused.error_dict.values() for error in errors
    }  # fmt: skip


def test_a_recipient_is_counted_with_its_task(task):
    with intake.lock(task.pk) as locked:
        recipient = intake.admit(locked, draft(ANN))

    task.refresh_from_db()
    assert (task.recipient_count, recipient.variables, recipient.origin) == (1, {"name": "Ann"}, None)


def test_an_address_is_in_a_task_once(task):
    with intake.lock(task.pk) as locked:
        intake.admit(locked, draft(ANN))
        with pytest.raises(ValidationError) as refused:
            intake.admit(locked, draft(ANN))

    assert refused_code(refused.value) == {"duplicate"}
    assert task.recipients.count() == 1


@pytest.mark.parametrize("state", [TaskState.RUNNING, TaskState.COMPLETED])
def test_a_running_or_completed_task_is_closed(task, state):
    task.state = state
    task.save(update_fields=["state"])

    with pytest.raises(ValidationError) as refused, intake.lock(task.pk) as locked:
        intake.admit(locked, draft(ANN))

    assert refused_code(refused.value) == {"task_state"}


def test_a_care_task_takes_nobody_by_hand_but_may_be_mended_while_it_runs(acting):
    task = make.task(task_type=TaskType.CARE, care_scenario=CareScenario.VOICE, state=TaskState.RUNNING)
    recipient = task.recipients.create(address=ANN)

    with intake.lock(task.pk) as locked:
        intake.change(locked, recipient, draft(BO))
        with pytest.raises(ValidationError) as refused:
            intake.admit(locked, draft(ANN))

    assert refused_code(refused.value) == {"care_task"}
    assert task.recipients.get().address == BO


def test_of_many_each_row_has_one_outcome(task):
    OptOut.objects.create(medium="sms", address=CAI)
    task.recipients.create(address=BO)
    rows = Incoming.of({2: draft(ANN), 3: draft(BO), 4: draft(CAI), 5: draft(ANN)})
    origin = uuid4()

    with intake.lock(task.pk) as locked:
        admitted = intake.admit_many(locked, rows, origin=origin)

    assert admitted.created == 1
    assert {row: (one.code, one.params) for row, one in admitted.refused.items()} == {
        3: ("duplicate", {}),
        4: ("suppressed", {}),
        5: ("duplicate", {"row": 2, "variant": "source"}),
    }
    assert locked.recipient_count == 1


def test_removing_counts_down(task):
    with intake.lock(task.pk) as locked:
        kept, gone = (intake.admit(locked, draft(address)) for address in (ANN, BO))
        removed = intake.remove(locked, locked.recipients.filter(pk__in=[gone.pk, 999_999]))

    task.refresh_from_db()
    assert (removed, task.recipient_count, task.recipients.get()) == (1, 1, kept)
