"""Call Config > File Server: listed, added, tried out, its host key accepted, looked into, deleted."""

import pytest
from django.urls import reverse
from django.utils import timezone

from importer.models import FileServer
from tenants.models import LogEntry
from tenants.scoping import act_for

from . import make
from .sftp_server import PASSWORD, USER, serving, trust

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def server(tmp_path, settings):
    (tmp_path / "root" / "5g").mkdir(parents=True)
    (tmp_path / "root" / "a.csv").write_text("Recipient number,name\n")
    with serving(tmp_path / "root") as running:
        trust(running.port, settings)
        yield running


@pytest.fixture
def made(tenant, server) -> FileServer:
    with act_for(tenant):
        return make.file_server(host="127.0.0.1", port=server.port, username=USER, password=PASSWORD)


@pytest.fixture
def browsing(client, tenant):
    client.force_login(tenant.administrator)
    return client


def typed(**changes: object) -> dict[str, object]:
    sftp = {"server_type": "sftp", "host": "sftp.example.com", "port": 22, "default_path": "/out", "username": "aicc"}
    return {"name": "crm", "password": "very secret", "region": "us-east-1"} | sftp | changes


def test_no_server_yet_says_what_one_is(browsing):
    assert "No file server yet" in browsing.get(reverse("importer:file-servers")).content.decode()


def test_a_server_is_added_and_shown_without_its_secret(browsing, tenant):
    answer = browsing.post(reverse("importer:file-server-create"), typed())

    with act_for(tenant):
        made = FileServer.objects.get()
    assert answer["Location"] == reverse("importer:file-server", args=[made.pk])
    shown = (
        browsing.get(answer["Location"]).content.decode() + browsing.get(answer["Location"] + "edit/").content.decode()
    )
    assert "sftp.example.com:22" in shown
    assert "Kept unless changed" in shown
    assert "very secret" not in shown


def test_what_is_wrong_stands_at_its_field(browsing):
    shown = browsing.post(
        reverse("importer:file-server-create"), typed(host="https://x", default_path="out", password="")
    )

    errors = shown.context["form"].errors.as_data()
    assert {name: faults[0].code for name, faults in errors.items()} == {
        "host": "host_format",
        "default_path": "default_path_format",
        "password": "server_secret_missing",
    }


def test_an_edit_keeps_the_secret(browsing, tenant, made):
    kept = typed(name="new", host="127.0.0.1", port=made.port, default_path="/", username=USER, password="")

    browsing.post(reverse("importer:file-server-edit", args=[made.pk]), kept)

    with act_for(tenant):
        made.refresh_from_db()
    assert (made.name, made.password) == ("new", PASSWORD)


def test_a_first_contact_shows_the_host_key_to_accept(browsing, tenant, made, server):
    url = reverse("importer:file-server-test", args=[made.pk])

    first = browsing.post(url, headers=HTMX).content.decode()
    assert server.fingerprint in first
    browsing.post(reverse("importer:file-server-host-key", args=[made.pk]), {"fingerprint": server.fingerprint})
    then = browsing.post(url, headers=HTMX).content.decode()

    assert "The connection works." in then
    assert "1 file that can be imported" in then
    with act_for(tenant):
        log = list(LogEntry.objects.filter(action__startswith="file_server.").values_list("action", "refused"))
    assert log[1:] == [
        ("file_server.test", "host_key_unknown"),
        ("file_server.accept_host_key", ""),
        ("file_server.test", ""),
    ]


def test_a_changed_host_key_is_shown_beside_the_accepted_one(browsing, tenant, made, server):
    browsing.post(reverse("importer:file-server-host-key", args=[made.pk]), {"fingerprint": server.fingerprint})
    before = server.fingerprint
    server.show_another_host_key()

    shown = browsing.post(reverse("importer:file-server-test", args=[made.pk]), headers=HTMX).content.decode()

    assert "Somebody may stand between you and the server." in shown
    assert before in shown
    assert server.fingerprint in shown


def test_a_test_works_as_a_page_too(browsing, made):
    shown = browsing.post(reverse("importer:file-server-test", args=[made.pk])).content.decode()

    assert "<title>crm-sftp" in shown
    assert "The server shows this host key." in shown


