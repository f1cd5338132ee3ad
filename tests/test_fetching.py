"""A server import: its file settles, is fetched in parts, read, and becomes rows; whatever is cut goes on."""

import errno
import hashlib
import os
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils import timezone
from openpyxl import Workbook

from importer import fetching, holding, pipeline, spool
from importer.cancellation import cancel
from importer.models import ImportBatch
from importer.states import ImportState
from importer.submission import submit_from_server
from tenants.models import LogEntry
from tenants.scoping import act_for

from . import make, s3_server
from .s3_server import BUCKET
from .sftp_server import PASSWORD, USER, serving, trust

pytestmark = pytest.mark.django_db
HEADER = "Recipient number,name\n"


def rows(count: int) -> str:
    return HEADER + "".join(f"138{number:08},Ann {number}\n" for number in range(count))


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(fetching, "STABLE_SECONDS", 0.05)
    monkeypatch.setattr(spool, "PART_BYTES", 1_000)
    monkeypatch.setattr("tenants.outbound.sftp.BLOCK", 500)


@pytest.fixture
def sftp(tmp_path, settings):
    with serving(tmp_path / "root") as running:
        trust(running.port, settings)
        (running.root / "5g").mkdir()
        (running.root / "5g" / "rows.csv").write_text(rows(200))
        yield running


@pytest.fixture
def server(tenant, sftp):
    with act_for(tenant):
        return make.file_server(
            host="127.0.0.1", port=sftp.port, username=USER, password=PASSWORD, host_key=sftp.host_key
        )


@pytest.fixture
def submit(tenant, server):
    def submitted(path="5g", file_name="rows.csv", **options) -> ImportBatch:
        with act_for(tenant):
            return submit_from_server(
                options.pop("task", None) or make.task(),
                options.pop("server", server),
                path=path,
                file_name=file_name,
                operator=tenant.administrator,
                **options,
            )

    return submitted


def turn(batch: ImportBatch, *, seconds: float = 60) -> ImportBatch:
    """A turn of a worker, and the import as it is afterwards."""
    fetching.take_turn(str(batch.tenant_id), str(batch.pk), seconds=seconds)
    return again(batch)


def again(batch: ImportBatch) -> ImportBatch:
    with act_for(batch.tenant):
        return ImportBatch.objects.select_related("tenant", "task").get(pk=batch.pk)


