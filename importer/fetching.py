"""A file of a file server becomes the source of an import: fetched in parts, then read. Whatever dies, it goes on.

    claim   as in `pipeline`: one worker, a lease, an epoch
    settle  two looks at the file, STABLE_SECONDS apart, that agree; or the file <name>.done beside it
    fetch   parts into the spool; each one that is kept is progress, and where the next attempt begins
    read    the parts become the source (SHA-256), the reader makes chunks of it, and the import is Executing;
            a scheduled one ends where its content was taken before, and waits for approval where it looks unusual

What may be otherwise a moment later (`WORTH_ANOTHER_TRY`) is tried again, up to MAX_ATTEMPTS times without progress.
All else ends the import as Failed at once: a wrong password is not tried twice.
"""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketing import intake
from marketing.rules import Rules
from tenants.operation_log import declare_actions, record
from tenants.outbound.stores import TICK_SECONDS, TRANSIENT, Store, Stored
from tenants.refusals import declare, refusal
from tenants.scoping import act_for

from . import contents, holding, spool
from .limits import MIB
from .models import ImportBatch, MappingRule
from .sources.server import opened
from .states import ImportState
from .submission import BY_SERVER, Source, inspect

STABLE_SECONDS = 2  # between two looks at a file that may still be written
PATIENCE_SECONDS = 600  # with a file that grows
MAX_RESTARTS = 5  # of a file that changes while it is fetched
RETRY_SECONDS = (2, 5, 15, 30)  # after the first, second, ... attempt
DONE = ".done"
WORTH_ANOTHER_TRY = TRANSIENT | {"storage_failed"}
logger = logging.getLogger(__name__)

declare(
    {
        "storage_failed": _(
            "The console cannot keep the file: its storage is full, or does not answer. Tell the system administrator."
        ),
        "server_gone": _("The file server was deleted while the import was prepared."),
        "source_waits": _("“%(path)s” is still being written. It is fetched when it stays as it is."),
    }
)
declare_actions({"import.fetch": _("Fetch file of an import")})


class Lost(Exception):  # noqa: N818
    """The import is this worker's no more: cancelled, deleted, or taken over."""


def take_turn(tenant_id: str, batch_id: str, *, seconds: float) -> ImportBatch | None:
    """Prepare the import for a while; return it when it has to be queued again, as it is then, or None."""
    batch = holding.claim(tenant_id, batch_id, ImportState.PREPARING, held_code="")
    if batch is None:
        return None
    try:
        if _fetched(batch, monotonic() + seconds):
            _begin(batch)
    except ValidationError as refused:
        return _refused(batch, refused)
    except FileNotFoundError:
        return _refused(batch, refusal("source_missing"))
    except OSError:
        logger.exception("the source cannot be kept", extra={"import": batch_id})
        return _refused(batch, refusal("storage_failed"))
    except (Lost, Http404):  # Http404: the task was deleted, and the import with it
        return None
    with act_for(tenant_id):
        holding.set_aside(batch)
        return ImportBatch.objects.filter(pk=batch.pk, held_code="").first()


def _fetched(batch: ImportBatch, until: float) -> bool:
    """Fetch what is left of the file, as far as the time allows; return whether all of it is there."""
    if batch.file_server is None:
        raise refusal("server_gone")
    if batch.fetch.get("is_whole"):
        return True
    parts = batch.source_path.split("/")
    with opened(batch.file_server) as store:
        stored = _settled(batch, store, parts, until)
        if stored is None:
            return False
        _require_small(batch, stored)
        if not _copied(batch, store, parts, stored, until):
            return False
        if store.grows and store.find(parts).stamp != stored.stamp:
            _begin_again(batch)
            raise refusal("source_changing", path=batch.source_path)
    _note(batch, is_whole=True)
    return True


def _settled(batch: ImportBatch, store: Store, parts: list[str], until: float) -> Stored | None:
    """Return the file once it stays as it is; None when the time is over before that."""
    stored = store.find(parts)
    if batch.fetch.get("stamp") == stored.stamp and batch.fetch.get("is_settled"):
        return stored
    if batch.fetched_bytes:  # of what it was before
        _begin_again(batch)
    seen = {"stamp": stored.stamp, "size": stored.size, "since": batch.fetch.get("since") or _now()}
    _note(batch, fetched_bytes=0, source_bytes=stored.size, is_settled=False, **seen)
    while store.grows and not _is_done(store, parts):
        _wait(batch, STABLE_SECONDS)
        again = store.find(parts)
        if again.stamp == stored.stamp:
            break
        if _now() - batch.fetch["since"] > PATIENCE_SECONDS:
            raise refusal("source_waits", path=batch.source_path)
        stored = again
        _note(batch, source_bytes=stored.size, stamp=stored.stamp, size=stored.size)
        if monotonic() > until:
            return None
    _note(batch, is_settled=True, began=_now())
    return stored


def _is_done(store: Store, parts: list[str]) -> bool:
    try:
        store.find([*parts[:-1], parts[-1] + DONE])
    except ValidationError as refused:
        if refused.code in TRANSIENT:
            raise
        return False
    return True


