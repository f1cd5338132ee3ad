"""Zip containers and file types that nobody saved with a spreadsheet program, each with its code."""

import struct

from . import books
from .books import SHARED, SHEET, WORKBOOK, WORKBOOK_RELATIONS, book
from .cases import added, case, changed
from .zips import STORED, Entry, deflated, repeated, zipped

GOOD = book()
MEGA = 1_000_000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ELSEWHERE = ' TargetMode="External"'


def ole(stream: str) -> bytes:
    """Return the begin of an old Office container with one named stream."""
    return OLE + bytes(504) + stream.encode("utf-16-le").ljust(64, b"\0") + bytes(448)


def parts_in_zip(*names: str) -> bytes:
    return zipped(Entry(name, b"x") for name in names)


def patched(marker: bytes, offset: int, value: bytes) -> bytes:
    """Return the good workbook with bytes replaced behind the first `marker`."""
    content = bytearray(GOOD)
    at = content.find(marker) + offset
    content[at : at + len(value)] = value
    return bytes(content)


def overlapping() -> bytes:
    """Return a workbook with a part that lies inside another part's bytes (Fifield's bomb)."""
    inner = zipped([Entry("xl/b.bin", b"kernel")])
    header, line = inner[: inner.find(b"PK\1\2")], inner[inner.find(b"PK\1\2") : -22]
    outer = zipped([*books.entries(books.parts()), Entry("xl/a.bin", header, method=STORED)])
    line = line[:42] + struct.pack("<L", outer.find(header)) + line[46:]
    end = struct.unpack("<4s4H2LH", outer[-22:])
    numbers = (end[0], 0, 0, end[3] + 1, end[3] + 1, end[5] + len(line), end[6], 0)
    return outer[:-22] + line + struct.pack("<4s4H2LH", *numbers)


def without(part: str) -> bytes:
    return zipped(books.entries(books.parts(), without=[part]))