def lose_worker(batch: ImportBatch) -> None:
    with act_for(batch.tenant):
        ImportBatch.objects.filter(pk=batch.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_file_is_prepared_at_once_and_its_rows_follow(submit, sftp):
    batch = submit()
    assert (batch.state, batch.number, batch.source_path) == (ImportState.PREPARING, 1, "5g/rows.csv")

    read = turn(batch)
    assert (read.state, read.total, read.fetched_bytes) == (ImportState.EXECUTING, 200, read.source_bytes)
    assert read.source_sha256 == hashlib.sha256(rows(200).encode()).hexdigest()
    assert not [name for name in default_storage.listdir(spool.folder_of(batch))[1] if name.endswith(".part")]

    done = pipeline.run_to_the_end(read)
    assert (done.state, done.created) == (ImportState.COMPLETE, 200)


def test_a_workbook_is_fetched_too(submit, sftp):
    book = Workbook()
    for line in rows(30).splitlines():
        book.active.append(line.split(","))
    book.save(sftp.root / "rows.xlsx")

    assert pipeline.run_to_the_end(turn(submit("", "rows.xlsx"))).created == 30


def test_a_mapping_rule_says_which_column_is_what_as_it_was_then(submit, tenant, sftp):
    (sftp.root / "crm.csv").write_text("1,Ann,13800000001\n2,Bo,13800000002\n")
    with act_for(tenant):
        rule = make.mapping_rule(recipient=3, variables={"name": 2}, has_header=False)
    batch = submit("", "crm.csv", rule=rule)
    with act_for(tenant):
        rule.delete()

    assert pipeline.run_to_the_end(turn(batch)).created == 2


@pytest.mark.parametrize(
    ("path", "file_name", "code"),
    [
        ("..", "rows.csv", "path_dots"),
        ("5g/../..", "rows.csv", "path_dots"),
        ("/etc", "passwd.csv", "path_absolute"),
        ("5g", "../rows.csv", "path_dots"),
        ("5g", "..", "path_dots"),
        ("", "5g/rows.csv", "file_name_path"),
        ("..\\", "rows.csv", "path_characters"),
        ("5g", "", "file_name_path"),
        ("5g", "rows.txt", "server_file_type"),
        ("5g", "x\n.csv", "path_characters"),
    ],
)
def test_a_path_that_leads_out_is_refused_at_once(submit, path, file_name, code):
    with pytest.raises(ValidationError) as refused:
        submit(path, file_name)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("gone.csv", "server_file_missing"),
        ("link.csv", "server_link"),
        ("pipe.csv", "server_not_regular"),
        ("folder.csv", "server_not_regular"),
        ("empty.csv", "file_empty"),
        ("header.csv", "header_missing"),
        ("only.csv", "no_data_rows"),
    ],
)
def test_what_cannot_be_imported_ends_as_failed_and_is_logged(submit, sftp, tenant, name, code):
    (sftp.root.parent / "secret.csv").write_text("secret")
    (sftp.root / "link.csv").symlink_to(sftp.root.parent / "secret.csv")
    os.mkfifo(sftp.root / "pipe.csv")
    (sftp.root / "folder.csv").mkdir()
    (sftp.root / "empty.csv").write_text("")
    (sftp.root / "header.csv").write_text("a,b\n1,2\n")
    (sftp.root / "only.csv").write_text(HEADER)

    ended = turn(submit("", name))

    assert (ended.state, ended.error_code) == (ImportState.FAILED, code)
    assert ended.error_sentence
    with act_for(tenant):
        [entry] = LogEntry.objects.filter(action="import.fetch")
    assert (entry.refused, entry.details["path"]) == (code, name)


def test_a_link_in_the_way_is_not_followed(submit, sftp):
    (sftp.root / "short").symlink_to("5g")

    assert turn(submit("short")).error_code == "server_link"
    assert sftp.faults.bytes_read == 0


def test_a_file_that_is_too_large_is_refused_before_it_is_fetched(submit, sftp, monkeypatch):
    monkeypatch.setattr(fetching, "BY_SERVER", type("Small", (), {"limits": lambda: type("L", (), {"csv_bytes": 10})}))

    assert turn(submit()).error_code == "file_too_large"
    assert sftp.faults.bytes_read == 0


def test_a_cut_transfer_goes_on_where_it_was_cut(submit, sftp):
    sftp.faults.cut_after = 3_600
    batch = submit()

    cut = turn(batch)
    assert (cut.state, cut.fetched_bytes, cut.fetch["waiting"]["code"]) == (
        ImportState.PREPARING,
        3_000,
        "connection_cut",
    )
    assert cut.lease_until > timezone.now()

    sftp.faults.offsets.clear()
    lose_worker(batch)
    done = turn(batch)

    assert (done.state, done.total) == (ImportState.EXECUTING, 200)
    assert min(sftp.faults.offsets) == 3_000
    assert done.source_sha256 == hashlib.sha256(rows(200).encode()).hexdigest()


def test_a_file_that_was_replaced_meanwhile_is_fetched_from_the_begin(submit, sftp):
    sftp.faults.cut_after = 3_600
    batch = turn(submit())
    (sftp.root / "5g" / "rows.csv").write_text(rows(210))
    lose_worker(batch)

    done = turn(batch)

    assert (done.total, done.source_sha256) == (210, hashlib.sha256(rows(210).encode()).hexdigest())


