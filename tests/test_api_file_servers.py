"""REST: file servers, tried out against real servers; what is secret goes in and never comes out."""

import asyncssh
import pytest
from django.db import connection
from redis.exceptions import RedisError

from importer.models import FileServer
from tenants.models import LogEntry
from tenants.outbound import turns
from tenants.outbound.keys import fingerprint_of
from tenants.scoping import act_for

from . import make, s3_server
from .caller import code_of, errors_of, of
from .s3_server import BUCKET
from .sftp_server import PASSWORD, USER, SftpServer, serving, trust

pytestmark = pytest.mark.django_db
SFTP = {"name": "crm-sftp", "type": "sftp", "host": "SFTP.example.com.", "port": 22, "default_path": "/out",
        "username": "importer", "password": "very secret"}  # fmt: skip
STORAGE = {"name": "crm-bucket", "type": "object_storage", "endpoint": "https://obs.example.com", "bucket": "crm",
           "prefix": "outbound/", "access_key": "AK", "secret_key": "very secret"}  # fmt: skip


@pytest.fixture
def server(tmp_path, settings):
    root = tmp_path / "root"
    (root / "out" / "5g").mkdir(parents=True)
    (root / "out" / "a.csv").write_text("Recipient number,name\n")
    (root / "out" / "notes.txt").write_text("x")
    (root / "out" / "up").symlink_to("..")
    with serving(root) as running:
        trust(running.port, settings)
        yield running


@pytest.fixture
def made(tenant, server) -> FileServer:
    return of_server(tenant, server)


def of_server(tenant, server: SftpServer, **fields) -> FileServer:
    given = {"host": "127.0.0.1", "port": server.port, "username": USER, "password": PASSWORD, "default_path": "/out"}
    with act_for(tenant):
        return make.file_server(**given | {"host_key": server.host_key} | fields)


def log_of(tenant, action: str) -> list[str]:
    with act_for(tenant):
        return list(LogEntry.objects.filter(action=action).order_by("id").values_list("refused", flat=True))


def test_a_server_is_made_and_read_and_its_secrets_are_not(tenant):
    answer = of(tenant).post("api-file-servers", body=SFTP)

    made = answer.json()
    assert answer.status_code == 201
    assert answer["Location"].endswith(f"/api/v1/file-servers/{made['id']}/")
    assert (made["host"], made["has_password"], made["has_private_key"]) == ("sftp.example.com", True, False)
    assert made["host_key_fingerprint"] == ""
    assert "very secret" not in str(made) + str(of(tenant).get("api-file-servers").json())
    with act_for(tenant), connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(s)::text FROM importer_fileserver s")
        assert "very secret" not in cursor.fetchone()[0]
        assert FileServer.objects.get().password == "very secret"


def test_object_storage_is_made(tenant):
    answer = of(tenant).post("api-file-servers", body=STORAGE)

    assert (answer.status_code, answer.json()["has_secret_key"]) == (201, True)


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        (SFTP | {"host": "https://sftp.example.com"}, {"host": "host_format"}),
        (SFTP | {"host": "", "port": None}, {"host": "server_field_missing", "port": "server_field_missing"}),
        (SFTP | {"port": 70_000}, {"port": "max_value"}),
        (SFTP | {"password": ""}, {"password": "blank"}),
        ({name: value for name, value in SFTP.items() if name != "password"}, {"password": "server_secret_missing"}),
        (SFTP | {"private_key": "no key"}, {"private_key": "private_key_format"}),
        (SFTP | {"default_path": "out"}, {"default_path": "default_path_format"}),
        (SFTP | {"default_path": "/out/../.."}, {"default_path": "default_path_format"}),
        (SFTP | {"name": "x" * 101}, {"name": "max_length"}),
        (SFTP | {"type": "ftp"}, {"type": "invalid_choice"}),
        (SFTP | {"tenant": "another"}, {"tenant": "unknown_field"}),
        (SFTP | {"host_key": "ssh-ed25519 AAAA"}, {"host_key": "unknown_field"}),
        (STORAGE | {"endpoint": "obs.example.com"}, {"endpoint": "endpoint_format"}),
        (STORAGE | {"endpoint": "https://user@obs.example.com"}, {"endpoint": "endpoint_format"}),
        (STORAGE | {"endpoint": "https://obs.example.com/path"}, {"endpoint": "endpoint_format"}),
        (STORAGE | {"endpoint": "file:///etc/passwd"}, {"endpoint": "endpoint_format"}),
        (STORAGE | {"bucket": "No_Bucket!"}, {"bucket": "bucket_name"}),
        (STORAGE | {"prefix": "../other"}, {"prefix": "path_dots"}),
    ],
)
def test_what_is_no_server_is_refused(tenant, body, faults):
    assert errors_of(of(tenant).post("api-file-servers", body=body)) == faults


def test_a_name_is_given_once(tenant):
    of(tenant).post("api-file-servers", body=SFTP)

    assert errors_of(of(tenant).post("api-file-servers", body=SFTP)) == {"name": "name_taken"}


def test_a_secret_is_kept_unless_changed(tenant):
    made = of(tenant).post("api-file-servers", body=SFTP).json()

    assert of(tenant).patch("api-file-server", made["id"], body={"name": "New"}).status_code == 200
    with act_for(tenant):
        assert FileServer.objects.get().password == "very secret"

    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    changed = of(tenant).patch("api-file-server", made["id"], body={"private_key": key}).json()
    assert (changed["has_password"], changed["has_private_key"]) == (False, True)


