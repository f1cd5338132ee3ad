"""The operation log as a file: what was filtered, the latest entries first."""

from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .csv_files import csv_lines
from .log_search import ORDER
from .log_words import details_of, operator_of, reason_of, role_of
from .models import LogEntry
from .operation_log import action_text, declare_actions, record
from .refusals import declare, refusal

MAX_ENTRIES = 100_000  # of one file

declare_actions({"log.export": gettext_lazy("Export operation log")})
declare(
    {"log_too_long": gettext_lazy("A file holds up to %(high)s entries; these are %(n)s. Choose a shorter period.")}
)


def log_file(entries: QuerySet[LogEntry]) -> FileResponse:
    """Return `entries` as .csv, and write down that they were taken; ValidationError: log_too_long."""
    count = entries.count()
    if count > MAX_ENTRIES:
        raise refusal("log_too_long", high=f"{MAX_ENTRIES:,}", n=f"{count:,}")
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - the response closes it
    for text in csv_lines(_lines(entries.order_by(*ORDER))):
        file.write(text.encode())
    record("log.export", rows=count)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="operation-log.csv", content_type="text/csv; charset=utf-8")


def _lines(entries: QuerySet[LogEntry]) -> Iterator[list[str]]:
    yield [_("Time"), _("Operation"), _("Object"), _("Object id"), _("Operator"), _("Role"), _("From"), _("Outcome"),
           _("Reason"), _("Details")]  # fmt: skip
    for entry in entries.iterator(chunk_size=2_000):
        details = _("; ").join(f"{what}: {value}" for what, value in details_of(entry))
        outcome = _("Refused") if entry.refused else _("Done")
        moment = timezone.localtime(entry.created_at).isoformat(timespec="seconds")
        yield [moment, action_text(entry.action), entry.object_name, entry.object_id, operator_of(entry),
               role_of(entry), entry.address or "", outcome, reason_of(entry), details]  # fmt: skip
