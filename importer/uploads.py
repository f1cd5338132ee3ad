"""A file that comes in, as a form or as the body itself: refused by its size before it is read, or while it is."""

import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.http import parse_header_parameters
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser
from rest_framework.request import Request

from tenants.bodies import encoding_of, require_plain

from .downloads import XLSX
from .limits import MIB, Limits
from .readers.reasons import refusal

FORM_BYTES = 64 * 1024  # what a form may have around its file
READ_SIZE = 64 * 1024  # bytes
GZIP = 31  # zlib's number of the format
MAX_NAME = 100  # characters of a file's name that are kept


class WholeBody:
    """A body as long as its Content-Length says.

    Of a connection that was killed the server hands on a part as if it were all, which would be a shorter file.
    """

    def __init__(self, stream: BinaryIO, request: Request) -> None:
        self.stream, self.missing = stream, int(request.META.get("CONTENT_LENGTH") or 0)

    def read(self, size: int = READ_SIZE) -> bytes:
        """Return the next `size` bytes at most; ParseError where the body ends too early."""
        block = self.stream.read(size)
        self.missing -= len(block)
        if not block and self.missing > 0:
            raise ParseError(_("The body breaks off."))
        return block


class UploadParser(MultiPartParser):
    """A form with one file, each of its fields once; file_too_large where its length says so already."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        request = (parser_context or {})["request"]
        require_plain(request)
        if int(request.META.get("CONTENT_LENGTH") or 0) > most_body_bytes():
            raise _too_large()
        whole: Any = WholeBody(stream, request)
        form = super().parse(whole, media_type, parser_context)
        for name, values in (*form.data.lists(), *form.files.lists()):
            if len(values) > 1:  # one of them would count, and nobody said which
                raise ValidationError(
                    {name: [ErrorDetail(str(_("This stands in the form twice; send one.")), "repeated")]}
                )
        return form


class CsvBody(BaseParser):
    """The body is the file, packed by gzip or not; its name stands in ?file_name= or Content-Disposition.

    What a form has beside its file stands in the query.
    """

    media_type = "text/csv"
    ending = ".csv"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        request = (parser_context or {})["request"]
        file = TemporaryUploadedFile(_name_of(request, self.ending), self.media_type, 0, None)
        _write_bounded(file, _blocks_of(WholeBody(stream, request), is_packed=encoding_of(request, "gzip") == "gzip"))
        beside = request.query_params.copy()
        beside.pop("file_name", None)
        return DataAndFiles(beside, MultiValueDict({"file": [file]}))


class WorkbookBody(CsvBody):
    """The same with a workbook."""

    media_type = XLSX
    ending = ".xlsx"


def _name_of(request: Request, ending: str) -> str:
    """Return how the file is called, without what a name must not have; the Content-Type decides on its ending."""
    _kind, parameters = parse_header_parameters(request.headers.get("Content-Disposition", ""))
    told = request.query_params.get("file_name") or str(parameters.get("filename", ""))
    told = PurePosixPath(told.replace("\\", "/")).name
    name = "".join(character for character in told if character.isprintable()).strip(" .")[-MAX_NAME:]
    return name if name.lower().endswith(ending) and len(name) > len(ending) else f"{name or 'upload'}{ending}"


def _write_bounded(file: TemporaryUploadedFile, blocks: Iterator[bytes]) -> None:
    most, file.size = _most_bytes(), 0
    for block in blocks:
        file.size += len(block)
        if file.size > most:
            file.close()
            raise _too_large()
        file.write(block)
    file.seek(0)


def _blocks_of(stream: WholeBody, *, is_packed: bool) -> Iterator[bytes]:
    blocks = iter(lambda: stream.read(READ_SIZE), b"")
    return _unpacked(blocks) if is_packed else blocks


def _unpacked(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack piece by piece, so that whoever counts stops a bomb before it is there.

    What is packed may be several files one after the other, which are one: RFC 1952, 2.2.
    """
    unpacker = zlib.decompressobj(wbits=GZIP)
    try:
        for block in blocks:
            waiting = block
            while waiting:
                unpacker = zlib.decompressobj(wbits=GZIP) if unpacker.eof else unpacker
                yield unpacker.decompress(waiting, READ_SIZE)
                waiting = unpacker.unused_data or unpacker.unconsumed_tail
        yield unpacker.flush()
    except zlib.error:
        raise ParseError(_("The body is not packed by gzip as Content-Encoding says.")) from None
    if not unpacker.eof:
        raise ParseError(_("The body breaks off."))


def most_body_bytes() -> int:
    """Return how large a body can be that anything here takes: a form with the largest file."""
    return _most_bytes() + FORM_BYTES


def _most_bytes() -> int:
    limits = Limits.by_file()
    return max(limits.workbook_bytes, limits.csv_bytes)


def _too_large() -> Exception:
    return refusal("file_too_large", {"megabytes": _most_bytes() // MIB})