def test_a_folder_is_looked_into(browsing, tenant, made, server):
    with act_for(tenant):
        FileServer.objects.update(host_key=server.host_key)
    url = reverse("importer:file-server-files", args=[made.pk])

    top, below = browsing.get(url, headers=HTMX).content.decode(), browsing.get(url, {"path": "5g"}).content.decode()
    outside = browsing.get(url, {"path": ".."}, headers=HTMX).content.decode()

    assert "a.csv" in top
    assert "This folder is empty." in below
    assert "This folder cannot be shown." in outside


def test_a_server_is_deleted_after_a_question(browsing, tenant, made):
    url = reverse("importer:file-server-delete", args=[made.pk])

    assert "Delete “crm-sftp”?" in browsing.get(url).content.decode()
    browsing.post(url, {"confirmed": "yes"})

    with act_for(tenant):
        assert not FileServer.objects.exists()


def test_a_viewer_sees_the_server_and_changes_nothing(client, tenant, made):
    client.force_login(tenant.viewer)

    assert client.get(reverse("importer:file-server", args=[made.pk])).status_code == 200
    assert client.post(reverse("importer:file-server-test", args=[made.pk])).status_code == 403


@pytest.fixture
def trusted_server(tenant, made, server) -> FileServer:
    with act_for(tenant):
        FileServer.objects.update(host_key=server.host_key)
        return FileServer.objects.get()


def test_the_import_dialog_lists_the_files_of_a_server(browsing, tenant, trusted_server):
    with act_for(tenant):
        task = make.task()
    dialog = browsing.get(reverse("importer:import-data", args=[task.pk]), headers=HTMX).content.decode()

    shown = browsing.get(
        reverse("importer:import-folder", args=[task.pk]), {"file_server": trusted_server.pk, "path": ""}, headers=HTMX
    ).content.decode()
    outside = browsing.get(
        reverse("importer:import-folder", args=[task.pk]), {"file_server": trusted_server.pk, "path": ".."}
    ).content.decode()

    assert "crm-sftp" in dialog
    assert 'value="a.csv"' in shown
    assert "This folder cannot be shown." in outside


def test_a_server_import_begins_and_shows_how_far_its_file_is(browsing, tenant, trusted_server):
    with act_for(tenant):
        task = make.task()
    chosen = {"mode": "server", "parsing": "template", "file_server": trusted_server.pk, "file_name": "a.csv"}

    answer = browsing.post(reverse("importer:import-data", args=[task.pk]), chosen)

    shown = browsing.get(answer["Location"]).content.decode()
    assert "Looking at the file" in shown
    listed = browsing.get(reverse("importer:imports", args=[task.pk])).content.decode()
    assert "0% fetched" in listed
    question = browsing.get(answer["Location"] + "cancel/").content.decode()
    assert "Its file is not fetched any further" in question
    browsing.post(answer["Location"] + "cancel/", {"confirmed": "yes"})
    assert "cancelled while its file was fetched" in browsing.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"file_name": ""}, "Choose the file to import, or type its name."),
        ({"file_server": ""}, "Choose the file server."),
        ({"path": "../x"}, "Give a path that only leads down."),
    ],
)
def test_what_the_dialog_lacks_is_said_in_it(browsing, tenant, trusted_server, changes, sentence):
    with act_for(tenant):
        task = make.task()
    chosen = {"mode": "server", "file_server": trusted_server.pk, "path": "", "file_name": "a.csv"} | changes

    shown = browsing.post(reverse("importer:import-data", args=[task.pk]), chosen, headers=HTMX).content.decode()

    assert sentence in shown


def test_rows_of_an_import_that_was_never_read_are_none(browsing, tenant):
    with act_for(tenant):
        task = make.task()
        batch = make.batch(task, [], state="failed", layout={}, ended_at=timezone.now(), error_code="server_gone")

    assert browsing.get(reverse("importer:import", args=[task.pk, batch.pk])).status_code == 200
    assert browsing.get(reverse("importer:rejected-rows", args=[task.pk, batch.pk, "failed"])).status_code == 200
