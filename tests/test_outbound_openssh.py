"""What a real OpenSSH server gives the console: its key pinned, its regular files, a cut transfer that goes on."""

import hashlib
import os

import asyncssh
import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from importer import fetching, file_servers, pipeline
from importer.models import FileServer, ImportBatch
from importer.states import ImportState
from importer.submission import submit_from_server
from tenants.models import LogEntry
from tenants.outbound.keys import fingerprint_of
from tenants.outbound.sftp import Account, SftpStore, Stored, host_key_at
from tenants.outbound.trust import Destination
from tenants.scoping import act_for

from . import make, openssh_server
from .openssh_server import OpenSshServer
from .sftp_server import trust

HEADER = "Recipient number,name\n"
LARGE = HEADER + "".join(f"138{number:08},{'Ann ' * 20}{number}\n" for number in range(40_000))  # 4 MB


@pytest.fixture(scope="module")
def served():
    with openssh_server.serving() as server:
        out = server.root / "out"
        (out / "5g").mkdir(parents=True)
        (out / "a.csv").write_text(HEADER + "13800000001,Ann\n")
        (out / "5g" / "large.csv").write_text(LARGE)
        (server.root / "secret.csv").write_text(HEADER)
        os.mkfifo(out / "pipe.csv")
        (out / "folder.csv").mkdir()
        (out / "link.csv").symlink_to("../secret.csv")
        (out / "inside.csv").symlink_to("a.csv")
        (out / "up").symlink_to("..")
        yield server


@pytest.fixture
def server(served) -> OpenSshServer:
    (served.root / "out" / "5g" / "large.csv").write_text(LARGE)
    return served


def store(server: OpenSshServer, **account: str) -> SftpStore:
    given = {"user": server.user, "private_key": server.private_key, "host_key": server.host_key} | account
    return SftpStore(at(server), Account(**given), base=str(server.root / "out"), seconds=20)


def at(server: OpenSshServer) -> Destination:
    return Destination("127.0.0.1", server.port, ("127.0.0.1",))


def refused(act) -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        act()
    assert caught.value.messages[0]
    return caught.value


def test_its_folder_shows_folders_and_regular_files_alone(server):
    with store(server) as opened:
        entries = opened.folder([]).entries

    assert [(one.name, one.is_folder) for one in entries] == [("5g", True), ("folder.csv", True), ("a.csv", False)]


def test_a_file_is_read_whole_and_from_an_offset_on(server):
    with store(server) as opened:
        stored = opened.find(["5g", "large.csv"])
        whole = b"".join(opened.blocks(["5g", "large.csv"], stored, 0))
        rest = b"".join(opened.blocks(["5g", "large.csv"], stored, stored.size - 10))

    assert (stored.size, whole.decode(), rest.decode()) == (len(LARGE), LARGE, LARGE[-10:])


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (["gone.csv"], "server_file_missing"),
        (["6g", "gone.csv"], "server_folder_missing"),
        (["folder.csv"], "server_not_regular"),
        (["pipe.csv"], "server_not_regular"),
        (["link.csv"], "server_link"),
        (["inside.csv"], "server_link"),
        (["up", "secret.csv"], "server_link"),
        (["a.csv", "b.csv"], "server_not_folder"),
    ],
)
def test_nothing_but_a_regular_file_below_the_folder_is_read(server, parts, code):
    with store(server) as opened:
        assert refused(lambda: opened.find(parts)).code == code
        assert refused(lambda: list(opened.blocks(parts, Stored("x", 10), 0))).code == code


def test_a_file_that_its_user_may_not_read_is_told(server):
    closed = server.root / "out" / "closed.csv"
    closed.write_text(HEADER)
    closed.chmod(0)
    try:
        with store(server) as opened:
            stored = opened.find(["closed.csv"])
            assert refused(lambda: list(opened.blocks(["closed.csv"], stored, 0))).code == "server_denied"
    finally:
        closed.unlink()


def test_its_host_key_is_shown_and_pinned(server):
    shown = host_key_at(at(server), seconds=10)

    assert shown.split()[:2] == server.host_key.split()[:2]
    with store(server, host_key="") as opened:
        unknown = refused(lambda: opened.folder([]))
    assert (unknown.code, unknown.params["found"]) == ("host_key_unknown", fingerprint_of(server.host_key))


def test_another_host_key_is_refused_until_it_is_accepted(server):
    pinned = server.host_key
    server.show_another_host_key()

    with store(server, host_key=pinned) as opened:
        changed = refused(lambda: opened.folder([]))
    assert (changed.code, changed.params["found"]) == ("host_key_changed", fingerprint_of(server.host_key))
    with store(server) as opened:
        assert opened.find(["a.csv"]).size > 0


