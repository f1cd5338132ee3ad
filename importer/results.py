"""Files to download: the empty template, and the rows that were not created. Sole user of openpyxl.

A download can be mended and imported again as it is: the layout ignores the columns that are put first.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from marketing.models import MarketingTask, OptOut, Recipient
from tenants.csv_files import clean

from .layout import Layout, own_cells_of, recipient_headers
from .models import ImportBatch

MAX_XLSX_ROWS = 100_000  # in one .xlsx; .csv has no limit
COLUMN_WIDTH = 22  # characters
NOT_REACHED = gettext_lazy("The import ended before this row.")
ESCAPE = re.compile(r"\r|_(?=x[0-9A-Fa-f]{4}_)")  # XML makes \n of the first; the second begins an escape of its own
Line = list[str]


def added_headers() -> Line:
    """Return the names of the three columns put before the original ones, in the reader's language."""
    return [_("Source row"), _("Reason code"), _("Reason")]


def header_of_rows(batch: ImportBatch) -> Line:
    """Return the first line of a download of `batch`'s rows."""
    return added_headers() + _own_cells(batch)(batch.layout.get("header", []))


def rejected_lines(batch: ImportBatch, outcome: str, *, code: str = "") -> Iterator[Line]:
    """Yield the rows of `outcome` in source order: row number, code, reason, then the original cells.

    `code`: only those of this reason.
    """
    own_cells, width = _own_cells(batch), len(header_of_rows(batch))
    rows = batch.rejected_rows.filter(outcome=outcome, **({"code": code} if code else {}))
    for rejected in rows.order_by("row").iterator(chunk_size=2_000):
        yield _padded([str(rejected.row), rejected.code, rejected.reason, *own_cells(rejected.cells)], width)


def unprocessed_lines(batch: ImportBatch) -> Iterator[Line]:
    """Yield the rows that were not reached, from the spool. FileNotFoundError when it was purged."""
    from .spool import rows_from_chunk

    own_cells, width = _own_cells(batch), len(header_of_rows(batch))
    for source in rows_from_chunk(batch, batch.next_chunk):
        yield _padded([str(source.number), "unprocessed", str(NOT_REACHED), *own_cells(source.cells)], width)


def _padded(line: Line, width: int) -> Line:
    """Return `line` with the empty cells at its end, which are not kept but may be what is to be mended."""
    return line + [""] * (width - len(line))


def _own_cells(batch: ImportBatch) -> Callable[[Sequence[str]], Line]:
    return own_cells_of(Layout(**batch.layout) if batch.layout else Layout(0, {}, []))  # one that was never read


def recipient_lines(task: MarketingTask, recipients: QuerySet[Recipient]) -> Iterator[Line]:
    """Yield the header of `task`'s template, then `recipients` in the order in which they came."""
    names = template_header(task)
    yield names
    found = recipients.order_by("id").values_list("address", "variables")
    for address, values in found.iterator(chunk_size=2_000):
        yield [address, *(values.get(name, "") for name in names[1:])]


def opt_out_lines(opt_outs: QuerySet[OptOut]) -> Iterator[Line]:
    """Yield a header, then `opt_outs`, the latest first, as an import of opt-outs takes them."""
    yield [_("Medium"), _("Number or email"), _("Remark"), _("Valid until"), _("Source")]
    for one in opt_outs.order_by("-id").iterator(chunk_size=2_000):
        yield [one.medium, one.address, one.remark, _until(one), str(one.get_source_display())]


def _until(opt_out: OptOut) -> str:
    if opt_out.valid_until is None:
        return ""
    return str(opt_out.last_day or timezone.localtime(opt_out.valid_until).isoformat(timespec="minutes"))


def write_xlsx(file: IO[bytes], lines: Iterable[Line]) -> None:
    """Write `lines`, the first of them a header, as a workbook whose every cell is text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Rows"))
    for line in lines:
        sheet.append([_text_cell(sheet, text) for text in line])
    book.save(file)


def write_template(task: MarketingTask, file: IO[bytes]) -> None:
    """Write the empty template of `task`: one header row, then a column per variable, all cells formatted as text.

    Source: guide 2025-01-23, "Importing Marketing Data in Batches", step 2.
    """
    names = template_header(task)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Recipients"))
    for column in range(1, len(names) + 1):
        dimension = sheet.column_dimensions[get_column_letter(column)]
        dimension.width, dimension.number_format = COLUMN_WIDTH, "@"
    sheet.append([_text_cell(sheet, name, is_bold=True) for name in names])
    book.save(file)


def template_header(task: MarketingTask) -> Line:
    """Return the names of the columns of `task`'s template."""
    return [recipient_headers(task.medium)[0], *(variable.name for variable in task.template.variable_list())]


def _escaped(found: re.Match[str]) -> str:
    return "_x000D_" if found[0] == "\r" else "_x005F_"


def _text_cell(sheet: Any, text: str, *, is_bold: bool = False) -> Cell:
    cell = WriteOnlyCell(sheet, ESCAPE.sub(_escaped, clean(text)))
    cell.data_type = "s"  # or "=1+1" would be a formula, and "#N/A" an error
    cell.number_format = "@"
    if is_bold:
        cell.font = Font(bold=True)
    return cell
