"""Scheduled imports: each time is one run, each content one import, and what is unusual waits for an administrator."""

import errno
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from threading import Event
from time import sleep

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from importer import (
    approval,
    contents,
    fetching,
    file_servers,
    holding,
    jobs,
    mapping,
    pipeline,
    schedule_runs,
    schedules,
    spool,
    submission,
)
from importer.cancellation import cancel
from importer.models import ImportBatch
from importer.schedule_models import ScheduledImport, TakenContent
from importer.states import ImportState
from marketing import intake
from marketing.models import MarketingTask
from marketing.states import TaskState
from tenants.models import LogEntry
from tenants.scoping import act_for

from . import make
from .sftp_server import PASSWORD, USER, serving, trust
from .threads import SECONDS, at_once

pytestmark = pytest.mark.django_db
HEADER = "Recipient number,name\n"


def rows(count: int, *, header: str = HEADER, first: int = 0) -> str:
    return header + "".join(f"138{number:08},Ann {number}\n" for number in range(first, first + count))


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(fetching, "STABLE_SECONDS", 0.02)


@pytest.fixture
def sftp(tmp_path, settings):
    with serving(tmp_path / "root") as running:
        trust(running.port, settings)
        yield running


@pytest.fixture
def schedule(tenant, sftp) -> ScheduledImport:
    with act_for(tenant):
        make.file_server(host="127.0.0.1", port=sftp.port, username=USER, password=PASSWORD, host_key=sftp.host_key)
        return make.schedule()


def again(schedule: ScheduledImport) -> ScheduledImport:
    with act_for(schedule.tenant_id):
        return ScheduledImport.objects.select_related("tenant", "task").get(pk=schedule.pk)


def change(schedule: ScheduledImport, **fields: object) -> ScheduledImport:
    with act_for(schedule.tenant_id):
        ScheduledImport.objects.filter(pk=schedule.pk).update(**fields)
    return again(schedule)


def begin(schedule: ScheduledImport, now: datetime | None = None) -> list[object]:
    with act_for(schedule.tenant_id):
        return schedule_runs.begin_due(now or timezone.now())


def run_now(schedule: ScheduledImport) -> list[ImportBatch]:
    with act_for(schedule.tenant_id):
        schedules.want_now(schedule)
    return schedule_runs.run(str(schedule.tenant_id), str(schedule.pk))


def brought_in(batch: ImportBatch) -> ImportBatch:
    """The import after its file was fetched and, if it went on, its rows are in."""
    fetching.take_turn(str(batch.tenant_id), str(batch.pk), seconds=60)
    with act_for(batch.tenant_id):
        read = ImportBatch.objects.select_related("tenant", "task").get(pk=batch.pk)
    return pipeline.run_to_the_end(read) if read.state == ImportState.EXECUTING else read


def taken(schedule: ScheduledImport, sftp, text: str, name: str = "rows.csv") -> ImportBatch:
    (sftp.root / name).write_text(text)
    (batch,) = run_now(schedule)
    return brought_in(batch)


def outcome(schedule: ScheduledImport) -> str:
    return again(schedule).outcome_code


def test_a_time_that_has_come_is_one_run_and_the_next_time_is_set(schedule):
    due = timezone.now() - timedelta(seconds=1)
    change(schedule, next_run_at=due)

    assert begin(schedule) == [schedule.pk]
    assert again(schedule).next_run_at == due + timedelta(minutes=15)
    assert begin(schedule) == [schedule.pk]  # it waits for its worker; no second run has begun
    assert schedule_runs.run(str(schedule.tenant_id), str(schedule.pk)) == []
    assert begin(schedule) == []


def test_a_time_that_has_not_come_is_none(schedule):
    assert begin(schedule) == []


def test_what_a_console_that_stood_still_has_missed_is_one_run(schedule):
    change(schedule, next_run_at=timezone.now() - timedelta(days=3))

    assert begin(schedule) == [schedule.pk]
    assert again(schedule).next_run_at > timezone.now()


