"""Import Result over all tasks, its filters; the rows of one reason as a file."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from importer.models import ImportBatch, RejectedRow
from importer.states import ImportState
from tenants.scoping import act_for

from . import make

ALL = "importer:all-imports"


def new_import(tenant, task_name: str = "Autumn", *, days_ago: int = 0, **fields) -> ImportBatch:
    fields = {"state": ImportState.COMPLETE, "ended_at": timezone.now()} | fields
    with act_for(tenant):
        task = tenant.marketing_tasks.filter(name=task_name).first() or make.task(name=task_name)
        made = make.batch(task, [["138", "Ann"]], **fields)
        ImportBatch.objects.filter(pk=made.pk).update(created_at=timezone.now() - timedelta(days=days_ago))
    return made


def sources_of(answer) -> list[str]:
    return [batch.source_name for batch in answer.context["imports"]]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({}, ["new.csv", "old.csv"]),
        ({"task": "AUT"}, ["new.csv"]),
        ({"state": "failed"}, ["old.csv"]),
        ({"operator": "Li Na"}, ["old.csv"]),
        ({"mode": "server"}, ["old.csv"]),
        ({"since": str(timezone.localdate() - timedelta(days=2))}, ["new.csv"]),
        ({"until": str(timezone.localdate() - timedelta(days=2))}, ["old.csv"]),
        ({"state": "flying", "cursor": "made-up"}, ["new.csv", "old.csv"]),
    ],
)
def test_imports_of_all_tasks_are_shown_and_filtered(tenant, administrator, query, shown):
    old = {"state": ImportState.FAILED, "operator_name": "Li Na", "mode": "server"}
    new_import(tenant, "Spring", source_name="old.csv", days_ago=9, **old)
    new_import(tenant, "Autumn", source_name="new.csv")

    assert sources_of(administrator.get(ALL, **query)) == shown


def test_only_a_list_with_an_import_that_runs_asks_again(tenant, administrator):
    new_import(tenant)
    ended = administrator.get(ALL).content
    new_import(tenant, state=ImportState.EXECUTING, ended_at=None)

    assert b"every 2s" not in ended
    assert b"every 2s" in administrator.get(ALL).content


def test_imports_of_another_tenant_are_not_shown(tenant, other_tenant, administrator):
    new_import(other_tenant)

    assert sources_of(administrator.get(ALL)) == []


def test_it_asks_the_database_equally_often_for_one_import_and_for_twenty(tenant, administrator):
    new_import(tenant)
    administrator.get(ALL)
    with CaptureQueriesContext(connection) as for_one:
        administrator.get(ALL)
    for number in range(19):
        new_import(tenant, f"Task {number}")

    with CaptureQueriesContext(connection) as for_twenty:
        administrator.get(ALL)

    assert len(for_twenty) == len(for_one)


def test_the_rows_of_one_reason_are_a_file_of_their_own(tenant, administrator):
    batch = new_import(tenant)
    with act_for(tenant):
        for row, code in ((2, "number_missing"), (3, "email_missing"), (4, "number_missing")):
            RejectedRow.objects.create(batch=batch, row=row, outcome="failed", code=code, cells=["", "Ann"])
        reasons = {"failed": {"number_missing": 2, "email_missing": 1}}
        ImportBatch.objects.filter(pk=batch.pk).update(failed=3, total=3, unprocessed=0, reasons=reasons)
    place = (batch.task_id, batch.pk, "failed")

    page = administrator.get("importer:rejected-rows", *place, code="number_missing")
    answer = administrator.get("importer:rows-download", *place, "csv", code="number_missing")
    unknown = administrator.get("importer:rows-download", *place, "csv", code="made-up")

    assert b".csv?code=number_missing" in page.content
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert [line.split(",")[:2] for line in lines[1:]] == [["2", "number_missing"], ["4", "number_missing"]]
    assert f"import-{batch.number}-failed-rows-number_missing.csv" in answer["Content-Disposition"]
    assert unknown.status_code == 404
