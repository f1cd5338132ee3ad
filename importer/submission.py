"""A source becomes an import: read it, match its columns, keep it, queue it - or refuse it whole, with a reason."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db.models import Max
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketing import intake
from marketing.models import MarketingTask
from marketing.rules import Rules
from marketing.tasks import refusal_of
from tenants.models import User
from tenants.operation_log import attempt, declare_actions, record
from tenants.outbound.paths import file_parts
from tenants.parameters import system_parameter
from tenants.refusals import declare, refusal

from . import spool
from .layout import Layout, by_rule, by_template
from .limits import Limits
from .models import FileServer, ImportBatch, MappingRule
from .readers.reading import Reading, read
from .schedule_models import ScheduledImport
from .states import ALIVE, ImportState, Mode, Parsing

MAX_ALIVE = 20  # imports of one tenant that have not ended
MAX_NAME = 255  # characters of a source's name that are kept
FILE_TYPES = (".xlsx", ".csv")

declare(
    {
        "file_missing": _("Choose the file to import."),
        "too_many_imports": _(
            "%(n)s imports of this tenant space have not ended yet; %(high)s are allowed. Wait for one."
        ),
        "server_file_type": _("“%(path)s” is no file that can be imported. Allowed are .xlsx and .csv."),
        "host_key_missing": _("The host key of “%(name)s” is not accepted yet. Test its connection first."),
        "rows_advised": _("The file has %(n)s records. Above %(advised)s at a time the sending rate may suffer."),
        "no_data_rows": _("The file has a header but no rows below it. Add the recipients below the header."),
    }
)

declare_actions({"import.submit": _("Import data")})


@dataclass(frozen=True, slots=True)
class Source:
    """What a source holds, before anything is queued. `rows`: without the header."""

    name: str
    reading: Reading
    rules: Rules
    layout: Layout
    rows: int
    notes: list[dict[str, Any]]

    def fields_of_begin(self) -> dict[str, Any]:
        """Return the fields of an import that begins to execute with what was read."""
        return {
            "state": ImportState.EXECUTING,
            "layout": self.layout.to_json(),
            "notes": self.notes,
            "chunks": self.reading.chunks,
            "total": self.rows,
            "unprocessed": self.rows,
            "begun_at": timezone.now(),
        }


@dataclass(frozen=True, slots=True)
class Origin:
    """How the rows come: the mode, the system parameter that limits their number, and the reader's limits."""

    mode: Mode
    max_rows_key: str
    limits_of: Callable[[int], Limits]

    def limits(self) -> Limits:
        """Return what the reader is held to now."""
        return self.limits_of(system_parameter(self.max_rows_key))


BY_FILE = Origin(Mode.FILE, "max_file_rows", Limits.by_file)
BY_SERVER = Origin(Mode.SERVER, "max_server_rows", Limits.by_server)


def inspect(
    rules: Rules,
    file: BinaryIO,
    *,
    name: str,
    into: Path,
    origin: Origin = BY_FILE,
    rule: MappingRule | None = None,
) -> Source:
    """Read `file` in the isolated reader, chunks into the folder `into`; ValidationError says why it is refused.

    Its columns are found by `rule`, or None: by the header that `rules` need.
    """
    limits = origin.limits()
    reading = read(file, name=name, into=into, limits=limits, chunk_rows=settings.CHUNK_ROWS)
    layout, notes = _layout(reading, rules, rule, is_guarded=name.lower().endswith(".csv"))
    rows = reading.rows - layout.has_header
    if not rows:
        raise refusal("no_data_rows")
    if rows > limits.max_rows:  # the reader allows one row more, for a header
        raise refusal("file_too_many_rows", max=limits.max_rows)
    return Source(name, reading, rules, layout, rows, [*reading.notes, *notes, *_advice(rows)])


def submit(
    task: MarketingTask,
    file: BinaryIO,
    *,
    name: str,
    operator: User,
    origin: Origin = BY_FILE,
    rule: MappingRule | None = None,
) -> ImportBatch:
    """Return the new import of `file` into `task`, ready for its first chunk; ValidationError refuses it whole.

    The caller queues it (jobs.enqueue) after commit.
    """

    def look(into: Path) -> Source:
        return inspect(Rules.of(task), file, name=name, into=into, origin=origin, rule=rule)

    return take_in(task, file, operator=operator, inspect=look, origin=origin, rule=rule)


