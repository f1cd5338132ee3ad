"""Files that a page or REST hands out: written whole, while the tenant is acted for, then sent."""

from collections.abc import Iterable
from itertools import chain
from tempfile import TemporaryFile
from typing import IO, Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils.translation import gettext_lazy as _

from marketing.models import MarketingTask, OptOut, Recipient
from tenants.csv_files import csv_lines
from tenants.operation_log import declare_actions, record
from tenants.refusals import declare, refusal

from . import results
from .models import ImportBatch
from .states import Outcome

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILE_TYPES = {"xlsx": XLSX, "csv": "text/csv; charset=utf-8"}
KINDS = (*Outcome.values, "unprocessed")

declare(
    {
        "download_too_long": _("An .xlsx holds up to %(high)s rows; these are %(n)s. Download them as .csv."),
        "rows_purged": _("These rows are not kept any more. Import the source again to see them."),
    }
)
declare_actions({"recipients.export": _("Export recipients"), "rows.download": _("Download rows of an import")})


def rows_file(batch: ImportBatch, kind: str, file_type: str, *, code: str = "") -> FileResponse:
    """Return the rows of `kind` (one of KINDS) as a file; ValidationError: download_too_long, rows_purged.

    `code`: only the rows of this reason, one of those that the import has counted.
    """
    count = batch.reasons.get(kind, {}).get(code, 0) if code else getattr(batch, kind)
    _require_room(count, file_type)
    is_rejected = kind != "unprocessed"
    lines = results.rejected_lines(batch, kind, code=code) if is_rejected else results.unprocessed_lines(batch)
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - the response closes it
    try:
        _write(file, chain([results.header_of_rows(batch)], lines), file_type)
    except FileNotFoundError:
        file.close()
        raise refusal("rows_purged") from None
    record("rows.download", batch, task=batch.task.name, outcome=kind, rows=count, file_type=file_type)
    name = "-".join(filter(None, ["import", str(batch.number), kind, "rows", code]))
    return _sent(file, f"{name}.{file_type}", file_type)


def recipients_file(task: MarketingTask, recipients: QuerySet[Recipient], file_type: str) -> FileResponse:
    """Return these `recipients` of `task` as a file that can be imported; ValidationError: download_too_long."""
    count = recipients.count()
    _require_room(count, file_type)
    record("recipients.export", task, count=count, file_type=file_type)
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - the response closes it
    _write(file, results.recipient_lines(task, recipients), file_type)
    return _sent(file, f"recipients.{file_type}", file_type)


def opt_outs_file(opt_outs: QuerySet[OptOut]) -> FileResponse:
    """Return the opt-out list as .csv, the latest first."""
    record("opt_out.export", count=opt_outs.count())
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - the response closes it
    _write(file, results.opt_out_lines(opt_outs), "csv")
    return _sent(file, "opt-outs.csv", "csv")


def lines_file(lines: Iterable[list[str]], name: str, file_type: str) -> FileResponse:
    """Return `lines`, the first of them a header, as a file called `name`."""
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - the response closes it
    _write(file, lines, file_type)
    return _sent(file, name, file_type)


def template_file(task: MarketingTask) -> FileResponse:
    """Return the empty template of `task`: Download Marketing Data Template."""
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - the response closes it
    results.write_template(task, file)
    return _sent(file, "marketing-data-template.xlsx", "xlsx")


def _require_room(count: int, file_type: str) -> None:
    if file_type == "xlsx" and count > results.MAX_XLSX_ROWS:
        raise refusal("download_too_long", high=f"{results.MAX_XLSX_ROWS:,}", n=f"{count:,}")


def _write(file: IO[bytes], lines: Iterable[list[str]], file_type: str) -> None:
    if file_type == "xlsx":
        results.write_xlsx(file, lines)
        return
    for text in csv_lines(lines):
        file.write(text.encode())


def _sent(file: IO[Any], name: str, file_type: str) -> FileResponse:
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=FILE_TYPES[file_type])