CONTAINER = [
    case("nothing", "file_empty", lambda: b""),
    case("an empty zip", "file_type", lambda: b"PK\5\6" + bytes(18)),
    case("the first half", "file_corrupt", lambda: GOOD[: len(GOOD) // 2]),
    case("a text table by another name", "file_type", lambda: b"number\n13800000000\n"),
    case("a workbook by another name", "file_type", lambda: GOOD, "a.csv"),
    case("a workbook without an ending", "file_type", lambda: GOOD, "a"),
    case("a web page", "file_type", lambda: b"<html><table><tr><td>1</td></tr></table></html>", "a.xls"),
    case("a web page as text", "file_type", lambda: b"\n <!DOCTYPE HTML><table>", "a.csv"),
    case("XML Spreadsheet 2003", "file_type", lambda: b'<?xml version="1.0"?><Workbook/>', "a.csv"),
    case("a picture", "file_type", lambda: b"\x89PNG\r\n\x1a\n" + bytes(100)),
    case("a PDF document", "file_type", lambda: b"%PDF-1.7\n", "a.csv"),
    case("a PDF document by its own name", "file_type", lambda: b"%PDF-1.7\n", "a.pdf"),
    case("a text by its own name", "file_type", lambda: b"number\n", "a.text"),
    case("a gzip archive", "file_type", lambda: b"\x1f\x8b\x08" + bytes(20), "a.csv"),
    case("a zipped text table", "file_type", lambda: parts_in_zip("a.csv"), "a.csv"),
    case("an old workbook", "file_type", lambda: ole("Workbook"), "a.xls"),
    case("an old workbook by another name", "file_type", lambda: ole("Workbook")),
    case("an OpenDocument file", "file_type", lambda: parts_in_zip("mimetype", "content.xml"), "a.ods"),
    case("a binary workbook", "file_type", lambda: parts_in_zip("[Content_Types].xml", "xl/workbook.bin"), "a.xlsb"),
    case("a Word document", "file_type", lambda: parts_in_zip("[Content_Types].xml", "word/document.xml")),
    case("a workbook with a password", "file_encrypted", lambda: ole("EncryptedPackage")),
    case("an encrypted entry", "file_encrypted", lambda: patched(b"PK\1\2", 8, b"\1\0")),
    case("PDF before the zip", "file_type", lambda: b"%PDF-1.4\n%\n" + GOOD),
    case("HTML before the zip", "file_type", lambda: b"<html><script>alert(1)</script></html>" + GOOD),
    case("another zip before the zip", "file_corrupt", lambda: parts_in_zip("x") + GOOD),
    case("zeros behind the zip", "file_corrupt", lambda: GOOD + bytes(100_000)),
    case("one byte before the end", "file_corrupt", lambda: GOOD[:-22] + b"\0" + GOOD[-22:]),
    case("one byte behind the zip", "file_corrupt", lambda: GOOD + b"\0"),
    case("two parts of one name", "file_corrupt", lambda: zipped(books.entries(books.parts()) * 2)),
    case("one name in two cases", "file_corrupt", added(Entry(SHEET.upper(), b"<x/>"))),
    case("another name at the part", "file_corrupt", added(Entry("xl/a.xml", b"<x/>", local_name="xl/b.xml"))),
    case("a wrong size", "file_corrupt", lambda: patched(b"PK\1\2", 24, struct.pack("<L", 4))),
    case("a wrong checksum", "file_corrupt", lambda: patched(b"PK\1\2", 16, b"\0\0\0\0")),
    case("60,000 parts", "file_too_many_parts", lambda: parts_in_zip(*(f"xl/{i}" for i in range(60_000)))),
    case(
        "more parts than claimed",
        "file_corrupt",
        lambda: zipped(books.entries(books.parts()), claimed_entries=6),
    ),
    case(
        "fewer parts than claimed",
        "file_corrupt",
        lambda: zipped(books.entries(books.parts()), claimed_entries=8),
    ),
    case("a name that climbs out", "file_corrupt", added(Entry("../../x", b"x"))),
    case("an absolute name", "file_corrupt", added(Entry("/etc/x", b"x"))),
    case("a Windows name", "file_corrupt", added(Entry("..\\x", b"x"))),
    case("a name with NUL", "file_corrupt", added(Entry("xl/x\0.xml", b"x"))),
    case("a symbolic link", "file_corrupt", added(Entry("xl/x", b"/etc/passwd", mode=0o120777))),
    case("overlapping parts", "file_corrupt", overlapping),
    case("bzip2", "file_corrupt", added(Entry("xl/x", b"", method=12))),
    case("text behind a packed part", "file_corrupt", added(Entry(SHEET, b"", packed=deflated(b"") + b"x"))),
    case(
        "a packed part that is none",
        "file_corrupt",
        added(Entry(SHEET, b"", packed=b"\xff" * 9, claimed_size=9)),
    ),
    case("1 GB nobody asked for", "file_too_large_unpacked", added(repeated("xl/media/x", b"", b"0" * 1_000, MEGA))),
    case("1 GB of blanks in a cell", "file_too_large_unpacked", added(repeated(SHEET, b"", b" " * 1_000, MEGA))),
    case(
        "20 million rows",
        "file_too_large_unpacked",
        added(repeated(SHEET, b"", b'<row r="1"><c r="A1"><v>1</v></c></row>', 20_000_000)),
    ),
    case("1 GB that claims 100 bytes", "file_corrupt", added(repeated(SHEET, b"", b" " * 1_000, MEGA, claimed=100))),
    case("a macro", "file_macro", added(Entry("xl/vbaProject.bin", OLE)), "a.xlsm"),
    case("a macro by another name", "file_macro", added(Entry("xl/vbaProject.bin", OLE))),
    case("a macro sheet", "file_macro", added(Entry("xl/macrosheets/sheet1.xml", b"<x/>"))),
    case(
        "a workbook made for macros",
        "file_macro",
        changed("[Content_Types].xml", books.content_types("application/vnd.ms-excel.sheet.macroEnabled.main+xml")),
    ),
    case("an external link", "file_external_link", added(Entry("xl/externalLinks/externalLink1.xml", b"<x/>"))),
    case(
        "a relation that leads out",
        "file_external_link",
        changed(
            "xl/worksheets/_rels/sheet1.xml.rels",
            books.relations(books.relation("rId1", "image", "http://127.0.0.1:9/x.png", ELSEWHERE)),
        ),
    ),
    case(
        "a sheet that lies elsewhere",
        "file_external_link",
        changed(
            WORKBOOK_RELATIONS,
            books.relations(books.relation("rId1", "worksheet", "http://127.0.0.1:9/s.xml", ELSEWHERE)),
        ),
    ),
    case(
        "a sheet that climbs out",
        "file_corrupt",
        changed(WORKBOOK_RELATIONS, books.relations(books.relation("rId1", "worksheet", "../../../etc/passwd"))),
    ),
    case("no content types", "file_type", lambda: without("[Content_Types].xml")),
    case("no workbook", "file_corrupt", lambda: without(WORKBOOK)),
    case("no relations", "file_corrupt", lambda: without("_rels/.rels")),
    case("no sheet part", "file_corrupt", lambda: without(SHEET)),
    case("no shared strings where some are promised", "file_corrupt", lambda: without(SHARED)),
    case("11 MB", "file_too_large", lambda: b"PK\3\4" + bytes(11 << 20)),
]
