"""Where the console connects to, and where it never does: the Address Trustlist, asked before each call."""

import socket
from ipaddress import ip_address

import pytest
from django.core.exceptions import ValidationError

from tenants.models import AddressType, TrustedAddress
from tenants.outbound import trust
from tenants.outbound.hosts import Reach, address_of, clean_host, reach_of
from tenants.outbound.trust import Destination, trusted

pytestmark = pytest.mark.django_db
FILE_SERVER = AddressType.FILE_SERVER


def listed(host: str, port: int = 22, **fields) -> TrustedAddress:
    return TrustedAddress.objects.create(**{"address_type": FILE_SERVER, "host": host, "port": port} | fields)


@pytest.fixture
def names(monkeypatch):
    """The domain name system: {name: addresses}; what was asked stands in `.asked`."""

    class Names(dict):
        asked: list[str]

    known = Names()
    known.asked = []

    ask = socket.getaddrinfo

    def getaddrinfo(host, port, *options, **more):
        if address_of(host) is not None:
            return ask(host, port, *options, **more)
        known.asked.append(host)
        if host not in known:
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in known[host]]

    monkeypatch.setattr(trust.socket, "getaddrinfo", getaddrinfo)
    return known


def refused(host: str, port: int = 22, **options) -> str:
    with pytest.raises(ValidationError) as caught:
        trusted(FILE_SERVER, host, port, **options)
    assert caught.value.messages[0]
    return caught.value.code


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("SFTP.Example.COM.", "sftp.example.com"),
        (" sftp.example.com ", "sftp.example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("文件.example", "xn--5nqy36c.example"),
        ("192.0.2.10", "192.0.2.10"),
        ("[2001:DB8::1]", "2001:db8::1"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("host_with_underscore", "host_with_underscore"),
    ],
)
def test_a_host_has_one_spelling(typed, host):
    assert clean_host(typed) == host


@pytest.mark.parametrize(
    "typed",
    [
        "",
        ".",
        "a..b",
        "-a.example",
        "2130706433",  # 127.0.0.1 to many a resolver
        "0x7f.1",
        "127.1",
        "0177.0.0.1",
        "user@sftp.example.com",
        "sftp.example.com:22",
        "https://sftp.example.com",
        "sftp.example.com/path",
        "ex.co\\@127.0.0.1",
        "sftp.example.com\r\nHost: evil",
        "fe80::1%eth0",
        "a" * 64 + ".example",
        "a." * 127 + "example",
    ],
)
def test_what_is_no_host_is_refused(typed):
    with pytest.raises(ValidationError) as caught:
        clean_host(typed)
    assert caught.value.code == "host_format"


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("8.8.8.8", Reach.PUBLIC),
        ("2606:4700::1111", Reach.PUBLIC),
        ("10.0.0.1", Reach.PRIVATE),
        ("172.31.0.1", Reach.PRIVATE),
        ("192.168.1.1", Reach.PRIVATE),
        ("100.64.0.1", Reach.PRIVATE),  # is_private says no
        ("fd12::1", Reach.PRIVATE),
        ("127.0.0.1", Reach.LOOPBACK),
        ("127.9.9.9", Reach.LOOPBACK),
        ("::1", Reach.LOOPBACK),
        ("0.0.0.0", Reach.NEVER),
        ("0.1.2.3", Reach.NEVER),
        ("::", Reach.NEVER),
        ("169.254.169.254", Reach.NEVER),  # metadata
        ("fe80::1", Reach.NEVER),
        ("224.0.0.1", Reach.NEVER),  # is_global says yes
        ("192.0.0.8", Reach.NEVER),  # is_global says yes
        ("240.0.0.1", Reach.NEVER),
        ("255.255.255.255", Reach.NEVER),
        ("100.100.100.200", Reach.NEVER),
        ("168.63.129.16", Reach.NEVER),
        ("fd00:ec2::254", Reach.NEVER),
        ("ff02::1", Reach.NEVER),
        ("64:ff9b::7f00:1", Reach.LOOPBACK),  # NAT64 of 127.0.0.1
        ("64:ff9b::808:808", Reach.PUBLIC),
        ("64:ff9b::a00:1", Reach.PRIVATE),
        ("64:ff9b:1::7f00:1", Reach.NEVER),
        ("2002:7f00:1::", Reach.LOOPBACK),  # 6to4 of 127.0.0.1
        ("2002:a9fe:a9fe::1", Reach.NEVER),
        ("2001:0:4136:e378:8000:63bf:80ff:fffe", Reach.NEVER),  # Teredo
        ("::127.0.0.1", Reach.NEVER),
        ("fec0::1", Reach.NEVER),
    ],
)
def test_an_address_is_trusted_by_itself_only_so_far(address, reach):
    assert reach_of(ip_address(address)) is reach


def test_a_name_on_the_list_leads_to_its_public_addresses(names):
    listed("sftp.example.com")
    names["sftp.example.com"] = ["8.8.8.8", "8.8.4.4", "8.8.8.8"]

    assert trusted(FILE_SERVER, "SFTP.example.com.", 22) == Destination("sftp.example.com", 22, ("8.8.8.8", "8.8.4.4"))
    assert names.asked == ["sftp.example.com"]