@pytest.mark.parametrize("way", ["another key", "a password"])
def test_who_is_not_let_in_is_told_so(server, way):
    other = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    accounts = {"another key": {"private_key": other}, "a password": {"private_key": "", "password": "x"}}
    with store(server, **accounts[way]) as opened:
        assert refused(lambda: opened.folder([])).code == "server_login"


class Interruption:
    """`deed` happens once, after the first block of a transfer; then the rest is asked for as if nothing had been."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.deed, self.offsets = lambda: None, []
        blocks = SftpStore.blocks

        def interrupted(store: SftpStore, parts, stored, offset):
            self.offsets.append(offset)
            for number, block in enumerate(blocks(store, parts, stored, offset)):
                yield block
                if number == 0:
                    deed, self.deed = self.deed, lambda: None
                    deed()

        monkeypatch.setattr(SftpStore, "blocks", interrupted)


@pytest.fixture
def interruption(monkeypatch) -> Interruption:
    monkeypatch.setattr(fetching, "STABLE_SECONDS", 0.05)
    monkeypatch.setattr("importer.spool.PART_BYTES", 200_000)  # OpenSSH answers with 255 kB at a time
    return Interruption(monkeypatch)


@pytest.fixture
def set_up(tenant, server, settings) -> FileServer:
    """The server as the tenant has it, its key accepted."""
    trust(server.port, settings)
    address = {"host": "127.0.0.1", "port": server.port, "default_path": str(server.root / "out")}
    with act_for(tenant):
        made = make.file_server(username=server.user, password="", private_key=server.private_key, **address)
        return file_servers.accept_host_key(made, fingerprint_of(server.host_key))


@pytest.fixture
def submit(tenant, set_up):
    def submitted(path: str, name: str) -> ImportBatch:
        with act_for(tenant):
            return submit_from_server(make.task(), set_up, path=path, file_name=name, operator=tenant.administrator)

    return submitted


def turn(batch: ImportBatch) -> ImportBatch:
    """A turn of a worker once the last one's time is over, and the import as it is afterwards."""
    with act_for(batch.tenant):
        ImportBatch.objects.filter(pk=batch.pk, lease_until__isnull=False).update(lease_until=timezone.now())
    fetching.take_turn(str(batch.tenant_id), str(batch.pk), seconds=60)
    with act_for(batch.tenant):
        return ImportBatch.objects.select_related("tenant", "task").get(pk=batch.pk)


@pytest.mark.django_db
def test_the_connection_is_tried_and_its_file_imported(submit, set_up):
    with act_for(set_up.tenant):
        found = file_servers.test(set_up)
    assert [one.name for one in found.folder.files] == ["a.csv"]

    done = pipeline.run_to_the_end(turn(submit("", "a.csv")))

    assert (done.state, done.created) == (ImportState.COMPLETE, 1)


@pytest.mark.django_db
def test_a_transfer_that_loses_its_session_goes_on_where_it_was_cut(submit, server, interruption):
    interruption.deed = server.cut

    cut = turn(submit("5g", "large.csv"))
    assert (cut.state, cut.fetch["waiting"]["code"]) == (ImportState.PREPARING, "connection_cut")
    assert 0 < cut.fetched_bytes < len(LARGE)
    done = turn(cut)

    assert (done.total, interruption.offsets) == (40_000, [0, cut.fetched_bytes])
    assert done.source_sha256 == hashlib.sha256(LARGE.encode()).hexdigest()


@pytest.mark.django_db
def test_a_file_that_grows_while_it_is_fetched_is_fetched_again(submit, server, interruption):
    file = server.root / "out" / "5g" / "large.csv"
    interruption.deed = lambda: file.write_text(LARGE + "13900000001,More\n")

    batch = turn(submit("5g", "large.csv"))
    assert (batch.state, batch.fetch["waiting"]["code"]) == (ImportState.PREPARING, "source_changing")

    assert turn(batch).total == 40_001


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "name", "code"),
    [
        ("", "link.csv", "server_link"),
        ("up", "secret.csv", "server_link"),
        ("", "pipe.csv", "server_not_regular"),
        ("", "folder.csv", "server_not_regular"),
    ],
)
def test_what_is_no_regular_file_ends_as_failed_and_is_logged(submit, tenant, path, name, code):
    assert turn(submit(path, name)).error_code == code

    with act_for(tenant):
        assert LogEntry.objects.filter(action="import.fetch").get().refused == code


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "name"), [("..", "secret.csv"), ("5g/../..", "secret.csv"), ("", "../secret.csv")])
def test_a_path_with_dots_is_refused_before_anybody_is_asked(submit, path, name):
    assert refused(lambda: submit(path, name)).code == "path_dots"
