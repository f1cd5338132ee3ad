"""The rows that an ended import did not reach, page by page from the spool."""

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from tenants.refusals import declare, refusal

from . import spool
from .models import ImportBatch
from .readers.reading import Row

declare({"import_not_ended": _("The import has not ended yet: which rows it does not reach is not known.")})


class Place(NamedTuple):
    """Where a page begins: the chunk, and the row's place in it, from 0."""

    chunk: int
    row: int


class Page(NamedTuple):
    """Rows in source order, and where the pages around them begin; None: there is none."""

    rows: list[Row]
    previous: Place | None
    next: Place | None


def require_ended(batch: ImportBatch) -> None:
    """Raise ValidationError (import_not_ended) while it is not known which rows `batch` does not reach."""
    if not batch.has_ended:
        raise refusal("import_not_ended")


def page_of(batch: ImportBatch, place: Place | None, *, size: int) -> Page:
    """Return the page that begins at `place` (None: the first); FileNotFoundError when the spool was purged.

    `batch` has ended.
    """
    first = Place(batch.next_chunk, 0)
    chunk, index = max(place or first, first)
    rows: list[Row] = []
    following: Place | None = Place(chunk, index)
    while following and len(rows) < size:
        found = spool.rows_of_chunk(batch, chunk) if chunk < batch.chunks else []
        taken = found[index : index + size - len(rows)]
        rows += taken
        following = _after(batch, chunk, index + len(taken), len(found))
        chunk, index = following or (chunk, index)
    return Page(rows, _before(batch, place or first, first, size), following)


def _after(batch: ImportBatch, chunk: int, index: int, length: int) -> Place | None:
    if index < length:
        return Place(chunk, index)
    return Place(chunk + 1, 0) if chunk + 1 < batch.chunks else None


def _before(batch: ImportBatch, place: Place, first: Place, size: int) -> Place | None:
    if place <= first:
        return None
    chunk, index = place
    while index < size and chunk > first.chunk:
        chunk -= 1
        index += len(spool.rows_of_chunk(batch, chunk))
    return Place(chunk, max(0, index - size))