def test_a_schedule_that_is_off_does_not_run_and_makes_up_for_nothing(schedule):
    with act_for(schedule.tenant_id):
        schedules.switch(schedule, is_on=False)
    assert (begin(schedule), again(schedule).next_run_at) == ([], None)

    with act_for(schedule.tenant_id):
        schedules.switch(again(schedule), is_on=True)
    assert again(schedule).next_run_at > timezone.now()


@pytest.mark.django_db(transaction=True)
def test_two_clocks_at_once_begin_one_run(tenant, schedule):
    change(schedule, next_run_at=timezone.now() - timedelta(seconds=1))

    def tick(found: ScheduledImport) -> bool:
        return schedule_runs._begin(found, timezone.now())

    def read() -> ScheduledImport:
        return ScheduledImport.objects.select_related("tenant").get()

    assert sorted(at_once(tenant, read, tick, tick)) == [False, True]


@pytest.mark.django_db(transaction=True)
def test_a_run_and_an_import_that_begins_do_not_deadlock(tenant, schedule, sftp):
    """Both need the task and the schedule; whoever takes the second first would have one of them fail."""
    (sftp.root / "rows.csv").write_text(rows(2))
    change(schedule, wanted_at=timezone.now(), lease_until=timezone.now())
    task_is_held = Event()

    def begin_import() -> ScheduledImport | None:
        with closing(connection), act_for(tenant), intake.lock(schedule.task_id):
            task_is_held.set()
            sleep(1)  # for a look at the server, and more
            return contents._schedule_of(ImportBatch(schedule_id=schedule.pk))

    def run() -> list[ImportBatch]:
        with closing(connection):
            task_is_held.wait(SECONDS)
            return schedule_runs.run(str(tenant.pk), str(schedule.pk))

    with ThreadPoolExecutor(2) as pool:
        begun, ran = pool.submit(begin_import), pool.submit(run)
        assert begun.result(SECONDS) == schedule
        assert [batch.source_name for batch in ran.result(SECONDS)] == ["rows.csv"]


@pytest.mark.django_db(transaction=True)
def test_two_administrators_at_once_decide_once(tenant, schedule, sftp):
    taken(schedule, sftp, rows(20))
    held = taken(schedule, sftp, rows(2, first=50))

    def read() -> ImportBatch:
        return ImportBatch.objects.select_related("task").get(pk=held.pk)

    outcomes = at_once(tenant, read, approval.approve, approval.discard)

    assert sorted(map(str, outcomes)) == ["None", "not_held"]


def test_a_new_file_is_imported_by_the_console_itself(schedule, sftp):
    done = taken(schedule, sftp, rows(20))

    assert (done.state, done.created, done.operator, done.schedule_id) == ("complete", 20, None, schedule.pk)
    assert (outcome(schedule), again(schedule).last_file_at is not None) == ("schedule_begun", True)


def test_a_file_that_was_taken_is_not_even_fetched_again(schedule, sftp):
    taken(schedule, sftp, rows(20))

    assert run_now(schedule) == []
    assert outcome(schedule) == "schedule_nothing_new"


def test_a_file_that_is_being_fetched_is_not_taken_twice(schedule, sftp):
    (sftp.root / "rows.csv").write_text(rows(20))
    assert len(run_now(schedule)) == 1

    assert run_now(schedule) == []


def test_the_same_content_under_another_name_is_imported_once(schedule, sftp):
    taken(schedule, sftp, rows(20))

    second = taken(schedule, sftp, rows(20), "again.csv")

    assert (second.state, second.error_code, second.total) == ("cancelled", "schedule_taken", 0)
    assert outcome(schedule) == "schedule_taken"
    assert run_now(schedule) == []


def test_every_new_file_that_the_wildcard_meets_is_imported(schedule, sftp):
    for name in ("a.csv", "b.csv", "c.txt"):
        (sftp.root / name).write_text(rows(2, first=ord(name[0])))

    assert [batch.source_name for batch in run_now(schedule)] == ["a.csv", "b.csv"]


