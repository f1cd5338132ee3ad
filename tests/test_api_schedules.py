"""REST: scheduled imports of a task, and the decision on an import that is held."""

import pytest

from importer import jobs
from importer.states import ImportState
from tenants.scoping import act_for

from . import make
from .caller import of

pytestmark = pytest.mark.django_db


@pytest.fixture
def task(tenant):
    with act_for(tenant):
        made = make.task()
        made.server = make.file_server()
        return made


@pytest.fixture
def body(task) -> dict[str, object]:
    return {"file_server": str(task.server.pk), "path": "out/rows-{date:%Y%m%d}.csv", "rhythm": "daily", "at": "07:30"}


@pytest.fixture
def sent(monkeypatch) -> list[str]:
    messages: list[str] = []
    for job in (jobs.prepare_import, jobs.run_scheduled):
        monkeypatch.setattr(job, "apply_async", lambda arguments, *_rest, **_queue: messages.append(arguments[0]))
    return messages


def test_it_is_created_read_changed_and_deleted(tenant, task, body):
    api = of(tenant)
    made = api.post("api-scheduled-imports", task.pk, body=body)
    assert (made.status_code, made.json()["at"], made.json()["is_active"]) == (201, "07:30", True)
    address = (task.pk, made.json()["id"])

    assert api.get("api-scheduled-imports", task.pk).json()["results"] == [made.json()]
    off = api.patch("api-scheduled-import", *address, body={"is_active": False})
    assert (off.json()["is_active"], off.json()["next_run_at"]) == (False, None)
    assert api.delete("api-scheduled-import", *address).status_code == 204
    assert api.get("api-scheduled-import", *address).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"path": "../rows.csv"}, "path"),
        ({"at": None}, "at"),
        ({"at": "25:00"}, "at"),
        ({"rhythm": "minutes", "minutes": 4}, "minutes"),
        ({"weekday": -1, "rhythm": "weekly"}, "weekday"),
        ({"parsing": "rule"}, "mapping_rule"),
        ({"file_server": "3f0c2a9e-5d1b-4c7a-9f52-0d8e6b1a4c77"}, "file_server"),
        ({"mapping_rule": "3f0c2a9e-5d1b-4c7a-9f52-0d8e6b1a4c77"}, "mapping_rule"),
        ({"next_run_at": "2030-01-01T00:00:00Z"}, "next_run_at"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(tenant, task, body, change, field):
    answer = of(tenant).post("api-scheduled-imports", task.pk, body=body | change)

    assert answer.status_code == 400
    assert field in str(answer.json()["errors"])


def test_one_run_at_a_time_is_queued(tenant, task, sent, django_capture_on_commit_callbacks):
    with act_for(tenant):
        schedule = make.schedule(task=task)

    with django_capture_on_commit_callbacks(execute=True):
        first = of(tenant).post("api-scheduled-import-run", task.pk, schedule.pk)
        second = of(tenant).post("api-scheduled-import-run", task.pk, schedule.pk)

    assert (first.status_code, first.json()["is_running"]) == (202, True)
    assert (second.status_code, second.json()["code"], sent) == (409, "schedule_running", [str(schedule.pk)])


@pytest.mark.parametrize(("decision", "status"), [("approve", "preparing"), ("discard", "cancelled")])
def test_a_held_import_says_why_and_is_decided_on_once(tenant, task, sent, decision, status):
    with act_for(tenant):
        held = make.batch(task, [], state=ImportState.PREPARING, held_code="schedule_held_header", lease_until=None)
    assert of(tenant).get("api-import", held.pk).json()["held"]["code"] == "schedule_held_header"

    decided = of(tenant).post(f"api-import-{decision}", held.pk)

    assert (decided.status_code, decided.json()["status"], decided.json()["held"]) == (200, status, None)
    again = of(tenant).post(f"api-import-{decision}", held.pk)
    assert (again.status_code, again.json()["code"]) == (409, "not_held")
