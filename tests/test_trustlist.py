"""Address Trustlist: what may be written there, on its page and by REST."""

import pytest
from django.core.exceptions import ValidationError

from tenants.models import LogEntry, TrustedAddress, User
from tenants.outbound.trust import trusted
from tenants.trustlist import clean_trusted_host, save_trusted

from . import make
from .caller import Caller, errors_of
from .pages import Person, text_of

pytestmark = pytest.mark.django_db

LINE = {"address_type": "file_server", "host": "sftp.example.com", "port": 22, "remark": "Nightly lists"}


@pytest.fixture
def root() -> User:
    return User.objects.create_superuser("root", make.PASSWORD)


@pytest.fixture
def person(root) -> Person:
    return Person(root)


@pytest.fixture
def api(root) -> Caller:
    return Caller(user=root)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" SFTP.Example.COM. ", "sftp.example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("文件.例子", "xn--5nqy36c.xn--fsqu00a"),
        ("192.0.2.10", "192.0.2.10"),
        ("[2001:DB8::1]", "2001:db8::1"),
        ("10.1.0.0/16", "10.1.0.0/16"),
        ("10.1.2.0/255.255.255.0", "10.1.2.0/24"),
        ("10.1.2.3/32", "10.1.2.3"),
        ("FD00:1:2::/48", "fd00:1:2::/48"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
    ],
)
def test_a_host_is_kept_in_one_spelling(typed, kept):
    assert clean_trusted_host(typed, 22) == kept


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "host_format"),
        ("sftp example", "host_format"),
        ("https://sftp.example.com", "host_format"),
        ("sftp.example.com/lists", "host_format"),
        ("10.1.0.0/99", "host_format"),
        ("2130706433", "host_format"),  # 127.0.0.1 as a number
        ("0x7f.1", "host_format"),
        ("10.1.2.3/16", "trust_begin"),
        ("10.0.0.0/15", "trust_broad"),
        ("0.0.0.0/0", "trust_broad"),
        ("2001:db8::/47", "trust_broad"),
        ("::/0", "trust_broad"),
        ("localhost", "trust_never"),
        ("LocalHost.", "trust_never"),
        ("db.localhost", "trust_never"),
        ("localhost.localdomain", "trust_never"),
        ("metadata.google.internal", "trust_never"),
        ("127.0.0.1", "trust_never"),
        ("127.1.2.3", "trust_never"),
        ("::1", "trust_never"),
        ("::ffff:127.0.0.1", "trust_never"),
        ("64:ff9b::7f00:1", "trust_never"),
        ("0.0.0.0", "trust_never"),
        ("169.254.169.254", "trust_never"),
        ("169.254.0.0/16", "trust_never"),
        ("127.0.0.0/16", "trust_never"),
        ("224.0.0.1", "trust_never"),
        ("255.255.255.255", "trust_never"),
        ("fe80::1", "trust_never"),
        ("ff02::1", "trust_never"),
    ],
)
def test_what_could_never_be_reached_is_not_written(typed, code):
    with pytest.raises(ValidationError) as refused:
        clean_trusted_host(typed, 22)

    assert refused.value.code == code


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_this_machine_is_let_in_at_the_ports_of_our_own_demo_servers(settings, host):
    settings.LOOPBACK_PORTS = {2022}

    assert clean_trusted_host(host, 2022) == host
    with pytest.raises(ValidationError):
        clean_trusted_host(host, 2023)


def test_what_is_written_is_what_a_call_asks_for():
    save_trusted(TrustedAddress(), **(LINE | {"host": "192.0.2.0/24"}))

    assert trusted("file_server", "192.0.2.7", 22).addresses == ("192.0.2.7",)


def test_every_deed_is_written_down(person):
    person.post("administration:trusted-add", **LINE)
    entry = TrustedAddress.objects.get()
    person.post("administration:trusted-edit", entry.pk, **(LINE | {"port": 2022}))
    person.post("administration:trusted-delete", entry.pk)

    assert list(LogEntry.objects.order_by("pk").values_list("action", "object_name", "actor_role")) == [
        ("trustlist.add", "sftp.example.com:22", "system_administrator"),
        ("trustlist.edit", "sftp.example.com:2022", "system_administrator"),
        ("trustlist.delete", "sftp.example.com:2022", "system_administrator"),
    ]
    assert TrustedAddress.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"host": "10.1.2.3/16"}, "The network is written 10.1.0.0/16."),
        ({"host": "169.254.169.254"}, "The console never connects there."),
        ({"host": "SFTP.example.com"}, "This address is on the list already"),
        ({"port": "70000"}, "less than or equal to 65535"),
        ({"address_type": "printer"}, "printer is not one of the available choices"),
        ({"port": ""}, "This field is required."),
    ],
)
def test_what_does_not_fit_is_said_at_its_field_and_stays(person, changes, sentence):
    save_trusted(TrustedAddress(), **LINE)

    answer = person.post("administration:trusted-add", **(LINE | changes))

    assert sentence in text_of(answer).replace(",", "")
    assert 'value="Nightly lists"' in answer.content.decode()
    assert TrustedAddress.objects.count() == 1


def test_the_list_is_filtered_by_type_and_a_question_comes_before_deleting(person):
    entry = save_trusted(TrustedAddress(), **LINE)
    save_trusted(TrustedAddress(), address_type="smartcare", host="care.example", port=443, allows_http=True)

    text = text_of(person.get("administration:trustlist", address_type="smartcare"))
    question = text_of(person.get("administration:trusted-delete", entry.pk, htmx=True))

    assert "care.example" in text
    assert "sftp.example.com" not in text
    assert "sftp.example.com:22" in question
    assert "From the next call on" in question


def test_rest_writes_reads_changes_and_deletes_a_line(api):
    made = api.post("api-system-trusted-list", body=LINE)
    entry = made.json()

    assert made.status_code == 201
    assert {name: entry[name] for name in LINE} == LINE
    assert api.get("api-system-trusted-list", address_type="file_server").json()["results"] == [entry]
    assert api.get("api-system-trusted-list", address_type="webhook").json()["results"] == []
    changed = api.patch("api-system-trusted", entry["id"], body={"host": "LISTS.example.com"}).json()
    assert changed == entry | {"host": "lists.example.com"}
    assert api.get("api-system-trusted", entry["id"]).json() == changed
    assert api.delete("api-system-trusted", entry["id"]).status_code == 204
    assert api.get("api-system-trusted", entry["id"]).status_code == 404


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"host": "127.0.0.1"}, {"host": "trust_never"}),
        ({"host": "10.0.0.0/8"}, {"host": "trust_broad"}),
        ({"port": 0}, {"port": "min_value"}),
        ({"port": "many"}, {"port": "format"}),
        ({"address_type": "printer"}, {"address_type": "invalid_choice"}),
        ({"tenant": "x"}, {"tenant": "unknown_field"}),
    ],
)
def test_rest_refuses_what_does_not_fit(api, changes, errors):
    assert errors_of(api.post("api-system-trusted-list", body=LINE | changes)) == errors
    assert TrustedAddress.objects.count() == 0