def take_in(
    task: MarketingTask,
    file: BinaryIO,
    *,
    operator: User,
    inspect: Callable[[Path], Source],
    origin: Origin = BY_FILE,
    rule: MappingRule | None = None,
) -> ImportBatch:
    """Keep `file` and what `inspect` reads of it, its chunks in the folder that it is given, as a new import."""
    require_possible(task, operator)
    with tempfile.TemporaryDirectory(prefix="import-") as folder:
        source = inspect(Path(folder))
        file.seek(0)
        batch = _new_batch(task, source, operator, origin)
        batch.parsing, batch.rule_name = (Parsing.RULE, rule.name) if rule else (Parsing.TEMPLATE, "")
        batch.source_sha256 = spool.keep_source(batch, file)
        batch.source_bytes = batch.fetched_bytes = file.seek(0, 2)
        spool.keep_chunks(batch, Path(folder))
    _enter(batch)
    return batch


def submit_from_server(
    task: MarketingTask,
    server: FileServer,
    *,
    path: str,
    file_name: str,
    operator: User | None,
    rule: MappingRule | None = None,
    schedule: ScheduledImport | None = None,
) -> ImportBatch:
    """Return the new import of a file on `server` into `task`: Preparing, until `fetching` has the file.

    `operator` None: the console itself, by `schedule`. ValidationError: path_..., server_file_type, host_key_missing,
    and what refuses any import. The caller queues it (jobs.enqueue) after commit.
    """
    with attempt("import.submit", task):
        parts = file_parts(path, file_name)
        if operator is not None:
            require_possible(task, operator)
        else:
            require_room()
        _require_fetchable(server, file_name)
        batch = ImportBatch(
            task=task,
            state=ImportState.PREPARING,
            mode=Mode.SERVER,
            operator=operator,
            operator_name=operator.get_full_name() if operator else "",
            file_server=server,
            schedule=schedule,
            source_name=file_name[-MAX_NAME:],
            source_path="/".join(parts),
            rules=Rules.of(task).to_json(),
            fetch={"rule": frozen(rule)},
            lease_until=Now(),
        )
        batch.parsing, batch.rule_name = (Parsing.RULE, rule.name) if rule else (Parsing.TEMPLATE, "")
        _enter(batch)
    return batch


def _require_fetchable(server: FileServer, file_name: str) -> None:
    if not file_name.lower().endswith(FILE_TYPES):
        raise refusal("server_file_type", path=file_name[:100])
    if server.is_sftp and not server.host_key:
        raise refusal("host_key_missing", name=server.name)


def _enter(batch: ImportBatch) -> None:
    """Give the import its number and store it, if its task still takes rows."""
    with intake.lock(batch.task_id) as locked:
        intake.require_open(locked)
        batch.number = (locked.imports.aggregate(last=Max("number"))["last"] or 0) + 1
        batch.save(force_insert=True)
        record("import.submit", batch, task=locked.name, rows=batch.total, mode=str(batch.mode))


def frozen(rule: MappingRule | None) -> dict[str, Any] | None:
    """Return what `rule` says now, to be kept with an import that is read later."""
    names = ("name", "recipient_column", "variables", "has_header")
    return {name: getattr(rule, name) for name in names} if rule else None


def require_possible(task: MarketingTask, operator: User) -> None:
    """Raise ValidationError when `operator` cannot import into `task` now: role, state, too many imports."""
    if refused := refusal_of("import", task, operator):
        raise refused
    require_room()


def require_room() -> int:
    """Return how many imports more the tenant may have under way; ValidationError (too_many_imports): none."""
    alive = ImportBatch.objects.filter(state__in=ALIVE).count()
    if alive >= MAX_ALIVE:
        raise refusal("too_many_imports", n=alive, high=MAX_ALIVE)
    return MAX_ALIVE - alive


def _layout(
    reading: Reading, rules: Rules, rule: MappingRule | None, *, is_guarded: bool
) -> tuple[Layout, list[dict[str, Any]]]:
    first_row = reading.first_rows[0].cells
    if rule is None:
        return by_template(first_row, rules, is_guarded=is_guarded)
    return by_rule(first_row, rules, rule, columns=reading.columns, is_guarded=is_guarded)


def _new_batch(task: MarketingTask, source: Source, operator: User, origin: Origin) -> ImportBatch:
    return ImportBatch(
        task=task,
        mode=origin.mode,
        operator=operator,
        operator_name=operator.get_full_name(),
        source_name=source.name[-MAX_NAME:],
        rules=source.rules.to_json(),
        lease_until=Now(),
        **source.fields_of_begin(),
    )


def _advice(rows: int) -> list[dict[str, Any]]:
    advised = system_parameter("advised_rows")
    return [{"code": "rows_advised", "params": {"n": rows, "advised": advised}}] if rows > advised else []
