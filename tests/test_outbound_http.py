"""The one bounded HTTP call, against real servers that misbehave in every way that was thought of."""

import gzip
import ssl
import time
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError

from importer.smartcare.simulator.authority import Authority
from tenants.outbound.http import Answer, Call, Limits, is_retryable, send
from tenants.outbound.tls import Tls
from tenants.outbound.trust import Destination

from .outbound_servers import server, serving

PATIENT, QUICK = Limits(body=100_000), Limits(read_seconds=1, total_seconds=2, body=100_000)
GET = Call("GET", "/path?a=b", {}, wants="application/json")
JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}"


def code_of(destination: Destination, *, tls: Tls | None = None, limits: Limits = PATIENT) -> str:
    with pytest.raises(ValidationError) as refused:
        send(destination, GET, tls=tls, limits=limits)
    assert refused.value.messages[0].endswith(".")
    return refused.value.code


def test_an_answer_is_read_whole():
    with server(JSON) as destination:
        answer = send(destination, GET, tls=None, limits=PATIENT)

    assert (answer.status, answer.body) == (200, b"{}")
    assert answer.headers["content-type"].startswith("application/json")


def test_host_path_and_body_are_sent_as_they_are_and_no_compression_is_asked_for():
    received: list[bytes] = []
    with server(JSON, received=received) as destination:
        named = replace(destination, host="smartcare.example")
        send(named, Call("POST", "/a?b=c", {"X-APP-Key": "k"}, b"{}"), tls=None, limits=PATIENT)

    text = received[0].decode().lower()
    assert text.startswith("post /a?b=c http/1.1\r\n")
    assert f"host: smartcare.example:{destination.port}\r\n" in text
    assert "accept-encoding: identity\r\n" in text
    assert "x-app-key: k\r\n" in text


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "http_redirect"),
        (b"HTTP/1.1 301 Moved\r\nLocation: /same-host\r\n\r\n", "http_redirect"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi", "http_content_type"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "http_content_type"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 200000\r\n\r\n", "http_too_large"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + b" " * 200_000, "http_too_large"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{", "http_cut"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{", "http_cut"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "http_cut"),
        (b"", "http_cut"),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", "http_format"),
        (b"HTTP/1.1 OK\r\n\r\n", "http_format"),
        (b"HTTP/1.1 200 OK\r\n" + b"X-Filler: x\r\n" * 8_000 + b"\r\n", "http_format"),  # more than 100 headers
        (b"HTTP/1.1 200 OK\r\n" + b"X-Filler: " + b"x" * 100_000, "http_headers"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000, "http_headers"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n\r\n"
            + gzip.compress(bytes(90_000_000)),
            "http_encoding",
        ),
    ],
)
def test_what_a_server_should_not_send_is_refused(reply, code):
    with server(reply) as destination:
        assert code_of(destination) == code


def drip(line):
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
    drip_bytes(line)


def drip_bytes(line):
    for _byte in range(1_000):
        line.sendall(b" ")
        time.sleep(0.1)


def endless(line):
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        line.sendall(b" " * 1_000)


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (lambda _line: time.sleep(20), "http_timeout"),
        (drip, "http_timeout"),
        (drip_bytes, "http_timeout"),  # in the headers
        (endless, "http_too_large"),
    ],
    ids=["silent", "drip", "drip-in-headers", "endless"],
)
@pytest.mark.parametrize("is_tls", [False, True], ids=["http", "https"])
def test_no_server_holds_a_call_for_longer_than_is_allowed(authority, reply, code, is_tls):
    context = serving(authority.issue("127.0.0.1")) if is_tls else None
    tls = Tls(authority.certificate) if is_tls else None
    began = time.monotonic()

    with server(reply, context) as destination:
        assert code_of(destination, tls=tls, limits=QUICK) == code

    assert time.monotonic() - began < 10  # seconds: two, on a machine that does nothing else


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def secure(authority: Authority, issued, **options):
    return server(JSON, serving(issued, **options))


def test_a_certificate_of_the_chosen_authority_is_accepted(authority):
    with secure(authority, authority.issue("127.0.0.1")) as destination:
        assert send(destination, GET, tls=Tls(authority.certificate), limits=PATIENT).status == 200


@pytest.mark.parametrize(
    ("hosts", "days", "code"),
    [
        (("127.0.0.1",), (-30, -1), "tls_expired"),
        (("127.0.0.1",), (1, 30), "tls_not_yet_valid"),
        (("127.0.0.2",), (-1, 30), "tls_name"),
        (("localhost",), (-1, 30), "tls_name"),
    ],
)
def test_a_certificate_that_does_not_fit_is_refused(authority, hosts, days, code):
    with secure(authority, authority.issue(*hosts, days=days)) as destination:
        assert code_of(destination, tls=Tls(authority.certificate)) == code


@pytest.mark.parametrize("trusted", ["", Authority("Another").certificate], ids=["system", "another"])
def test_a_certificate_of_an_unknown_authority_is_refused(authority, trusted):
    with secure(authority, authority.issue("127.0.0.1")) as destination:
        assert code_of(destination, tls=Tls(trusted)) == "tls_authority"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_no_version_older_than_1_2_is_spoken(authority, version):
    with secure(authority, authority.issue("127.0.0.1"), highest=version) as destination:
        assert code_of(destination, tls=Tls(authority.certificate)) == "tls_version"


def test_a_server_without_tls_is_named_as_such(authority):
    with server(JSON) as destination:
        assert code_of(destination, tls=Tls(authority.certificate), limits=QUICK) in (
            "tls_none",
            "http_timeout",
            "tls_cut",
        )


def test_a_client_certificate_is_shown_to_a_server_that_wants_one(authority):
    client = authority.issue(name="console", is_client=True)
    with secure(authority, authority.issue("127.0.0.1"), client_authority=authority.certificate) as destination:
        tls = Tls(authority.certificate, client.certificate, client.key)
        assert send(destination, GET, tls=tls, limits=PATIENT).status == 200


@pytest.mark.parametrize("days", [None, (-30, -1)], ids=["none", "expired"])
def test_a_missing_or_expired_client_certificate_is_said_to_be_the_reason(authority, days):
    client = authority.issue(name="console", is_client=True, days=days) if days else ("", "")
    with secure(authority, authority.issue("127.0.0.1"), client_authority=authority.certificate) as destination:
        assert code_of(destination, tls=Tls(authority.certificate, *client)) in ("tls_client", "tls_cut")


def test_nothing_of_the_environment_sends_a_call_elsewhere(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    with server(JSON) as destination:
        assert isinstance(send(destination, GET, tls=None, limits=PATIENT), Answer)


def test_only_the_checked_addresses_are_connected_to():
    with server(JSON) as destination:
        elsewhere = replace(destination, host="smartcare.invalid")  # nobody resolves this name

        assert send(elsewhere, GET, tls=None, limits=PATIENT).status == 200


@pytest.mark.parametrize(
    ("reply", "expected"), [(b"", True), (b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", False)], ids=["cut", "redirect"]
)
def test_only_what_may_pass_by_itself_is_worth_another_try(reply, expected):
    with server(reply) as destination, pytest.raises(ValidationError) as refused:
        send(destination, GET, tls=None, limits=PATIENT)

    assert is_retryable(refused.value) is expected


def test_a_header_cannot_carry_a_second_one():
    with server(JSON) as destination, pytest.raises(ValueError, match="Invalid header value"):
        send(destination, Call("GET", "/", {"X-APP-Key": "a\r\nX-Evil: 1"}), tls=None, limits=PATIENT)
