"""One chunk of an import: exactly once, whoever is killed, doubled, late or in the way."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from importer import holding, judging, pipeline, spool
from importer.models import ImportBatch, RejectedRow
from importer.readers.reading import Row
from importer.states import ImportState
from marketing import saving
from marketing.models import MarketingTask, OptOut
from marketing.states import TaskState
from tenants.parameters import set_parameters
from tenants.scoping import act_for

from . import make

ROWS = [
    ["13800000001", "Ann"],
    ["138", "Bo"],
    ["13800000003", ""],
    ["+86 138 0000 0001", "Ann again"],
    ["13800000005", "Cai"],
    ["13800000006", "Dan"],
]
COUNTS = ("total", "created", "duplicate", "failed", "suppressed", "unprocessed")


@pytest.fixture
def batch(tenant) -> ImportBatch:
    with act_for(tenant):
        OptOut.objects.create(medium="sms", address="+8613800000005")
        return make.batch(make.task(), ROWS)


def run(batch: ImportBatch, chunk: int | None = 0) -> ImportBatch:
    while chunk is not None:
        chunk = pipeline.run_chunk(str(batch.tenant_id), str(batch.pk), chunk)
    return fresh(batch)


def fresh(batch: ImportBatch) -> ImportBatch:
    with act_for(batch.tenant_id):
        return ImportBatch.objects.select_related("task").get(pk=batch.pk)


def counts(batch: ImportBatch) -> dict[str, int]:
    return {name: getattr(batch, name) for name in COUNTS if getattr(batch, name)}


def change(batch: ImportBatch, **fields: object) -> None:
    with act_for(batch.tenant_id):
        ImportBatch.objects.filter(pk=batch.pk).update(**fields)


def test_each_row_has_one_outcome_and_the_counts_add_up(batch):
    ended = run(batch)

    assert ended.state == ImportState.COMPLETE
    assert counts(ended) == {"total": 6, "created": 2, "duplicate": 1, "failed": 2, "suppressed": 1}
    with act_for(batch.tenant_id):
        assert list(ended.task.recipients.order_by("origin_row").values_list("origin_row", "address", "origin")) == [
            (2, "+8613800000001", batch.pk),
            (7, "+8613800000006", batch.pk),
        ]
        rejected = RejectedRow.objects.order_by("row").values_list("row", "outcome", "code", "cells")
        assert list(rejected) == [
            (3, "failed", "number_length", ROWS[1]),
            (4, "failed", "variable_missing", ROWS[2]),
            (5, "duplicate", "duplicate", ROWS[3]),
            (6, "suppressed", "suppressed", ROWS[4]),
        ]
        assert RejectedRow.objects.get(row=5).params == {"row": 2, "variant": "source"}
    assert ended.task.recipient_count == 2
    assert ended.reasons == {
        "failed": {"number_length": 1, "variable_missing": 1},
        "duplicate": {"duplicate": 1},
        "suppressed": {"suppressed": 1},
    }


def test_reasons_are_counted_over_all_chunks(batch):
    """They are what the page of an import with 300,000 rejected rows would take a third of a second to count."""
    turns = list(ROWS) * 3
    with act_for(batch.tenant_id):
        other = make.batch(batch.task, turns, chunk_rows=4)

    ended = run(other)

    with act_for(batch.tenant_id):
        found = Counter(RejectedRow.objects.filter(batch=ended).values_list("outcome", "code"))
    assert {(outcome, code): rows for outcome, codes in ended.reasons.items() for code, rows in codes.items()} == found
    assert sum(found.values()) == ended.failed + ended.duplicate + ended.suppressed


def test_a_turn_brings_in_what_fits_and_names_the_next_chunk(batch):
    turn = (str(batch.tenant_id), str(batch.pk))

    assert pipeline.take_turn(*turn, 0, seconds=0) == 1
    assert pipeline.take_turn(*turn, 1, seconds=60) is None
    assert fresh(batch).state == ImportState.COMPLETE


def test_a_doubled_message_changes_nothing(batch):
    assert pipeline.run_chunk(str(batch.tenant_id), str(batch.pk), 0) == 1
    before = fresh(batch)

    assert pipeline.run_chunk(str(batch.tenant_id), str(batch.pk), 0) is None
    assert pipeline.run_chunk(str(batch.tenant_id), str(batch.pk), 2) is None
    assert counts(fresh(batch)) == counts(before)


def test_a_worker_that_lost_its_lease_commits_nothing(batch):
    stalled = pipeline._claim(str(batch.tenant_id), str(batch.pk), 0)
    lines = spool.lines_of_chunk(stalled, 0)
    judged = judging.judge_of(stalled)(lines)
    change(batch, lease_until=timezone.now() - timedelta(seconds=1))

    ended = run(batch)
    assert pipeline._commit(stalled, lines, judged) is None
    assert counts(fresh(batch)) == counts(ended)


def test_a_chunk_that_the_database_forgot_is_not_passed_over(batch):
    """Chunks within a turn do not wait for the disk: a database that crashes loses the last ones, and behind a pooler
    the worker does not hear of it."""
    claimed = pipeline._claim(str(batch.tenant_id), str(batch.pk), 0)
    claimed.next_chunk = 1  # for the worker chunk 0 is done
    lines = spool.lines_of_chunk(claimed, 1)

    assert pipeline._commit(claimed, lines, judging.judge_of(claimed)(lines), goes_on=True) is None
    assert counts(fresh(batch)) == {"total": 6, "unprocessed": 6}
    change(batch, lease_until=timezone.now() - timedelta(seconds=1))
    assert counts(run(batch)) == {"total": 6, "created": 2, "duplicate": 1, "failed": 2, "suppressed": 1}


def another_medium(task, template):
    task.medium, task.template = "email", make.template("Dear ${name}", medium="email", subject="News")
    saving.edit_task(task, task.tenant.administrator)


def another_template(task, template):
    task.template = make.template("Dear ${surname}")
    saving.edit_task(task, task.tenant.administrator)


def other_variables(task, template):
    template.body = "Dear ${surname}"
    saving.save_template(template, {})


@pytest.mark.parametrize("meanwhile", [another_medium, another_template, other_variables])
def test_rows_that_were_judged_for_another_task_do_not_come_in(tenant, batch, meanwhile):
    """As long as nobody has come in a task may be made another one; an import that waits must not fill that."""
    with act_for(tenant):
        task = MarketingTask.objects.select_related("template").get(pk=batch.task_id)
        task.tenant = tenant
        meanwhile(task, task.template)

    stopped = run(batch)

    assert (stopped.state, stopped.error_code) == (ImportState.STOPPED, "task_changed")
    assert counts(stopped) == {"total": 6, "unprocessed": 6}


def test_a_new_text_or_default_changes_nothing_for_an_import(tenant, batch):
    with act_for(tenant):
        template = batch.task.template
        template.body = "Hello ${name}"
        saving.save_template(template, {"name": "you"})

    assert run(batch).state == ImportState.COMPLETE


def test_a_living_worker_keeps_its_import(batch):
    pipeline._claim(str(batch.tenant_id), str(batch.pk), 0)

    assert pipeline.run_chunk(str(batch.tenant_id), str(batch.pk), 0) is None
    assert fresh(batch).rows_done == 0


def test_publishing_the_task_stops_the_import_and_keeps_its_rows(batch):
    following = pipeline.run_chunk(str(batch.tenant_id), str(batch.pk), 0)
    with act_for(batch.tenant_id):
        batch.task.move(TaskState.RUNNING)

    stopped = run(batch, following)
    assert (stopped.state, stopped.error_code) == (ImportState.STOPPED, "task_closed")
    assert counts(stopped) == {"total": 6, "created": 1, "unprocessed": 5}


def test_a_cancelled_import_takes_no_further_row(batch):
    claimed = pipeline._claim(str(batch.tenant_id), str(batch.pk), 0)
    lines = spool.lines_of_chunk(claimed, 0)
    judged = judging.judge_of(claimed)(lines)
    change(batch, state=ImportState.CANCELLED, ended_at=timezone.now(), is_held=False, lease_until=None)

    assert pipeline._commit(claimed, lines, judged) is None
    assert counts(fresh(batch)) == {"total": 6, "unprocessed": 6}


def test_parameters_changed_meanwhile_do_not_touch_it(batch):
    following = pipeline.run_chunk(str(batch.tenant_id), str(batch.pk), 0)
    with act_for(batch.tenant_id):
        set_parameters(batch.tenant, {"min_number_length": "20"})

    assert counts(run(batch, following))["created"] == 2


def test_it_is_given_up_after_five_attempts_without_progress(batch):
    for _attempt in range(holding.MAX_ATTEMPTS):
        pipeline._claim(str(batch.tenant_id), str(batch.pk), 0)
        change(batch, is_held=False)

    assert pipeline.run_chunk(str(batch.tenant_id), str(batch.pk), 0) is None
    assert (fresh(batch).state, fresh(batch).error_code) == (ImportState.FAILED, "import_stuck")


def test_a_lost_source_fails_the_import_with_a_reason(batch):
    spool.remove(batch)

    assert (run(batch).state, run(batch).error_code) == (ImportState.FAILED, "source_missing")


def test_a_disabled_tenant_stops_it(batch):
    type(batch.tenant).objects.filter(pk=batch.tenant_id).update(is_active=False)

    assert (run(batch).state, run(batch).error_code) == (ImportState.STOPPED, "tenant_disabled")


def test_the_database_refuses_counts_that_do_not_add_up(batch):
    with pytest.raises(IntegrityError, match="importer_batch_adds_up"), transaction.atomic():
        change(batch, created=1)


@pytest.mark.parametrize("chunk_rows", [1, 3, 100])
def test_the_size_of_chunks_does_not_change_the_result(tenant, chunk_rows):
    with act_for(tenant):
        OptOut.objects.create(medium="sms", address="+8613800000005")
        batch = make.batch(make.task(), ROWS, chunk_rows=chunk_rows)

    assert counts(run(batch)) == {"total": 6, "created": 2, "duplicate": 1, "failed": 2, "suppressed": 1}


@pytest.mark.parametrize(
    ("faults", "code"),
    [({0: "number_precision"}, "number_precision"), ({1: "cell_error"}, "cell_error"), ({2: "cell_error"}, None)],
)
def test_a_faulty_cell_fails_its_row_if_the_column_is_used(batch, faults, code):
    row = Row(9, ["13800000009", "Eve", "#N/A"], faults)

    refused = judging.check(batch, [row]).refused
    assert [judging.first_of(one).code for one in refused.values()] == ([code] if code else [])