def test_a_growing_file_is_read_when_it_is_whole(submit, sftp, monkeypatch):
    looks = []
    file = sftp.root / "5g" / "rows.csv"

    def sleep(_seconds):
        looks.append(1)
        if len(looks) < 4:
            with file.open("a") as growing:
                growing.write(f"139{len(looks):08},More\n")

    monkeypatch.setattr(fetching, "sleep", sleep)

    done = turn(submit())

    assert (done.total, len(looks)) == (203, 4)


def test_a_file_that_grows_while_it_is_fetched_is_fetched_again(submit, sftp):
    file = sftp.root / "5g" / "rows.csv"

    def grow():
        sftp.faults.before_read = lambda: None
        with file.open("a") as growing:
            growing.write("13900000001,More\n")

    sftp.faults.before_read = grow
    batch = turn(submit())
    assert (batch.state, batch.fetched_bytes, batch.fetch["waiting"]["code"]) == (
        ImportState.PREPARING,
        0,
        "source_changing",
    )
    lose_worker(batch)

    assert turn(batch).total == 201


def test_a_file_that_is_replaced_again_and_again_is_given_up(submit, sftp):
    file = sftp.root / "5g" / "rows.csv"
    batch = submit()
    for turns in range(20):
        file.write_text(rows(200 + turns))
        batch = turn(batch, seconds=0)  # one part
        if batch.has_ended:
            break
        lose_worker(batch)

    assert (batch.state, batch.error_code) == (ImportState.FAILED, "source_waits")


def test_a_full_disk_is_waited_for_and_then_said(submit, monkeypatch):
    def full(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    batch = submit()
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(spool, "keep_part", full)
        batch = turn(batch)
        assert (batch.state, batch.fetch["waiting"]["code"]) == (ImportState.PREPARING, "storage_failed")
    lose_worker(batch)
    assert turn(batch).state == ImportState.EXECUTING


def test_a_disk_that_stays_full_ends_the_import_with_its_reason(submit, monkeypatch):
    def full(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(spool, "keep_source", full)
    batch = submit()
    for _turn in range(holding.MAX_ATTEMPTS + 1):  # in the first one the file was fetched
        batch = turn(batch)
        if not batch.has_ended:
            lose_worker(batch)

    assert (batch.state, batch.error_code) == (ImportState.FAILED, "storage_failed")


def test_a_file_that_never_stays_is_given_up(submit, sftp, monkeypatch):
    file = sftp.root / "5g" / "rows.csv"
    monkeypatch.setattr(fetching, "sleep", lambda _seconds: file.open("a").write("13900000001,More\n"))
    monkeypatch.setattr(fetching, "PATIENCE_SECONDS", -1)

    assert turn(submit()).error_code == "source_waits"


def test_a_done_marker_beside_the_file_says_that_it_is_whole(submit, sftp, monkeypatch):
    (sftp.root / "5g" / "rows.csv.done").write_text("")
    monkeypatch.setattr(fetching, "sleep", lambda _seconds: pytest.fail("waited"))

    assert turn(submit()).total == 200


def test_a_turn_that_is_over_leaves_the_rest_to_the_next(submit, sftp):
    batch = submit()

    first = turn(batch, seconds=-1)
    assert (first.state, first.is_held, first.fetched_bytes) == (ImportState.PREPARING, False, 1_000)
    while (batch := turn(batch, seconds=-1)).state == ImportState.PREPARING:
        pass

    assert batch.total == 200


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"password": "wrong"}, "server_login"),
        (
            {"host_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIYAVHruWMHRUlAziSsy0sxpftH+WJPA4shi0bKzGTRj"},
            "host_key_changed",
        ),
        ({"port": 1}, "address_untrusted"),
        ({"default_path": "/gone"}, "server_folder_missing"),
    ],
)
def test_what_nobody_mends_by_waiting_is_not_tried_twice(submit, server, sftp, changes, code):
    batch = submit()
    with act_for(batch.tenant):
        vars(server).update(changes)
        server.save()

    assert turn(batch).error_code == code
    assert sftp.faults.sign_ins <= 2