def _require_small(batch: ImportBatch, stored: Stored) -> None:
    limits = BY_SERVER.limits()
    most = limits.csv_bytes if stored.name.lower().endswith(".csv") else limits.workbook_bytes
    if stored.size > most:
        raise refusal("file_too_large", megabytes=most // MIB)


def _copied(batch: ImportBatch, store: Store, parts: list[str], stored: Stored, until: float) -> bool:
    """Copy the file into the spool from where it was left; False when the time is over first."""
    part, begin, beaten = bytearray(), batch.fetched_bytes, monotonic()
    for block in store.blocks(parts, stored, begin) if begin < stored.size else ():
        part += block
        while len(part) >= spool.PART_BYTES:
            begin = _kept(batch, begin, bytes(part[: spool.PART_BYTES]))
            del part[: spool.PART_BYTES]
            if monotonic() > until and begin < stored.size:
                return False
        if monotonic() - beaten > TICK_SECONDS:
            beaten = monotonic()
            _note(batch)
    if part:
        _kept(batch, begin, bytes(part))
    return True


def _kept(batch: ImportBatch, begin: int, content: bytes) -> int:
    """Keep a part; return where the next one begins."""
    spool.keep_part(batch, begin, content)
    _note(batch, fetched_bytes=begin + len(content), attempts=0, waiting=None)
    return begin + len(content)


def _begin_again(batch: ImportBatch) -> None:
    """Forget what was fetched of a file that changed meanwhile; ValidationError (source_waits): it never stays."""
    spool.remove_parts(batch)
    restarts = batch.fetch.get("restarts", 0) + 1
    _note(batch, fetched_bytes=0, stamp="", is_settled=False, restarts=restarts)
    if restarts >= MAX_RESTARTS:
        raise refusal("source_waits", path=batch.source_path)


def _begin(batch: ImportBatch) -> None:
    """Read the fetched file, and let its rows be imported."""
    rule = MappingRule(tenant=batch.tenant, **batch.fetch["rule"]) if batch.fetch.get("rule") else None
    with tempfile.TemporaryDirectory(prefix="import-") as folder, tempfile.TemporaryFile() as file, _kept_alive(batch):
        spool.join_parts(batch, batch.fetched_bytes, file)
        digest = spool.keep_source(batch, file)
        contents.take(batch, digest)
        rules = Rules.from_json(batch.rules)
        source = inspect(rules, file, name=batch.source_name, into=Path(folder), origin=BY_SERVER, rule=rule)
        spool.keep_chunks(batch, Path(folder))
    if _executes(batch, source, digest):
        spool.remove_parts(batch)


def _executes(batch: ImportBatch, source: Source, digest: str) -> bool:
    """Let the rows be imported; False: the import is held for approval, and will be read again."""
    with act_for(batch.tenant), intake.lock(batch.task_id) as task:
        locked = holding.still_mine(batch)
        if locked is None:
            raise Lost
        intake.require_open(task)
        if contents.holds(locked, source):
            return False
        ImportBatch.objects.filter(pk=locked.pk).update(
            **source.fields_of_begin(),
            source_sha256=digest,
            attempts=0,
            is_held=False,
            lease_until=holding.lease(),
        )
    return True


def _refused(batch: ImportBatch, refused: ValidationError) -> ImportBatch | None:
    """End the import, or set it aside for another attempt."""
    reason = refused.error_list[0] if hasattr(refused, "error_list") else refused
    if reason.code in WORTH_ANOTHER_TRY and batch.attempts < holding.MAX_ATTEMPTS:
        waiting = {"code": reason.code, "params": reason.params or {}}
        seconds = RETRY_SECONDS[min(batch.attempts, len(RETRY_SECONDS)) - 1]
        with act_for(batch.tenant):
            fetch = batch.fetch | {"waiting": waiting}
            holding.set_aside(batch, seconds=seconds, fetch=fetch)
        return None  # the reaper takes it up
    is_known = reason.code == "schedule_taken"
    if not holding.give_up(batch, reason, ImportState.CANCELLED if is_known else ImportState.FAILED):
        return None
    with act_for(batch.tenant):
        contents.note_end(batch, reason)
        record("import.fetch", batch, refused=str(reason.code), path=batch.source_path[:200])
    return None


def _note(batch: ImportBatch, **changes: Any) -> None:
    """Write down how far it is, and lengthen the lease; raise Lost when the import is this worker's no more.

    `changes`: fields of the import, or entries of its `fetch`.
    """
    fields = {name: value for name, value in changes.items() if hasattr(batch, name)}
    batch.fetch = batch.fetch | {name: value for name, value in changes.items() if name not in fields}
    if not holding.keep(batch, **fields, fetch=batch.fetch):
        raise Lost
    for name, value in fields.items():
        setattr(batch, name, value)


def _wait(batch: ImportBatch, seconds: float) -> None:
    sleep(seconds)
    _note(batch)


@contextmanager
def _kept_alive(batch: ImportBatch) -> Iterator[None]:
    """Lengthen the lease meanwhile: reading half a million rows takes longer than a silent worker is believed."""
    stop = Event()

    def beat() -> None:
        try:
            while not stop.wait(settings.LEASE_SECONDS / 4) and holding.keep(batch):
                pass
        finally:
            connection.close()

    thread = Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _now() -> float:
    return timezone.now().timestamp()
