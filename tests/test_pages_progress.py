"""The page of an import that runs: what it says, and what it never does."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from importer import pipeline
from importer.models import ImportBatch
from importer.states import ImportState
from tenants.scoping import act_for

from . import make
from .pages import Person, text_of

ROWS = [[f"1380000{number:04}", "Ann"] for number in range(7)]  # with their header four chunks


@pytest.fixture
def batch(tenant) -> ImportBatch:
    with act_for(tenant):
        return make.batch(make.task(), ROWS)


def change(batch: ImportBatch, **fields: object) -> None:
    with act_for(batch.tenant_id):
        ImportBatch.objects.filter(pk=batch.pk).update(**fields)


@pytest.fixture
def now(monkeypatch) -> datetime:
    """The moment at which the clock stands still."""
    moment = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: moment)
    return moment


def measured(batch: ImportBatch, since: datetime, *, done: int) -> None:
    """Let `done` of 10,000 rows be done `since` a moment."""
    change(batch, begun_at=since, total=10_000, created=done, unprocessed=10_000 - done)


def poll(person: Person, batch: ImportBatch):
    return person.get("importer:import-progress", batch.task_id, batch.pk, htmx=True)


@pytest.mark.parametrize(
    ("seconds", "done", "said"),
    [
        (1, 4_000, "Speed estimating Time left estimating"),  # measured for less than two seconds
        (60, 0, "Speed estimating Time left estimating"),  # nothing to measure yet
        (10, 4_000, "Speed 400 rows/s Time left about 15 s"),
        (100, 9_999, "Speed 100 rows/s Time left about 0 s"),
    ],
)
def test_speed_and_time_left_are_measured_and_never_invented(administrator, batch, now, seconds, done, said):
    measured(batch, now - timedelta(seconds=seconds), done=done)

    assert said in text_of(poll(administrator, batch))


def test_it_is_never_at_its_end_before_its_end(administrator, batch):
    measured(batch, timezone.now() - timedelta(seconds=10), done=9_999)

    answer = poll(administrator, batch)

    assert answer.context["percent"] == 99
    assert "9,999 of 10,000 rows" in text_of(answer)


def test_the_bar_never_goes_back_also_when_a_worker_dies(administrator, batch, monkeypatch):
    def done() -> int:
        return poll(administrator, batch).context["batch"].rows_done

    seen = [done()]
    for chunk in range(3):
        with monkeypatch.context() as dying:
            dying.setattr(pipeline, "_file_rejected", die)
            with pytest.raises(SystemExit):
                pipeline.run_chunk(str(batch.tenant_id), str(batch.pk), chunk)
        seen.append(done())  # the worker had admitted the chunk's rows, and left nothing
        change(batch, is_held=False)
        pipeline.run_chunk(str(batch.tenant_id), str(batch.pk), chunk)
        seen.append(done())

    assert seen == [0, 0, 1, 1, 3, 3, 5]


def die(*_args: object) -> None:
    raise SystemExit


def test_it_goes_on_when_the_page_is_closed(administrator, batch):
    page = administrator.get("importer:import", batch.task_id, batch.pk)
    assert "You can close this page." in text_of(page)

    pipeline.run_to_the_end(batch)  # nobody polls

    opened_again = administrator.get("importer:import", batch.task_id, batch.pk)
    assert "All 7 rows were imported." in text_of(opened_again)


def test_a_poll_changes_nothing_and_ends_with_the_import(administrator, batch):
    with act_for(batch.tenant_id):
        before = ImportBatch.objects.values().get(pk=batch.pk)

    assert b'hx-trigger="every 1s"' in poll(administrator, batch).content
    with act_for(batch.tenant_id):
        assert ImportBatch.objects.values().get(pk=batch.pk) == before

    change(batch, state=ImportState.CANCELLED, ended_at=timezone.now())
    assert poll(administrator, batch).headers["HX-Refresh"] == "true"


def test_a_viewer_follows_it_and_cannot_cancel_it(tenant, batch):
    viewer = Person(tenant.viewer)

    assert "Cancel import" not in text_of(viewer.get("importer:import", batch.task_id, batch.pk))
    assert poll(viewer, batch).status_code == 200
    assert viewer.post("importer:import-cancel", batch.task_id, batch.pk).status_code == 403
