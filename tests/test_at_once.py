"""What two people who press at the same moment cannot both do. Real threads, real transactions."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from importer import pipeline
from marketing import intake, tasks
from marketing.models import MarketingTask, Recipient
from marketing.states import CareScenario, TaskState, TaskType
from tenants.scoping import act_for

from . import make
from .threads import SECONDS, at_once

pytestmark = pytest.mark.django_db(transaction=True)
ACTION_STATE, TASK_STATE, RUNNING = "action_state", "task_state", TaskState.RUNNING


def read() -> MarketingTask:
    return MarketingTask.objects.select_related("tenant").earliest("created_at")


def moved(tenant, action: str):
    return lambda task: tasks.move(task, action, tenant.administrator) or task.state


@pytest.fixture
def ready(tenant) -> MarketingTask:
    with act_for(tenant):
        task = make.task()
        task.recipients.create(address="+8613800000001")
        task.recipient_count = 1
        task.save(update_fields=["recipient_count"])
        return task


@pytest.mark.parametrize("_turn", range(3))
def test_two_people_who_publish_at_once_do_not_both_win(tenant, ready, _turn):
    outcomes = at_once(tenant, read, moved(tenant, "publish"), moved(tenant, "publish"))

    assert sorted(outcomes) == [ACTION_STATE, RUNNING]


@pytest.mark.parametrize("_turn", range(3))
def test_a_task_is_not_published_and_deleted_at_once(tenant, ready, _turn):
    def deleted(task: MarketingTask) -> str:
        return tasks.delete(task, tenant.administrator) or "deleted"

    outcomes = at_once(tenant, read, moved(tenant, "publish"), deleted)

    assert outcomes in ([RUNNING, ACTION_STATE], ["gone", "deleted"])


def test_of_two_who_delete_at_once_the_second_finds_nothing(tenant, ready):
    def deleted(task: MarketingTask) -> str:
        return tasks.delete(task, tenant.administrator) or "deleted"

    assert sorted(at_once(tenant, read, deleted, deleted)) == ["deleted", "gone"]


@pytest.mark.parametrize("_turn", range(3))
def test_a_task_is_not_published_while_its_last_recipient_leaves(tenant, ready, _turn):
    def emptied(task: MarketingTask) -> int:
        with intake.lock(task.pk) as locked:
            return intake.remove(locked, list(task.recipients.values_list("pk", flat=True)))

    outcomes = at_once(tenant, read, moved(tenant, "publish"), emptied)

    assert outcomes in ([RUNNING, TASK_STATE], ["no_recipients", 1])


def test_two_care_tasks_of_one_scenario_are_not_published_at_once(tenant):
    with act_for(tenant):
        tenant.smartcare = True
        tenant.save(update_fields=["smartcare"])
        care = [make.task(task_type=TaskType.CARE, care_scenario=CareScenario.VOICE) for _ in range(2)]

    def published(number: int):
        def publish(_read: None) -> str:
            task = MarketingTask.objects.get(pk=care[number].pk)
            return tasks.move(task, "publish", tenant.administrator) or task.state

        return publish

    outcomes = at_once(tenant, lambda: None, published(0), published(1))

    assert sorted(outcomes) == ["care_published", RUNNING]


def test_two_copies_at_once_have_two_names(tenant, ready):
    def copied(task: MarketingTask) -> str:
        return tasks.copy(task, tenant.administrator).name.removeprefix(task.name)

    assert sorted(at_once(tenant, read, copied, copied)) == [" (2)", " (3)"]


@pytest.mark.parametrize("_turn", range(5))
def test_an_import_goes_on_while_its_task_is_deleted_and_neither_waits_for_the_other_for_ever(tenant, ready, _turn):
    with act_for(tenant):
        batch = make.batch(ready, [[f"1380000{number:04}", "Ann"] for number in range(20)])

    def run_all() -> None:
        chunk: int | None = 0
        while chunk is not None:
            chunk = pipeline.run_chunk(str(tenant.pk), str(batch.pk), chunk)
        connection.close()

    def delete() -> None:
        with act_for(tenant):
            tasks.delete(read(), tenant.administrator)
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(run_all), pool.submit(delete)]:
            done.result(SECONDS)

    with act_for(tenant):
        assert not MarketingTask.objects.exists()
        assert not Recipient.objects.exists()
