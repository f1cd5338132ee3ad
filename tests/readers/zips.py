"""A zip writer that can lie: every field of an entry may differ from the truth."""

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

STORED, DEFLATED = 0, 8


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a zip. None means the truth; `claimed_*` stands in the directory, whatever the content is."""

    name: str
    content: bytes
    method: int = DEFLATED
    flags: int = 0
    mode: int = 0o100644
    extra: bytes = b""
    packed: bytes | None = None
    claimed_size: int | None = None
    claimed_checksum: int | None = None
    local_name: str | None = None

    def body(self) -> bytes:
        """Return the packed content."""
        if self.packed is not None:
            return self.packed
        return deflated(self.content) if self.method == DEFLATED else self.content

    def fields(self) -> tuple[int, int, int]:
        """Return checksum, packed size and size as the directory gives them."""
        checksum = zlib.crc32(self.content) if self.claimed_checksum is None else self.claimed_checksum
        size = len(self.content) if self.claimed_size is None else self.claimed_size
        return checksum, len(self.body()), size


def deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def repeated(name: str, before: bytes, unit: bytes, times: int, after: bytes = b"", *, claimed: int = 0) -> Entry:
    """Return an entry that unpacks to `unit` some thousand million times, packed without unpacking it first."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    head = packer.compress(before) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(unit * 1_000) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = head + block * (times // 1_000) + packer.compress(after) + packer.flush()
    size = len(before) + len(unit) * times + len(after)
    return Entry(name, b"", packed=packed, claimed_size=claimed or size, claimed_checksum=0)


def zipped(entries: Iterable[Entry], *, comment: bytes = b"", claimed_entries: int | None = None) -> bytes:
    """Return a zip of the entries, in their order."""
    body, directory, count = bytearray(), bytearray(), 0
    for entry in entries:
        checksum, packed, size = entry.fields()
        name, local = entry.name.encode(), (entry.local_name or entry.name).encode()
        common = struct.pack("<4H3L", entry.flags, entry.method, 0, 0x21, checksum, packed, size)
        directory += b"PK\1\2" + struct.pack("<2H", 0x0314, 20) + common
        directory += struct.pack("<5H2L", len(name), len(entry.extra), 0, 0, 0, entry.mode << 16, len(body))
        directory += name + entry.extra
        body += b"PK\3\4" + struct.pack("<H", 20) + common + struct.pack("<2H", len(local), 0) + local + entry.body()
        count += 1
    shown = count if claimed_entries is None else claimed_entries
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, shown, shown, len(directory), len(body), len(comment))
    return bytes(body + directory) + end + comment
