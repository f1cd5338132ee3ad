"""An immutable copy of each source and its parsed chunks, on Django storage (a folder, or S3).

imports/<tenant>/<import>/source.xlsx
imports/<tenant>/<import>/00000.jsonl ...      lines [row, [cells], {column: fault}?]
imports/<tenant>/<import>/00000.part ...       of a source that is being fetched, each PART_BYTES but the last
"""

import hashlib
import json
import shutil
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import IO

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from tenants.models import Tenant

from .models import ImportBatch
from .readers.reading import Row

READ_SIZE = 1 << 20  # bytes
PART_BYTES = 4 << 20
ORPHAN_AGE = timedelta(days=1)


def folder_of(batch: ImportBatch) -> str:
    return f"imports/{batch.tenant_id}/{batch.pk}"


def keep_source(batch: ImportBatch, source: IO[bytes]) -> str:
    """Copy `source` into the spool; return its SHA-256 (hexadecimal)."""
    digest = hashlib.sha256()
    while block := source.read(READ_SIZE):
        digest.update(block)
    source.seek(0)
    _put(_source_name(batch), File(source))
    return digest.hexdigest()


def keep_part(batch: ImportBatch, offset: int, content: bytes) -> None:
    """Keep a part of a source that is being fetched; `offset`: where in the source it begins."""
    _put(_part_name(batch, offset // PART_BYTES), ContentFile(content))


def join_parts(batch: ImportBatch, size: int, into: IO[bytes]) -> None:
    """Write the parts of a source of `size` bytes into a file, and go to its begin. FileNotFoundError: one is gone."""
    for number in range(-(-size // PART_BYTES)):
        with default_storage.open(_part_name(batch, number)) as part:
            shutil.copyfileobj(part, into, READ_SIZE)
    into.flush()
    into.seek(0)


def remove_parts(batch: ImportBatch) -> None:
    """Delete the parts; what is gone already is no error."""
    for name in _listed(folder_of(batch))[1]:
        if name.endswith(".part"):
            default_storage.delete(f"{folder_of(batch)}/{name}")


def open_source(batch: ImportBatch) -> IO[bytes]:
    """Open the kept source; FileNotFoundError when it was purged."""
    return default_storage.open(_source_name(batch))


def keep_chunks(batch: ImportBatch, parsed: Path) -> None:
    """Copy the chunk files that the reader wrote into the folder `parsed`."""
    for path in sorted(parsed.glob("*.jsonl")):
        _put(f"{folder_of(batch)}/{path.name}", ContentFile(path.read_bytes()))


def lines_of_chunk(batch: ImportBatch, chunk: int) -> bytes:
    """Return the lines of chunk number `chunk`, in source order, without a header. FileNotFoundError: purged."""
    with default_storage.open(f"{folder_of(batch)}/{chunk:05}.jsonl") as file:
        lines: bytes = file.read()
    return lines.partition(b"\n")[2] if chunk == 0 and batch.layout["has_header"] else lines


def rows_in(lines: bytes) -> list[Row]:
    """Return the rows of the lines of a chunk."""
    return [Row.of(line) for line in json.loads(b"[" + lines.rstrip().replace(b"\n", b",") + b"]")]


def find_rows(lines: bytes, numbers: Sequence[int]) -> list[Row]:
    """Return the rows with these `numbers`, ascending as the lines are; only they are parsed."""
    line_by_line = lines.splitlines()
    found = (line_by_line[bisect_left(line_by_line, number, key=_number_of)] for number in numbers)
    return [Row.of(json.loads(line)) for line in found]


def rows_of_chunk(batch: ImportBatch, chunk: int) -> list[Row]:
    """Return the rows of chunk number `chunk`; see `lines_of_chunk`."""
    return rows_in(lines_of_chunk(batch, chunk))


def rows_from_chunk(batch: ImportBatch, chunk: int) -> Iterator[Row]:
    """Yield the rows of chunk number `chunk` and of all that follow."""
    for number in range(chunk, batch.chunks):
        yield from rows_of_chunk(batch, number)


def remove(batch: ImportBatch) -> None:
    """Delete the source and the chunks; what is gone already is no error."""
    _remove_folder(folder_of(batch))


def remove_orphans(tenant: Tenant, known: set[str]) -> None:
    """Delete the folders of imports that were never committed, once they are ORPHAN_AGE old. `known`: ids."""
    folders, _names = _listed(f"imports/{tenant.pk}")
    for name in set(folders) - known:
        folder = f"imports/{tenant.pk}/{name}"
        ages = [default_storage.get_modified_time(f"{folder}/{kept}") for kept in _listed(folder)[1]]
        if not ages or max(ages) < timezone.now() - ORPHAN_AGE:
            _remove_folder(folder)


def _put(name: str, content: File) -> None:
    """Keep `content` under this very name, in the place of what an attempt that died has left there."""
    default_storage.delete(name)
    if default_storage.save(name, content) != name:
        raise FileExistsError(name)  # a worker that was given up still writes: this attempt is made again


def _remove_folder(folder: str) -> None:
    for name in _listed(folder)[1]:
        default_storage.delete(f"{folder}/{name}")
    default_storage.delete(folder)


def _listed(folder: str) -> tuple[list[str], list[str]]:
    try:
        return default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []


def _number_of(line: bytes) -> int:
    return int(line[1 : line.index(b",")])


def _part_name(batch: ImportBatch, number: int) -> str:
    return f"{folder_of(batch)}/{number:05}.part"


def _source_name(batch: ImportBatch) -> str:
    return f"{folder_of(batch)}/source{Path(batch.source_name).suffix.lower()}"
