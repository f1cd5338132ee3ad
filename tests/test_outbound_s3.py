"""Object storage as the console speaks it, against a real S3 server."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.exceptions import ValidationError

from importer.smartcare.simulator.authority import Authority
from tenants.outbound import s3
from tenants.outbound.s3 import Bucket, S3Store
from tenants.outbound.stores import Stored
from tenants.outbound.trust import Destination

from . import s3_server
from .outbound_servers import server as server_of
from .outbound_servers import serving
from .s3_server import BUCKET, S3Server


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with s3_server.serving() as server:
        server.put("out/a.csv", b"Recipient number,name\n")
        server.put("out/5g/b c+ü.csv", b"x" * 3_000_000)
        server.put("elsewhere.csv", b"secret")
        yield server


def store(server: S3Server, **changes) -> S3Store:
    given = {
        "endpoint": server.endpoint,
        "name": BUCKET,
        "access_key": server.access_key,
        "secret_key": server.secret_key,
        "prefix": "out/",
    }
    bucket = Bucket(**given | changes)
    return S3Store(Destination("127.0.0.1", bucket.port, ("127.0.0.1",)), bucket, seconds=10)


def refused(act) -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        act()
    assert caught.value.messages[0]
    return caught.value


def test_a_folder_shows_its_folders_and_objects(server):
    folder = store(server).folder([])

    assert [(one.name, one.is_folder, one.size) for one in folder.entries] == [("5g", True, 0), ("a.csv", False, 22)]
    assert folder.files[0].changed_at is not None


def test_an_object_is_read_whole_and_from_an_offset_on(server):
    with store(server) as opened:
        stored = opened.find(["5g", "b c+ü.csv"])
        whole = b"".join(opened.blocks(["5g", "b c+ü.csv"], stored, 0))
        rest = b"".join(opened.blocks(["5g", "b c+ü.csv"], stored, 2_999_990))

    assert (stored.size, len(whole), rest) == (3_000_000, 3_000_000, b"x" * 10)


def test_an_object_that_was_replaced_is_not_read_on(server):
    stored = store(server).find(["a.csv"])
    replaced = Stored("a.csv", stored.size, stored.changed_at, '"0123456789abcdef0123456789abcdef"')

    assert refused(lambda: list(store(server).blocks(["a.csv"], replaced, 0))).code == "source_changing"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"secret_key": "wrong"}, "server_login"),
        ({"access_key": "nobody"}, "server_login"),
        ({"name": "no-such-bucket"}, "server_folder_missing"),
    ],
)
def test_a_wrong_key_or_bucket_is_told(server, changes, code):
    assert refused(lambda: store(server, **changes).folder([])).code == code


def test_an_object_that_is_not_there_is_told(server):
    assert refused(lambda: store(server).find(["gone.csv"])).code == "server_file_missing"


def test_without_path_style_the_bucket_is_part_of_the_host():
    bucket = Bucket("https://s3.example.com", "outbound", "a", "b", uses_path_style=False)

    assert (bucket.host, bucket.port, bucket.uses_tls) == ("outbound.s3.example.com", 443, True)
    assert bucket.url("a b.csv") == "https://outbound.s3.example.com/a%20b.csv"


@contextmanager
def odd_server(*answers: bytes, then_keep_open: float = 0) -> Iterator[int]:
    """A server that sends `answers`, one for each connection, whatever it is asked."""
    stop = threading.Event()

    def serve(listening: socket.socket) -> None:
        for answer in answers:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(answer)
                if then_keep_open:
                    stop.wait(then_keep_open)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        yield listening.getsockname()[1]
        stop.set()


def at(port: int, *, seconds: float = 5, endpoint: str = "http") -> S3Store:
    bucket = Bucket(f"{endpoint}://127.0.0.1:{port}", BUCKET, "a", "b")
    return S3Store(Destination("127.0.0.1", port, ("127.0.0.1",)), bucket, seconds=seconds)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:22/\r\nContent-Length: 0\r\n\r\n", "server_protocol"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "server_protocol"),
        (b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\n\r\n", "server_slow"),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "server_denied"),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", "connection_cut"),
        (b"", "connection_cut"),
        (
            b'HTTP/1.1 200 OK\r\nContent-Length: 39\r\n\r\n<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
            "server_protocol",
        ),
    ],
)
def test_an_odd_answer_is_a_refusal_and_followed_nowhere(answer, code):
    with odd_server(answer) as port:
        assert refused(lambda: at(port).folder([])).code == code


def test_a_server_that_drips_ends_in_time():
    with odd_server(b"HTTP/1.1 200 OK\r\nX-", then_keep_open=9) as port:
        assert refused(lambda: at(port, seconds=0.5).folder([])).code == "server_slow"


def test_a_transfer_that_ends_early_is_cut():
    with odd_server(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf") as port:
        assert refused(lambda: list(at(port).blocks(["a.csv"], Stored("a.csv", 100), 0))).code == "connection_cut"


def test_a_silent_transfer_ticks(monkeypatch):
    monkeypatch.setattr(s3, "TICK_SECONDS", 0.05)
    with odd_server(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", then_keep_open=5) as port:
        blocks = at(port).blocks(["a.csv"], Stored("a.csv", 100), 0)
        assert next(blocks) == b""
        blocks.close()


def test_a_server_without_tls_is_not_spoken_to_by_https():
    with odd_server(b"HTTP/1.1 200 OK\r\n\r\n") as port:
        assert refused(lambda: at(port, endpoint="https").folder([])).code in ("tls_none", "tls_cut")


def test_a_certificate_of_an_unknown_authority_is_refused():
    with server_of(b"HTTP/1.1 200 OK\r\n\r\n", serving(Authority().issue("127.0.0.1"))) as destination:
        assert refused(lambda: at(destination.port, endpoint="https").folder([])).code == "tls_authority"