def test_a_server_that_stays_away_is_given_up_after_some_attempts(submit, sftp):
    batch = submit()
    sftp.stop_listening()

    for attempt in range(1, holding.MAX_ATTEMPTS + 1):
        assert again(batch).state == ImportState.PREPARING
        ended = turn(batch)
        lose_worker(batch)
        assert ended.attempts == attempt

    assert (ended.state, ended.error_code) == (ImportState.FAILED, "address_closed")
    sftp.listen_again()


def test_a_worker_that_dies_again_and_again_is_given_up(submit):
    batch = submit()
    for _attempt in range(holding.MAX_ATTEMPTS):
        assert holding.claim(str(batch.tenant_id), str(batch.pk), ImportState.PREPARING)
        lose_worker(batch)

    assert turn(batch).error_code == "import_stuck"


def test_the_reaper_takes_up_what_lost_its_worker_while_it_was_fetched(submit, sftp):
    batch = submit()
    holding.claim(str(batch.tenant_id), str(batch.pk), ImportState.PREPARING)
    assert turn(batch).fetched_bytes == 0  # it is somebody's
    lose_worker(batch)

    with act_for(batch.tenant):
        assert holding.set_free(batch.pk).state == ImportState.PREPARING
    assert turn(batch).total == 200


def test_a_cancelled_fetch_stops_and_stays_cancelled(submit, sftp):
    batch = submit()

    def press_cancel():
        sftp.faults.before_read = lambda: None
        cancelled.append(True)

    cancelled: list[bool] = []
    sftp.faults.before_read = press_cancel
    with act_for(batch.tenant):
        claimed = holding.claim(str(batch.tenant_id), str(batch.pk), ImportState.PREPARING)
        cancel(again(batch))

    with pytest.raises(fetching.Lost):
        fetching._fetched(claimed, 1e12)
    assert again(batch).state == ImportState.CANCELLED


def test_a_deleted_task_or_server_ends_the_fetch(submit, tenant, server):
    batch = submit()
    with act_for(tenant):
        ImportBatch.objects.update(file_server=None)

    assert turn(batch).error_code == "server_gone"


def test_a_task_that_was_published_meanwhile_takes_no_rows(submit, tenant):
    with act_for(tenant):
        task = make.task()
        batch = submit(task=task)
        type(task).objects.update(state="running")

    ended = turn(batch)

    assert (ended.state, ended.error_code) == (ImportState.FAILED, "task_state")


def test_a_server_without_an_accepted_host_key_is_refused_at_once(submit, tenant, server):
    with act_for(tenant):
        server.host_key = ""
        server.save()
    with pytest.raises(ValidationError) as refused:
        submit()
    assert refused.value.code == "host_key_missing"


def test_an_object_of_a_bucket_is_imported(tenant, settings):
    with s3_server.serving() as storage:
        trust(storage.port, settings)
        storage.put("out/5g/rows.csv", rows(50).encode())
        with act_for(tenant):
            server = make.file_server(
                server_type="object_storage",
                endpoint=storage.endpoint,
                bucket=BUCKET,
                prefix="out",
                access_key=storage.access_key,
                secret_key=storage.secret_key,
            )
            batch = submit_from_server(
                make.task(), server, path="5g", file_name="rows.csv", operator=tenant.administrator
            )

        done = pipeline.run_to_the_end(turn(batch))

    assert (done.state, done.created) == (ImportState.COMPLETE, 50)


def test_what_a_worker_that_was_given_up_writes_at_the_same_moment_is_never_taken_for_the_source(submit, monkeypatch):
    batch = submit()
    default_storage.save(f"{spool.folder_of(batch)}/00000.part", ContentFile(b"of another worker"))
    monkeypatch.setattr(FileSystemStorage, "delete", lambda *_arguments: None)  # it wrote behind our back

    assert turn(batch).fetch["waiting"]["code"] == "storage_failed"
