"""File servers: created, changed, tried out, their host key accepted, deleted. Pages and REST call these."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from tenants.log_words import declare_words
from tenants.operation_log import attempt, declare_actions, record
from tenants.outbound.hosts import clean_host
from tenants.outbound.keys import check_private_key, fingerprint_of
from tenants.outbound.paths import parts_of
from tenants.outbound.stores import TEST_SECONDS, Folder
from tenants.outbound.turns import in_turn
from tenants.refusals import declare, refusal

from .server_models import SECRETS, FileServer
from .sources.server import Found, check_endpoint, destination_of, look_into, shown_host_key, try_out
from .states import ImportState

declare(
    {
        "server_used": _("%(n)s imports are being fetched from this server. Wait for them, or cancel them."),
        "server_scheduled": _("%(n)s scheduled imports take files from this server. Delete them first."),
        "host_key_other": _(
            "The server shows another host key now: %(found)s. Nothing was accepted; test the connection again."
        ),
        "host_key_none": _("The server shows no host key now. Nothing was accepted; test the connection again."),
        "secrets_of_another": _("The server is another one now: give its password or key again."),
    }
)
declare_words({"accepted": _("Accepted"), "before": _("Before"), "path": _("Path")})
declare_actions(
    {
        "file_server.create": _("Create file server"),
        "file_server.edit": _("Edit file server"),
        "file_server.delete": _("Delete file server"),
        "file_server.test": _("Test file server"),
        "file_server.accept_host_key": _("Accept host key of file server"),
        "file_server.browse": _("Look into file server"),
    }
)


def save(server: FileServer, values: Mapping[str, Any]) -> FileServer:
    """Give `server` the `values` and save it, or raise ValidationError keyed by field.

    A secret that is left out, or empty, stays as it is, unless the server became another one: what was meant for
    one machine is never sent to the next.
    """
    before = _place(server)
    for name, value in values.items():
        if name not in SECRETS or value:
            setattr(server, name, value)
    is_new = server._state.adding
    _judge(server)
    if not is_new and before != _place(server):
        _forget(server, values)
    _forget_other_way_in(server, values)
    _write(server)
    record("file_server.create" if is_new else "file_server.edit", server)
    return server


def delete(server: FileServer) -> None:
    """Delete `server`, or raise ValidationError (server_used, server_scheduled) while imports need it."""
    with attempt("file_server.delete", server), transaction.atomic():
        if used := server.imports.filter(state=ImportState.PREPARING).count():
            raise refusal("server_used", n=used)
        if scheduled := server.scheduled_imports.count():
            raise refusal("server_scheduled", n=scheduled)
        record("file_server.delete", server)
        server.delete()


def test(server: FileServer) -> Found:
    """Try `server` out; what was found is logged by its code."""
    with _in_turn(server):
        found = try_out(server)
    record("file_server.test", server, refused=str(found.refused.code) if found.refused else "")
    return found


def browse(server: FileServer, path: str) -> Folder:
    """Return what lies in a folder of `server`; a path that leads out of it is refused, and logged."""
    with attempt("file_server.browse", server), _in_turn(server):
        return look_into(server, path)


def accept_host_key(server: FileServer, fingerprint: str) -> FileServer:
    """Pin the host key that the server shows now, if it is the one with this fingerprint; otherwise ValidationError."""
    with attempt("file_server.accept_host_key", server), _in_turn(server):
        destination_of(server)
        shown = shown_host_key(server)
        if not shown:
            raise refusal("host_key_none")
        if fingerprint_of(shown) != fingerprint:
            raise refusal("host_key_other", found=fingerprint_of(shown))
    before = fingerprint_of(server.host_key)
    server.host_key = " ".join(shown.split()[:2])
    server.save(update_fields=["host_key", "updated_at"])
    record("file_server.accept_host_key", server, accepted=fingerprint, before=before)
    return server


def _in_turn(server: FileServer) -> AbstractContextManager[None]:
    return in_turn(server.tenant_id, seconds=TEST_SECONDS)


def _place(server: FileServer) -> tuple[Any, ...]:
    """Return what makes it this server and no other."""
    if server.is_sftp:
        return server.server_type, server.host, server.port
    return server.server_type, server.endpoint, server.bucket, server.path_style


def _judge(server: FileServer) -> None:
    """Judge the whole server; ValidationError keyed by field."""
    faults: dict[str, Any] = {}
    checks = {
        "host": lambda: setattr(server, "host", clean_host(server.host)) if server.is_sftp and server.host else None,
        "endpoint": lambda: check_endpoint(server.endpoint) if not server.is_sftp and server.endpoint else None,
        "prefix": lambda: parts_of(server.prefix.strip("/")),
        "private_key": lambda: _check_key(server),
    }
    for name, check in checks.items():
        try:
            check()
        except ValidationError as refused:
            faults[name] = refused
    try:
        server.full_clean(validate_constraints=False)  # the database judges names, also those taken meanwhile
    except ValidationError as refused:
        faults = refused.error_dict | faults
    if faults:
        raise ValidationError(faults)


def _check_key(server: FileServer) -> None:
    if server.is_sftp and server.private_key:
        check_private_key(server.private_key, server.passphrase or "")


def _forget(server: FileServer, values: Mapping[str, Any]) -> None:
    """Drop what was accepted by, or meant for, the server that it was before."""
    server.host_key = ""
    kept = [name for name in SECRETS if getattr(server, name) and not values.get(name)]
    if kept and not any(values.get(name) for name in ("password", "private_key", "secret_key")):
        name = "password" if server.is_sftp else "secret_key"
        raise ValidationError({name: refusal("secrets_of_another")})
    for name in kept:
        setattr(server, name, None)


def _forget_other_way_in(server: FileServer, values: Mapping[str, Any]) -> None:
    """Let a new password replace the key, and a new key the password and an old passphrase."""
    if values.get("private_key"):
        server.password = None
        server.passphrase = values.get("passphrase") or None
    elif values.get("password"):
        server.private_key = server.passphrase = None


def _write(server: FileServer) -> None:
    try:
        with transaction.atomic():
            server.save()
    except IntegrityError as error:
        if "importer_fileserver_name" in str(error):
            raise ValidationError({"name": refusal("name_taken")}) from None
        raise
