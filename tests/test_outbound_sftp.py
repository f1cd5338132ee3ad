"""SFTP as the console speaks it: a pinned host key, an account, and regular files below one folder."""

import os
from pathlib import Path

import asyncssh
import pytest
from django.core.exceptions import ValidationError

from tenants.outbound import sftp
from tenants.outbound.keys import check_private_key, fingerprint_of
from tenants.outbound.sftp import Account, SftpStore, host_key_at
from tenants.outbound.trust import Destination

from .sftp_server import PASSWORD, USER, SftpServer, serving


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    root = tmp_path_factory.mktemp("sftp") / "root"
    (root / "out" / "5g").mkdir(parents=True)
    (root / "out" / "a.csv").write_text("Recipient number,name\n")
    (root / "out" / "5g" / "b.csv").write_bytes(b"x" * 3_000_000)
    (root / "secret.csv").write_text("secret")
    os.mkfifo(root / "out" / "pipe.csv")
    (root / "out" / "link.csv").symlink_to(root / "secret.csv")
    (root / "out" / "up").symlink_to("..")
    (root / "out" / "5h").symlink_to("5g")
    (root / "linked").symlink_to("out")
    with serving(root) as server:
        yield server


@pytest.fixture
def server(served) -> SftpServer:
    vars(served.faults).update(vars(type(served.faults)()))
    return served


def store(server: SftpServer, *, base: str = "/out", seconds: float = 10, **account: str) -> SftpStore:
    given = {"user": USER, "password": PASSWORD, "host_key": server.host_key} | account
    return SftpStore(
        Destination("127.0.0.1", server.port, ("127.0.0.1",)), Account(**given), base=base, seconds=seconds
    )


def refused(act) -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        act()
    assert caught.value.messages[0]
    return caught.value


def test_a_folder_shows_its_folders_and_regular_files_alone(server):
    server.faults.names = [b"..\\x", b"a/b", b"\xff.csv", b"tab\t.csv", b"good.csv"]

    with store(server) as opened:
        folder = opened.folder([])

    assert [one.name for one in folder.entries] == ["5g", "a.csv", "good.csv"]
    assert (folder.entries[0].is_folder, folder.entries[1].size, folder.is_cut) == (True, 22, False)


def test_a_folder_with_very_many_files_is_cut(server, monkeypatch):
    monkeypatch.setattr("tenants.outbound.stores.MAX_ENTRIES", 2)
    monkeypatch.setattr(sftp, "MAX_ENTRIES", 2)
    server.faults.names = [b"%d.csv" % number for number in range(9)]

    with store(server) as opened:
        folder = opened.folder([])

    assert (len(folder.entries), folder.is_cut) == (2, True)


def test_a_file_is_read_whole_and_from_an_offset_on(server):
    with store(server) as opened:
        stored = opened.find(["5g", "b.csv"])
        whole = b"".join(opened.blocks(["5g", "b.csv"], stored, 0))
        rest = b"".join(opened.blocks(["5g", "b.csv"], stored, 2_999_990))

    assert (stored.size, len(whole), rest) == (3_000_000, 3_000_000, b"x" * 10)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (["gone.csv"], "server_file_missing"),
        (["5g", "gone.csv"], "server_file_missing"),
        (["6g", "gone.csv"], "server_folder_missing"),
        (["a.csv", "b.csv"], "server_not_folder"),
        (["5g"], "server_not_regular"),
        (["pipe.csv"], "server_not_regular"),
        (["link.csv"], "server_link"),
        (["up", "secret.csv"], "server_link"),
        (["5h", "b.csv"], "server_link"),
    ],
)
def test_nothing_but_a_regular_file_below_the_folder_is_read(server, parts, code):
    with store(server) as opened:
        assert refused(lambda: opened.find(parts)).code == code
        assert refused(lambda: list(opened.blocks(parts, sftp.Stored("x", 10), 0))).code == code
    assert server.faults.bytes_read == 0


def test_the_folder_itself_may_be_a_link_of_the_servers_owner(server):
    with store(server, base="/linked") as opened:
        assert opened.find(["a.csv"]).size == 22


@pytest.mark.parametrize(
    ("base", "code"), [("/nowhere", "server_folder_missing"), ("/secret.csv", "server_not_folder")]
)
def test_a_default_path_that_is_no_folder_is_told(server, base, code):
    with store(server, base=base) as opened:
        assert refused(lambda: opened.folder([])).code == code


def test_a_private_key_signs_in(server):
    key = server.client_key.export_private_key().decode()

    with store(server, password="", private_key=key) as opened:
        assert opened.find(["a.csv"]).size == 22


