"""The customers of a day that became no recipients: read page by page, or as a file."""

from collections.abc import Iterator
from itertools import chain

from django.http import FileResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from importer.downloads import lines_file
from importer.results import added_headers

from .models import CareDay, CareRow

Line = list[str]


def rows_file(day: CareDay, outcome: str, file_type: str) -> FileResponse:
    """Return the rows of `outcome` as a file, in SmartCare's order; reasons in the reader's language."""
    header = [*added_headers(), _("Recipient number"), _("Score"), _("Cause"), _("Event time")]
    name = f"smartcare-{day.business_date}-{outcome}-rows.{file_type}"
    return lines_file(chain([header], _lines(day, outcome)), name, file_type)


def reason_of(row: CareRow) -> str:
    """Return why `row` is no recipient, in the reader's language."""
    return row.reason or _("The maximum number of caring users was reached by worse scores.")


def _lines(day: CareDay, outcome: str) -> Iterator[Line]:
    for row in day.rows.filter(outcome=outcome).order_by("row").iterator(chunk_size=2_000):
        moment = timezone.localtime(row.event_at).isoformat(" ", "seconds") if row.event_at else ""
        score = "" if row.score is None else f"{row.score.normalize():f}"
        yield [str(row.row), row.code or str(outcome), reason_of(row), row.number, score, row.cause, moment]