def test_the_date_in_the_path_is_that_of_the_tenants_day(schedule, sftp):
    change(schedule, path="in/rows-{date:%Y%m%d}.csv")
    with timezone.override(schedule.tenant.time_zone):
        name = f"rows-{timezone.localdate():%Y%m%d}.csv"
    (sftp.root / "in").mkdir()
    (sftp.root / "in" / name).write_text(rows(2))

    (batch,) = run_now(schedule)

    assert batch.source_path == f"in/{name}"


def gone(schedule, sftp):
    change(schedule, path="gone.csv")


def task_runs(schedule, sftp):
    with act_for(schedule.tenant_id):
        MarketingTask.objects.update(state=TaskState.RUNNING)


def rule_gone(schedule, sftp):
    with act_for(schedule.tenant_id):
        rule = make.mapping_rule(recipient=1, variables={"name": 2})
        schedules.save(again(schedule), {"parsing": "rule", "rule": rule})
        mapping.delete_rule(rule)


@pytest.mark.parametrize(
    ("prepare", "code"),
    [(gone, "server_file_missing"), (task_runs, "task_state"), (rule_gone, "schedule_rule_gone")],
)
def test_a_run_that_is_not_possible_says_why(schedule, sftp, prepare, code):
    (sftp.root / "rows.csv").write_text(rows(2))
    prepare(schedule, sftp)

    assert run_now(schedule) == []
    assert outcome(schedule) == code
    assert again(schedule).outcome_sentence


def test_a_server_that_does_not_answer_is_asked_again_soon_and_then_at_the_next_time(schedule, settings):
    trust(1, settings)  # where nothing listens
    with act_for(schedule.tenant_id):
        schedule.file_server.port = 1
        schedule.file_server.save(update_fields=["port"])
    run_now(schedule)
    seen = [again(schedule)]

    for _attempt in range(schedule_runs.MAX_ATTEMPTS - 1):
        change(schedule, lease_until=timezone.now())
        schedule_runs.run(str(schedule.tenant_id), str(schedule.pk))
        seen.append(again(schedule))

    assert {one.outcome_code for one in seen} == {"address_closed"}
    assert [one.wanted_at is not None for one in seen] == [True, True, False]


def test_a_run_takes_as_many_files_as_there_is_room_for_and_waits_for_room_before(schedule, sftp, monkeypatch):
    """Or ten files that come while the tenant has much to do would bring nothing, and a name by date never again."""
    monkeypatch.setattr(submission, "MAX_ALIVE", 2)
    for number in range(3):
        (sftp.root / f"{number}.csv").write_text(rows(2, first=number))

    assert [batch.source_name for batch in run_now(schedule)] == ["0.csv", "1.csv"]
    assert run_now(schedule) == []
    assert (outcome(schedule), again(schedule).wanted_at is not None) == ("too_many_imports", True)
    for _attempt in range(schedule_runs.MAX_ATTEMPTS):
        change(schedule, lease_until=timezone.now())
        assert schedule_runs.run(str(schedule.tenant_id), str(schedule.pk)) == []
    with act_for(schedule.tenant_id):
        ImportBatch.objects.update(state=ImportState.CANCELLED, ended_at=timezone.now())
    change(schedule, lease_until=timezone.now())

    assert len(schedule_runs.run(str(schedule.tenant_id), str(schedule.pk))) == 2
    assert (outcome(schedule), again(schedule).wanted_at) == ("schedule_begun", None)


def test_a_run_that_kills_its_workers_is_given_up(schedule, monkeypatch):
    def killed(_schedule):
        raise SystemExit

    monkeypatch.setattr(schedule_runs, "_found", killed)
    with act_for(schedule.tenant_id):
        schedules.want_now(schedule)
    for _attempt in range(schedule_runs.MAX_ATTEMPTS):
        with pytest.raises(SystemExit):
            schedule_runs.run(str(schedule.tenant_id), str(schedule.pk))
        change(schedule, lease_until=timezone.now())

    assert schedule_runs.run(str(schedule.tenant_id), str(schedule.pk)) == []
    assert (outcome(schedule), again(schedule).wanted_at) == ("schedule_stuck", None)