@pytest.mark.parametrize(
    ("host", "port", "address_type"),
    [
        ("sftp.example.com.evil.tld", 22, FILE_SERVER),
        ("evil.tld", 22, FILE_SERVER),
        ("a.sftp.example.com", 22, FILE_SERVER),
        ("sftp.example.com", 23, FILE_SERVER),
        ("sftp.example.com", 22, AddressType.WEBHOOK),
        ("8.8.8.8", 22, FILE_SERVER),  # its address alone was not listed
    ],
)
def test_what_is_not_on_the_list_is_refused_unresolved(names, host, port, address_type):
    listed("sftp.example.com")
    names["sftp.example.com"] = ["8.8.8.8"]

    with pytest.raises(ValidationError) as caught:
        trusted(address_type, host, port)

    assert (caught.value.code, names.asked) == ("address_untrusted", [])


def test_an_address_may_be_listed_by_itself_or_by_its_network():
    listed("10.1.0.0/16")
    listed("203.0.113.7", port=2222)
    listed("2606:4700::/32")

    assert trusted(FILE_SERVER, "10.1.2.3", 22).addresses == ("10.1.2.3",)
    assert trusted(FILE_SERVER, "203.0.113.7", 2222).addresses == ("203.0.113.7",)
    assert trusted(FILE_SERVER, "[2606:4700::1]", 22).host == "2606:4700::1"
    assert refused("10.2.0.1") == "address_untrusted"


def test_a_name_leads_to_a_private_address_only_where_that_is_listed_too(names):
    listed("crm.example")
    names["crm.example"] = ["8.8.8.8", "10.1.2.3"]

    assert refused("crm.example") == "address_private"

    listed("10.1.0.0/16")
    assert trusted(FILE_SERVER, "crm.example", 22).addresses == ("8.8.8.8", "10.1.2.3")


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "224.0.0.1"]
)
def test_one_bad_address_among_good_ones_refuses_the_name(names, address):
    listed("sftp.example.com")
    listed("0.0.0.0/0")
    listed("::/0")
    names["sftp.example.com"] = ["8.8.8.8", address]

    assert refused("sftp.example.com") == "address_forbidden"


def test_an_address_of_this_machine_is_reached_at_the_given_ports_alone(settings):
    listed("127.0.0.1", port=2022)
    listed("127.0.0.1", port=2023)
    settings.LOOPBACK_PORTS = {2022}

    assert trusted(FILE_SERVER, "127.0.0.1", 2022).addresses == ("127.0.0.1",)
    assert refused("127.0.0.1", 2023) == "address_forbidden"


def test_the_consoles_own_database_is_no_file_server(settings, monkeypatch):
    monkeypatch.setitem(settings.DATABASES["default"], "PORT", "5432")
    settings.CELERY_BROKER_URL = "redis://:x@10.0.0.5:6379/0"
    listed("10.0.0.0/8", port=5432)
    listed("10.0.0.0/8", port=6379)

    assert {refused("10.0.0.5", 5432), refused("10.0.0.5", 6379)} == {"address_forbidden"}


def test_plain_http_is_refused_unless_the_line_allows_it(names):
    names["s3.example"] = ["8.8.8.8"]
    listed("s3.example", port=80)

    assert refused("s3.example", 80, uses_tls=False) == "address_tls"

    TrustedAddress.objects.update(allows_http=True)
    assert trusted(FILE_SERVER, "s3.example", 80, uses_tls=False).port == 80


def test_a_name_that_nobody_knows_is_refused(names):
    listed("gone.example")

    assert refused("gone.example") == "address_unknown"


def test_a_name_server_that_keeps_silent_does_not_hold_the_caller(names, monkeypatch):
    listed("slow.example")
    monkeypatch.setattr(trust, "RESOLVE_SECONDS", 0.05)
    monkeypatch.setattr(trust, "_ask", lambda *_: None)

    assert refused("slow.example") == "address_unknown"


def test_what_was_judged_is_what_is_connected_to(names, settings):
    """A name that leads elsewhere the next time (DNS rebinding) is not asked a next time."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        settings.LOOPBACK_PORTS = {port}
        listed("demo.example", port=port)
        listed("127.0.0.1", port=port)
        names["demo.example"] = ["127.0.0.1"]
        destination = trusted(FILE_SERVER, "demo.example", port)
        names["demo.example"] = ["192.0.2.1"]

        with destination.connect() as connected:
            assert connected.getpeername() == ("127.0.0.1", port)
        assert names.asked == ["demo.example"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConnectionRefusedError(), "address_closed"),
        (TimeoutError(), "address_unreachable"),
        (OSError(113, "No route to host"), "address_unreachable"),
    ],
)
def test_a_server_that_is_not_there_is_told_apart_from_a_silent_one(monkeypatch, error, code):
    def create_connection(*_, **__):
        raise error

    monkeypatch.setattr(trust.socket, "create_connection", create_connection)

    with pytest.raises(ValidationError) as caught:
        Destination("demo.example", 22, ("192.0.2.1", "192.0.2.2")).connect(seconds=0.2)

    assert caught.value.code == code
