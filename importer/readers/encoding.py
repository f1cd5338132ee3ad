"""Which encoding a text table is in: proven for the whole file, never guessed."""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from .refused import Refused

BLOCK = 1024 * 1024  # bytes read at a time
ENOUGH = 8  # characters beyond ASCII that are UTF-8 by chance: less than one file in a million
ASCII = re.compile("[\0-\x7f]+")
UNASSIGNED = ("Cn", "Co", "Cs")  # unassigned, private use, half characters


class Encoding(NamedTuple):
    """What people call it and what Python does."""

    name: str
    codec: str


UTF8 = Encoding("UTF-8", "utf-8")
UTF16 = {codecs.BOM_UTF16_LE: Encoding("UTF-16", "utf-16-le"), codecs.BOM_UTF16_BE: Encoding("UTF-16", "utf-16-be")}
GB18030 = Encoding("GB18030", "gb18030")
for codec in ("utf-8", "utf-16-le", "utf-16-be", "gb18030", "gb2312"):
    codecs.lookup(codec)  # loaded now: the child can open no file later


def encoding_of(source: BinaryIO) -> Encoding:
    """Return UTF-8, UTF-16 if the file begins with its mark, or GB18030 if that is what it plainly is.

    Codes: file_encoding, with the offset of the first byte that is not UTF-8 (or not UTF-16); file_nul.
    """
    source.seek(0)
    head = source.read(2)
    if head in UTF16:
        return _proven(source, UTF16[head])
    if len(head) == 2 and head.count(0) == 1:  # UTF-16 without its mark; which half comes first would be a guess
        raise Refused("file_encoding", offset=0)
    try:
        return _proven(source, UTF8)
    except Refused as refused:
        if refused.code != "file_encoding" or _is_mostly_utf8(source, refused.params["offset"]):
            raise
        if not _is_chinese(source):
            raise
        return _proven(source, GB18030)


def _proven(source: BinaryIO, encoding: Encoding) -> Encoding:
    for offset, text in _decoded(source, encoding):
        if "\0" in text:
            raise Refused("file_nul", offset=offset + len(text[: text.index("\0")].encode(encoding.codec)))
    return encoding


def _decoded(source: BinaryIO, encoding: Encoding) -> Iterator[tuple[int, str]]:
    """Yield the file's text in blocks, each with the offset of its first byte; a mark at the begin stays."""
    decoder = codecs.getincrementaldecoder(encoding.codec)()
    source.seek(0)
    offset, block = 0, b"begin"
    while block:
        block = source.read(BLOCK)
        begin = offset - len(decoder.getstate()[0])  # bytes of a character that the last block cut
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as problem:
            raise Refused("file_encoding", offset=begin + problem.start) from problem
        yield begin, text
        offset += len(block)


def _is_mostly_utf8(source: BinaryIO, offset: int) -> bool:
    """Say whether what stands before the first wrong byte is UTF-8 beyond doubt: then the file is damaged."""
    source.seek(max(0, offset - BLOCK))
    before = source.read(min(offset, BLOCK)).decode("utf-8", "ignore")
    return len(ASCII.sub("", before)) >= ENOUGH


def _is_chinese(source: BinaryIO) -> bool:
    """Say whether the file, read as GB18030, is what somebody wrote.

    Western and other Asian encodings often decode as GB18030 too, into characters that nobody uses. In Chinese text
    most characters belong to GB 2312, the everyday set; in the others' next to none do.
    """
    seen: set[str] = set()
    total = common = 0
    try:
        for _, text in _decoded(source, GB18030):
            beyond_ascii = ASCII.sub("", text)
            total += len(beyond_ascii)
            common += len(beyond_ascii.encode("gb2312", "ignore")) // 2
            seen.update(beyond_ascii)
    except Refused:
        return False
    return common * 2 >= total and not any(unicodedata.category(character) in UNASSIGNED for character in seen)
