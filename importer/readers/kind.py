"""What a file really is, by its content: a name is only a promise."""

from typing import TYPE_CHECKING, BinaryIO

from .container import Container
from .refused import Refused

if TYPE_CHECKING:
    from importer.limits import Limits

HEAD = 4_096  # bytes looked at
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAGIC = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"\x1f\x8b", "gzip"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf", "7z"),
    (b"PK\5\6", "zip"),
)
MARKUP = ((b"<html", "html"), (b"<!doctype html", "html"), (b"<table", "html"), (b"<?xml", "xml"))
OLE_STREAMS = (("EncryptedPackage", "encrypted"), ("Workbook", "xls"), ("Book", "xls"))
ZIP_PARTS = (
    ("xl/vbaproject.bin", "xlsm"),
    ("xl/workbook.bin", "xlsb"),
    ("content.xml", "ods"),
    ("word/document.xml", "docx"),
    ("ppt/presentation.xml", "pptx"),
    ("[content_types].xml", "xlsx"),  # the workbook may have any name
)


def kind_of(source: BinaryIO, limits: "Limits") -> str:
    """Return a key of `reasons.FOUND`: "xlsx", "text", "xls" ... A zip may turn out to be damaged later."""
    source.seek(0)
    head = source.read(HEAD)
    if head.startswith(b"PK\3\4"):
        return _kind_of_zip(source, limits)
    if head.startswith(OLE):
        return _kind_of_ole(source)
    begin = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    found = [kind for magic, kind in MAGIC if head.startswith(magic)]
    found += [kind for mark, kind in MARKUP if begin.startswith(mark)]
    is_text = b"\0" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff"))
    return found[0] if found else "text" if is_text else "binary"


def _kind_of_zip(source: BinaryIO, limits: "Limits") -> str:
    try:
        parts = Container(source, limits).parts
    except Refused:
        return "xlsx"  # cannot be told; whoever reads it as a workbook meets the same refusal
    return next((kind for part, kind in ZIP_PARTS if part in parts), "zip")


def _kind_of_ole(source: BinaryIO) -> str:
    """Tell a password-protected workbook from an old one by the names of the streams inside."""
    source.seek(0)
    content = b""
    seen: set[str] = set()
    while block := source.read(1 << 20):
        content = content[-64:] + block
        seen.update(kind for stream, kind in OLE_STREAMS if stream.encode("utf-16-le") in content)
    return "encrypted" if "encrypted" in seen else "xls" if "xls" in seen else "ole"