def test_a_private_key_that_ssh_keygen_protected_signs_in(server):
    key = server.client_key.export_private_key("openssh", passphrase="open").decode()

    with store(server, password="", private_key=key, passphrase="open") as opened:
        assert opened.find(["a.csv"]).size == 22


@pytest.mark.parametrize(
    "account", [{"password": "wrong"}, {"user": "nobody"}, {"password": "", "private_key": "other"}]
)
def test_who_is_not_let_in_is_told_so_once(server, account):
    if account.get("private_key"):
        account = {**account, "private_key": asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()}
    with store(server, **account) as opened:
        assert refused(lambda: opened.folder([])).code == "server_login"
    assert server.faults.sign_ins <= 2  # password, and the same as a keyboard's answer


def test_an_unknown_host_key_is_shown_and_nothing_is_sent(server):
    with store(server, host_key="") as opened:
        refusal = refused(lambda: opened.folder([]))

    assert (refusal.code, refusal.params["found"]) == ("host_key_unknown", server.fingerprint)
    assert server.faults.sign_ins == 0


def test_the_host_key_can_be_asked_for(server):
    shown = host_key_at(Destination("127.0.0.1", server.port, ("127.0.0.1",)), seconds=5)

    assert (shown.split()[:2], fingerprint_of(shown)) == (server.host_key.split()[:2], server.fingerprint)
    assert server.faults.sign_ins == 0


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"])
def test_another_host_key_is_refused_loudly_and_nothing_is_sent(tmp_path: Path, kind):
    with serving(tmp_path / "root") as server:
        pinned = server.host_key
        server.show_another_host_key(kind)

        with store(server, base="/", host_key=pinned) as opened:
            refusal = refused(lambda: opened.folder([]))

    assert (refusal.code, refusal.params["accepted"]) == ("host_key_changed", fingerprint_of(pinned))
    assert server.faults.sign_ins == 0


@pytest.mark.parametrize("kind", ["ecdsa-sha2-nistp256", "ssh-rsa"])
def test_a_host_key_of_another_kind_is_pinned_as_well(tmp_path: Path, kind):
    with serving(tmp_path / "root") as server:
        server.show_another_host_key(kind)
        with store(server, base="/") as opened:
            assert opened.folder([]).entries == []


def test_a_cut_transfer_says_how_far_it_came(server):
    server.faults.cut_after = 2_000_000
    with store(server) as opened:
        stored = opened.find(["5g", "b.csv"])
        blocks = opened.blocks(["5g", "b.csv"], stored, 0)
        first = next(blocks)

        assert refused(lambda: next(blocks)).code == "connection_cut"
    assert len(first) == 1 << 20


def test_a_silent_server_ticks_and_is_given_up(server, monkeypatch):
    monkeypatch.setattr(sftp, "TICK_SECONDS", 0.05)
    monkeypatch.setattr(sftp, "SILENT_SECONDS", 0.2)
    server.faults.seconds_per_read = 60
    with store(server) as opened:
        stored = opened.find(["a.csv"])
        blocks = opened.blocks(["a.csv"], stored, 0)

        assert next(blocks) == b""
        assert refused(lambda: list(blocks)).code == "connection_cut"


def test_a_look_ends_when_its_time_is_over(server):
    server.faults.seconds_per_read = 60
    with store(server, seconds=0.6) as opened:
        stored = opened.find(["a.csv"])

        assert refused(lambda: list(opened.blocks(["a.csv"], stored, 0))).code == "server_slow"


def test_a_server_that_is_no_ssh_server_is_told(tmp_path):
    import socket
    import threading

    with socket.create_server(("127.0.0.1", 0)) as web:
        port = web.getsockname()[1]

        def answer() -> None:
            connection, _ = web.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                connection.recv(1_000)

        threading.Thread(target=answer, daemon=True).start()
        destination = Destination("127.0.0.1", port, ("127.0.0.1",))
        with SftpStore(destination, Account(USER, PASSWORD), base="/", seconds=3) as opened:
            assert refused(lambda: opened.folder([])).code in ("server_protocol", "connection_cut")


@pytest.mark.parametrize(
    ("text", "passphrase", "code"),
    [
        ("", "", "private_key_format"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nx\n", "", "private_key_format"),
        ("ssh-ed25519 AAAA nobody", "", "private_key_format"),
    ],
)
def test_what_is_no_private_key_is_refused(text, passphrase, code):
    assert refused(lambda: check_private_key(text, passphrase)).code == code


@pytest.mark.parametrize("form", ["openssh", "pkcs8-pem"])
def test_a_protected_private_key_needs_its_passphrase(form):
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key(form, passphrase="open").decode()

    check_private_key(key, "open")
    assert refused(lambda: check_private_key(key, "")).code == "private_key_passphrase"
    assert refused(lambda: check_private_key(key, "wrong")).code == "private_key_passphrase"
