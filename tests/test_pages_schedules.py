"""Scheduled imports of a task: listed, created, changed, switched, run, deleted; held imports approved or discarded."""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from importer import jobs
from importer.models import ImportBatch
from importer.schedule_models import ScheduledImport
from importer.states import ImportState
from tenants.scoping import act_for

from . import make
from .pages import Person, text_of

FIELDS = {"path": "out/rows-{date:%Y%m%d}.csv", "parsing": "template", "rhythm": "weekly", "at": "07:30",
          "weekday": "0", "missing_by": "09:00"}  # fmt: skip


@pytest.fixture
def task(tenant):
    with act_for(tenant):
        made = make.task(name="Autumn")
        make.file_server()
        return made


@pytest.fixture
def schedule(tenant, task) -> ScheduledImport:
    with act_for(tenant):
        return make.schedule(task=task, rhythm="daily", at=time(7), missing_by=time(9))


@pytest.fixture
def held(tenant, task, schedule) -> ImportBatch:
    fields = {"state": ImportState.PREPARING, "held_code": "schedule_held_rows", "held_params": {"n": 2, "mean": 20}}
    with act_for(tenant):
        return make.batch(task, [], schedule=schedule, lease_until=None, **fields)


@pytest.fixture
def sent(monkeypatch) -> list[str]:
    messages: list[str] = []
    for job in (jobs.prepare_import, jobs.run_scheduled):
        monkeypatch.setattr(job, "apply_async", lambda arguments, *_rest, **_queue: messages.append(arguments[0]))
    return messages


def only(model):
    return model.objects.get()


def test_a_task_without_one_says_what_it_is_for(administrator, task):
    assert "Each content is imported once." in text_of(administrator.get("importer:scheduled-imports", task.pk))


def test_it_is_created_and_listed_with_its_next_run(tenant, administrator, task):
    with act_for(tenant):
        server = str(task.tenant.file_servers.get().pk)

    answer = administrator.post("importer:scheduled-import-create", task.pk, **FIELDS, file_server=server)

    assert answer.status_code == 302
    page = text_of(administrator.get("importer:scheduled-imports", task.pk))
    assert "Monday at 07:30" in page
    assert "alarm if no file by 09:00" in page
    assert "It has not run yet." in page


def test_what_is_wrong_stands_at_its_field(tenant, administrator, task):
    with act_for(tenant):
        server = str(task.tenant.file_servers.get().pk)
    wrong = FIELDS | {"file_server": server, "path": "../x.csv", "at": "", "parsing": "rule"}

    answer = administrator.post("importer:scheduled-import-create", task.pk, **wrong)

    assert set(answer.context["form"].errors) == {"path", "at", "rule"}


def test_it_is_edited_as_it_is(administrator, task, schedule):
    page = administrator.get("importer:scheduled-import-edit", task.pk, schedule.pk)

    assert page.context["form"]["at"].value() == time(7)
    assert 'value="07:00"' in page.content.decode()


def test_it_is_switched_off_and_on(tenant, administrator, task, schedule):
    administrator.post("importer:scheduled-import-switch", task.pk, schedule.pk)
    assert "Switched off" in text_of(administrator.get("importer:scheduled-imports", task.pk))

    administrator.post("importer:scheduled-import-switch", task.pk, schedule.pk, is_on="yes")
    with act_for(tenant):
        assert only(ScheduledImport).next_run_at is not None


def test_run_now_queues_one_run(administrator, task, schedule, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        administrator.post("importer:scheduled-import-run", task.pk, schedule.pk)
        administrator.post("importer:scheduled-import-run", task.pk, schedule.pk)

    assert sent == [str(schedule.pk)]
    assert "under way already" in text_of(administrator.get("importer:scheduled-imports", task.pk))


def test_it_is_deleted_after_a_question(tenant, administrator, task, schedule):
    assert "is forgotten" in text_of(administrator.get("importer:scheduled-import-delete", task.pk, schedule.pk))

    administrator.post("importer:scheduled-import-delete", task.pk, schedule.pk, confirmed="yes")
    with act_for(tenant):
        assert not ScheduledImport.objects.exists()


def test_a_missing_file_is_shown_on_its_page_and_on_home(tenant, administrator, task, schedule):
    with act_for(tenant):
        ScheduledImport.objects.update(missed_at=timezone.now() - timedelta(minutes=5))

    assert "No file came in time" in text_of(administrator.get("importer:scheduled-imports", task.pk))
    assert "No file came in time for “Autumn”" in text_of(administrator.get("importer:home"))


def test_a_held_import_is_shown_where_it_is_looked_for(administrator, task, held):
    for page in (("importer:scheduled-imports", task.pk), ("importer:import", task.pk, held.pk), ("importer:home",)):
        assert "The file has 2 rows; the last runs had 20 on average." in text_of(administrator.get(*page))


def test_approving_lets_it_go_on_once(tenant, administrator, task, held, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        administrator.post("importer:import-approve", task.pk, held.pk)
        administrator.post("importer:import-approve", task.pk, held.pk)

    assert sent == [str(held.pk)]


def test_discarding_ends_it(tenant, administrator, task, held):
    assert "does not take the same content again" in text_of(
        administrator.get("importer:import-discard", task.pk, held.pk)
    )

    administrator.post("importer:import-discard", task.pk, held.pk, confirmed="yes")
    with act_for(tenant):
        assert only(ImportBatch).error_code == "schedule_discarded"


def test_a_viewer_sees_but_is_offered_nothing(tenant, task, schedule, held):
    page = text_of(Person(tenant.viewer).get("importer:scheduled-imports", task.pk))

    assert "Daily at 07:00" in page
    assert "Run now" not in page
    assert "Approve" not in page