@pytest.mark.parametrize("place", [{"host": "elsewhere.example.com"}, {"port": 2222}])
def test_what_was_meant_for_one_machine_is_not_sent_to_another(tenant, made, place):
    """Or whoever may edit a server could have its password sent to a machine of their own."""
    api = of(tenant)

    assert errors_of(api.patch("api-file-server", made.pk, body=place)) == {"password": "secrets_of_another"}

    answer = api.patch("api-file-server", made.pk, body=place | {"password": "another"})
    assert (answer.status_code, answer.json()["host_key_fingerprint"]) == (200, "")


def test_a_test_says_what_was_found(tenant, made):
    answer = of(tenant).post("api-file-server-test", made.pk)

    found = answer.json()
    assert (answer.status_code, found["refused"], found["files"]) == (200, None, 1)
    assert 0 < found["milliseconds"] < 10_000
    assert log_of(tenant, "file_server.test") == [""]


def test_an_unknown_host_key_is_shown_accepted_once_and_then_trusted(tenant, server):
    made = of_server(tenant, server, host_key="")
    api = of(tenant)

    found = api.post("api-file-server-test", made.pk).json()
    assert (found["refused"]["code"], found["new_host_key_fingerprint"]) == ("host_key_unknown", server.fingerprint)
    assert code_of(api.post("api-file-server-host-key", made.pk, body={"fingerprint": "SHA256:x"})) == (
        409,
        "host_key_other",
    )
    accepted = api.post("api-file-server-host-key", made.pk, body={"fingerprint": server.fingerprint})

    assert accepted.json()["host_key_fingerprint"] == server.fingerprint == fingerprint_of(server.host_key)
    assert api.post("api-file-server-test", made.pk).json()["refused"] is None
    assert log_of(tenant, "file_server.accept_host_key") == ["host_key_other", ""]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"host": "127.0.0.2"}, "address_untrusted"),
        ({"password": "wrong"}, "server_login"),
        ({"default_path": "/gone"}, "server_folder_missing"),
    ],
)
def test_a_test_says_what_is_wrong(tenant, server, fields, code):
    made = of_server(tenant, server, **fields)

    refused = of(tenant).post("api-file-server-test", made.pk).json()["refused"]

    assert (refused["code"], bool(refused["detail"])) == (code, True)
    assert log_of(tenant, "file_server.test") == [code]


def test_a_changed_host_key_is_refused_loudly(tenant, server, made):
    server.show_another_host_key()

    found = of(tenant).post("api-file-server-test", made.pk).json()

    assert (found["refused"]["code"], found["new_host_key_fingerprint"]) == ("host_key_changed", server.fingerprint)
    assert server.fingerprint in found["refused"]["detail"]
    assert server.faults.sign_ins == 0


def test_a_server_that_is_down_is_told(tenant, server, made):
    server.stop_listening()

    assert of(tenant).post("api-file-server-test", made.pk).json()["refused"]["code"] == "address_closed"
    server.listen_again()


def test_a_folder_is_listed(tenant, made):
    folder = of(tenant).get("api-file-server-files", made.pk).json()

    assert [(one["name"], one["type"]) for one in folder["entries"]] == [
        ("5g", "folder"), ("a.csv", "file"), ("notes.txt", "file")
    ]  # fmt: skip
    assert of(tenant).get("api-file-server-files", made.pk, path="5g/").json() == {"entries": [], "is_cut": False}


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("..", (400, "path_dots")),
        ("5g/../..", (400, "path_dots")),
        ("/etc", (400, "path_absolute")),
        ("..\\..", (400, "path_characters")),
        ("up", (400, "server_link")),
        ("gone", (400, "server_folder_missing")),
        ("a.csv", (400, "server_not_folder")),
    ],
)
def test_a_path_that_leads_out_is_refused_and_logged(tenant, made, path, answer):
    assert code_of(of(tenant).get("api-file-server-files", made.pk, path=path)) == answer
    assert log_of(tenant, "file_server.browse") == [answer[1]]


def test_a_server_is_deleted_unless_it_is_being_read(tenant, made):
    with act_for(tenant):
        fetching = make.batch(make.task(), [], state="preparing", file_server=made)
    assert code_of(of(tenant).delete("api-file-server", made.pk)) == (409, "server_used")

    with act_for(tenant):
        fetching.delete()
    assert of(tenant).delete("api-file-server", made.pk).status_code == 204


def test_only_so_many_looks_wait_at_a_time(tenant, made, monkeypatch):
    monkeypatch.setattr(turns, "LOOKS", 0)

    assert code_of(of(tenant).post("api-file-server-test", made.pk)) == (429, "server_looks")


def test_a_cache_that_is_away_keeps_nobody_from_looking(tenant, made, monkeypatch):
    class Away:
        def add(self, *_arguments):
            raise RedisError

        delete = add

    monkeypatch.setattr(turns, "cache", Away())

    assert of(tenant).post("api-file-server-test", made.pk).status_code == 200


def test_object_storage_is_tried_out_and_listed(tenant, settings):
    with s3_server.serving() as storage:
        trust(storage.port, settings)
        storage.put("out/a.csv", b"Recipient number\n")
        body = STORAGE | {"endpoint": storage.endpoint, "bucket": BUCKET, "prefix": "/out/",
                          "access_key": storage.access_key, "secret_key": storage.secret_key}  # fmt: skip
        made = of(tenant).post("api-file-servers", body=body).json()

        found = of(tenant).post("api-file-server-test", made["id"]).json()
        folder = of(tenant).get("api-file-server-files", made["id"]).json()

    assert (found["refused"], found["files"]) == (None, 1)
    assert [one["name"] for one in folder["entries"]] == ["a.csv"]
