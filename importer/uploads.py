"""A file that comes in: refused by its size before a byte of it is read."""

from typing import Any

from rest_framework.parsers import MultiPartParser

from .limits import MIB, Limits
from .readers.reasons import refusal

FORM_BYTES = 64 * 1024  # what a form may have around its file


class UploadParser(MultiPartParser):
    """A form with one file; ValidationError (file_too_large) where its length says so already."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        limits = Limits.by_file()
        most = max(limits.workbook_bytes, limits.csv_bytes)
        length = (parser_context or {})["request"].META.get("CONTENT_LENGTH") or 0
        if int(length) > most + FORM_BYTES:
            raise refusal("file_too_large", {"megabytes": most // MIB})
        return super().parse(stream, media_type, parser_context)
