"""What two people who press at the same moment cannot both do. Real threads, real transactions."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.crypto import get_random_string

from importer import pipeline
from marketing import intake, saving, tasks
from marketing.models import MarketingTask, MessageTemplate, Recipient
from marketing.opt_outs import Origin, Wish, add_many
from marketing.rules import Draft
from marketing.states import CareScenario, OptOutSource, TaskState, TaskType
from marketing.switching import switch
from tenants.features import Feature
from tenants.models import Tenant
from tenants.parameters import set_parameters
from tenants.scoping import act_for

from . import make
from .threads import SECONDS, at_once

pytestmark = pytest.mark.django_db(transaction=True)
ACTION_STATE, TASK_STATE, RUNNING = "action_state", "task_state", TaskState.RUNNING
BOTH_HAVE_READ = Barrier(2)


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
            return intake.remove(locked, task.recipients.all())

    outcomes = at_once(tenant, read, moved(tenant, "publish"), emptied)

    assert outcomes in ([RUNNING, TASK_STATE], ["no_recipients", 1])


@pytest.mark.parametrize("_turn", range(3))
def test_no_task_runs_after_its_feature_was_switched_off_at_once(tenant, ready, _turn):
    def switched_off(_task: MarketingTask) -> str:
        switch(tenant, Feature.SMS_MARKETING, is_on=False, may_suspend=True)
        return "off"

    at_once(tenant, read, moved(tenant, "publish"), switched_off)

    with act_for(tenant):
        assert MarketingTask.objects.get().state != RUNNING
        assert Tenant.objects.get(pk=tenant.pk).sms_marketing is False


def test_two_who_add_the_same_opt_outs_in_another_order_do_not_deadlock(tenant):
    wishes = [Wish(f"+861380000{number:04}") for number in range(1_000)]
    origin = Origin("sms", OptOutSource.REST, None)

    def added(found: list[Wish]):
        return lambda _read: len(add_many(tenant, found, origin))

    assert at_once(tenant, lambda: None, added(wishes), added(wishes[::-1])) == [1_000, 1_000]


@pytest.mark.parametrize("_turn", range(3))
def test_minimum_and_maximum_that_are_set_at_once_fit_together(tenant, _turn):
    def set_to(**values: str):
        def change(_read: None) -> str:
            try:
                set_parameters(tenant, values)
            except ValidationError as refused:
                return refused.error_dict["max_number_length"][0].code
            return "set"

        return change

    outcomes = at_once(tenant, lambda: None, set_to(min_number_length="15"), set_to(max_number_length="10"))

    assert sorted(outcomes) == ["parameter_order", "set"]


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


def changed(name: str):
    def change(task: MarketingTask) -> str:
        recipient = task.recipients.get(address__endswith="1")
        BOTH_HAVE_READ.wait(SECONDS)
        with intake.lock(task.pk) as locked:
            intake.change(locked, recipient, Draft("+8613800000001", {"name": name}))
        return "changed"

    return change


@pytest.mark.parametrize("_turn", range(3))
def test_of_two_who_change_one_recipient_at_once_one_is_told(tenant, ready, _turn):
    assert sorted(at_once(tenant, read, changed("Dan"), changed("Eve"))) == ["changed", "recipient_changed"]


@pytest.mark.parametrize("_turn", range(3))
def test_a_recipient_is_not_changed_after_it_was_deleted(tenant, ready, _turn):
    def removed(task: MarketingTask) -> int:
        BOTH_HAVE_READ.wait(SECONDS)
        with intake.lock(task.pk) as locked:
            return intake.remove(locked, task.recipients.all())

    assert at_once(tenant, read, changed("Dan"), removed) in (["changed", 1], ["recipient_gone", 1])


@pytest.mark.parametrize("_turn", range(3))
def test_two_who_add_one_address_at_once_have_one_recipient(tenant, ready, _turn):
    def added(task: MarketingTask) -> str:
        try:
            with intake.lock(task.pk) as locked:
                return str(intake.admit(locked, Draft("+8613800000002", {})).address)
        except ValidationError as refused:
            return str(refused.error_dict["address"][0].code)

    assert sorted(at_once(tenant, read, added, added)) == ["+8613800000002", "duplicate"]
    with act_for(tenant):
        assert read().recipient_count == 2


@pytest.mark.parametrize("_turn", range(3))
def test_the_count_is_right_while_an_import_runs_and_people_add_and_delete(tenant, ready, _turn):
    with act_for(tenant):
        batch = make.batch(ready, [[f"1380000{number:04}", "Ann"] for number in range(100, 140)])

    def run_all() -> None:
        chunk: int | None = 0
        while chunk is not None:
            chunk = pipeline.run_chunk(str(tenant.pk), str(batch.pk), chunk)
        connection.close()

    def add_and_delete() -> None:
        for number in range(20):
            with act_for(tenant), intake.lock(ready.pk) as locked:
                intake.admit(locked, Draft(f"+86139{number:08}", {}))
                if number % 4 == 3:
                    intake.remove(locked, locked.recipients.all())
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(run_all), pool.submit(add_and_delete)]:
            done.result(SECONDS)

    with act_for(tenant):
        task = read()
        batch.refresh_from_db()
        assert task.recipient_count == task.recipients.count()
        assert (batch.state, batch.created) == ("complete", 40)  # what was deleted since had been created


@pytest.mark.parametrize("_turn", range(3))
def test_of_two_who_edit_a_task_at_once_the_second_is_told(tenant, ready, _turn):
    def edited(task: MarketingTask) -> str:
        seen, task.description = saving.version_of(task), get_random_string(8)
        return saving.edit_task(task, tenant.administrator, seen=seen).state

    assert sorted(at_once(tenant, read, edited, edited)) == ["changed_meanwhile", TaskState.DRAFT]


def test_of_two_who_edit_a_template_at_once_the_second_is_told(tenant, ready):
    def edited(task: MarketingTask) -> str:
        template = task.template
        seen, template.name = saving.version_of(template), get_random_string(8)
        return saving.save_template(template, {}, seen=seen) and "saved"

    assert sorted(at_once(tenant, read, edited, edited)) == ["changed_meanwhile", "saved"]


@pytest.mark.parametrize("_turn", range(3))
def test_a_template_is_not_deleted_while_a_task_takes_it(tenant, ready, _turn):
    with act_for(tenant):
        template = make.template()

    def deleted(task: MarketingTask) -> str:
        return saving.delete_template(MessageTemplate.objects.get(pk=template.pk)) or "deleted"

    def given(task: MarketingTask) -> str:
        task.template = MessageTemplate.objects.get(pk=template.pk)
        try:
            return saving.edit_task(task, tenant.administrator) and "given"
        except ValidationError as refused:
            return refused.error_dict["template"][0].code

    assert at_once(tenant, read, deleted, given) in (["template_used", "given"], ["deleted", "template_unknown"])