def test_a_worker_that_was_taken_over_settles_nothing(schedule, sftp):
    (sftp.root / "rows.csv").write_text(rows(2))
    with act_for(schedule.tenant_id):
        schedules.want_now(schedule)
    late = schedule_runs._claimed(str(schedule.tenant_id), str(schedule.pk))
    found = schedule_runs._found(late)
    change(schedule, lease_until=timezone.now())
    assert len(schedule_runs.run(str(schedule.tenant_id), str(schedule.pk))) == 1

    with act_for(schedule.tenant_id):
        assert schedule_runs._submitted(late, found) == []


@pytest.mark.parametrize(
    ("count", "header", "code"),
    [
        (20, HEADER, ""),
        (199, HEADER, ""),
        (200, HEADER, "schedule_held_rows"),
        (3, HEADER, ""),
        (2, HEADER, "schedule_held_rows"),
        (20, "name,Recipient number\n", "schedule_held_header"),
        (20, "Recipient number,name,city\n", "schedule_held_header"),
    ],
)
def test_a_run_unlike_those_before_waits_for_approval(schedule, sftp, count, header, code):
    taken(schedule, sftp, rows(20))

    later = taken(schedule, sftp, rows(count, header=header, first=500))

    assert later.held_code == code
    assert (later.state == ImportState.PREPARING) is bool(code)


def test_a_held_import_is_nobodys_until_it_is_approved_and_then_goes_on(schedule, sftp):
    taken(schedule, sftp, rows(20))
    held = taken(schedule, sftp, rows(2, first=50))
    assert (outcome(schedule), held.lease_until, held.held_sentence != "") == ("schedule_held_rows", None, True)

    assert jobs.reap() == 0
    assert brought_in(held).held_code  # a doubled message
    with act_for(schedule.tenant_id):
        approval.approve(held)

    assert brought_in(held).created == 2
    with act_for(schedule.tenant_id):
        assert sorted(TakenContent.objects.values_list("rows", flat=True)) == [2, 20]  # it counts from now on


def test_a_discarded_import_ends_and_its_content_is_not_taken_again(schedule, sftp):
    taken(schedule, sftp, rows(20))
    held = taken(schedule, sftp, rows(2, first=50))

    with act_for(schedule.tenant_id):
        approval.discard(held)

    assert (held.state, held.error_code) == (ImportState.CANCELLED, "schedule_discarded")
    assert run_now(schedule) == []
    with act_for(schedule.tenant_id), pytest.raises(ValidationError) as refused:
        approval.approve(held)
    assert refused.value.code == "not_held"


def test_row_counts_are_compared_with_the_last_fourteen_runs(schedule, tenant, sftp):
    with act_for(tenant):
        for number in range(20):
            TakenContent.objects.create(schedule=schedule, sha256=f"{number:064}", rows=5 if number < 6 else 1_000,
                                        header_sha256="x")  # fmt: skip
        means = schedule.taken_contents.filter(rows__isnull=False).order_by("-taken_at", "-id")[: contents.RUNS]
        assert {one.rows for one in means} == {1_000}
        assert contents._unusual(schedule, "x", 100).params == {"n": 100, "mean": 1_000}
        assert contents._unusual(schedule, "x", 101) is None


def test_what_the_task_refused_after_the_fetch_is_taken_when_it_allows_it(schedule, sftp):
    (sftp.root / "rows.csv").write_text(rows(20))
    (batch,) = run_now(schedule)
    task_runs(schedule, sftp)
    assert brought_in(batch).error_code == "task_state"

    with act_for(schedule.tenant_id):
        MarketingTask.objects.update(state=TaskState.SUSPENDED)

    (second,) = run_now(schedule)
    assert brought_in(second).created == 20


def test_what_a_full_disk_kept_out_is_taken_when_there_is_space(schedule, sftp, monkeypatch):
    def full(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    (sftp.root / "rows.csv").write_text(rows(20))
    (batch,) = run_now(schedule)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(spool, "keep_chunks", full)
        for _attempt in range(holding.MAX_ATTEMPTS + 1):
            ended = brought_in(batch)
            with act_for(schedule.tenant_id):
                ImportBatch.objects.filter(state=ImportState.PREPARING).update(is_held=False)
    assert (ended.error_code, outcome(schedule)) == ("storage_failed", "storage_failed")

    (second,) = run_now(schedule)
    assert brought_in(second).created == 20


def test_an_import_that_was_cancelled_says_nothing_more_at_its_schedule(schedule, sftp, monkeypatch):
    (sftp.root / "rows.csv").write_text("name\nAnn\n")  # which would be refused
    (batch,) = run_now(schedule)

    def cancelled_meanwhile(*_arguments):
        with act_for(schedule.tenant_id):
            cancel(batch)

    monkeypatch.setattr(contents, "take", cancelled_meanwhile)

    assert brought_in(batch).state == ImportState.CANCELLED
    assert outcome(schedule) == "schedule_begun"


NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)  # in Shanghai


@pytest.fixture
def watched(tenant) -> ScheduledImport:
    tenant.time_zone = "Asia/Shanghai"
    tenant.save(update_fields=["time_zone"])
    with act_for(tenant):
        daily = make.schedule(rhythm="daily", at=time(7), missing_by=time(12))
    return change(daily, active_since=NOON - timedelta(days=1), next_run_at=NOON + timedelta(days=9))


def missed(schedule: ScheduledImport, now: datetime) -> int:
    begin(schedule, now)
    with act_for(schedule.tenant_id):
        return LogEntry.objects.filter(action="schedule.missed").count()


def test_a_file_that_is_missing_by_its_hour_is_an_alarm_once_a_day(watched):
    assert missed(watched, NOON - timedelta(seconds=1)) == 0
    assert missed(watched, NOON) == 1
    assert again(watched).is_missing
    assert missed(watched, NOON + timedelta(hours=11)) == 1
    assert missed(watched, NOON + timedelta(hours=23)) == 1
    assert missed(watched, NOON + timedelta(hours=24)) == 2


def test_a_file_of_today_is_no_alarm_and_ends_one(watched):
    change(watched, last_file_at=NOON - timedelta(hours=5))
    assert missed(watched, NOON) == 0

    change(watched, last_file_at=NOON - timedelta(hours=13))  # of yesterday
    assert missed(watched, NOON) == 1
    assert not change(watched, last_file_at=NOON + timedelta(hours=1)).is_missing


def test_a_weekly_schedule_misses_nothing_on_other_days(watched):
    change(watched, rhythm="weekly", weekday=1)  # Tuesday; noon is Monday's

    assert missed(watched, NOON) == 0
    assert missed(watched, NOON + timedelta(days=1)) == 1


def test_a_schedule_that_was_switched_on_after_the_hour_misses_nothing_that_day(watched):
    change(watched, active_since=NOON + timedelta(minutes=1))

    assert missed(watched, NOON + timedelta(hours=2)) == 0


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"rhythm": "daily"}, {"at"}),
        ({"rhythm": "weekly", "at": time(7)}, {"weekday"}),
        ({"rhythm": "minutes", "minutes": None}, {"minutes"}),
        ({"rhythm": "minutes", "minutes": 4}, {"minutes"}),
        ({"rhythm": "minutes", "minutes": 1_441}, {"minutes"}),
        ({"rhythm": "daily", "at": time(7), "missing_by": time(7)}, {"missing_by"}),
        ({"parsing": "rule"}, {"rule"}),
        ({"path": "../rows.csv"}, {"path"}),
        ({"rhythm": "hourly"}, {"rhythm"}),
    ],
)
def test_a_schedule_that_cannot_be_is_refused_at_its_field(tenant, fields, faults):
    with act_for(tenant), pytest.raises(ValidationError) as refused:
        make.schedule(**fields)
    assert set(refused.value.error_dict) == faults


def test_a_server_that_schedules_need_is_not_deleted(tenant):
    with act_for(tenant):
        schedule = make.schedule()
        with pytest.raises(ValidationError) as refused:
            file_servers.delete(schedule.file_server)
        assert refused.value.code == "server_scheduled"

        schedules.delete(schedule)
        file_servers.delete(schedule.file_server)
