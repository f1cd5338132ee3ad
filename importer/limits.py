"""How large a source may be: what the reader refuses before it can hurt."""

from dataclasses import dataclass
from typing import Self

MIB = 1024 * 1024
MAX_COLUMNS = 100  # of a row


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one reading. Sizes in bytes, times in seconds, text in characters."""

    max_rows: int  # rows with content; one header row is allowed on top
    row_number: int  # the last row, as Excel numbers them, that may have content
    workbook_bytes: int
    csv_bytes: int
    unpacked_bytes: int  # all parts of a workbook together; also all the text that is handed on
    part_bytes: int
    shared_strings: int
    shared_string_bytes: int
    memory_bytes: int
    cpu_seconds: int
    wall_seconds: float
    entries: int = 1_000
    sheets: int = 20
    ratio: int = 300  # unpacked to packed; none of 435 public workbooks reaches it
    ratio_floor: int = MIB  # smaller parts may be packed as tightly as they like
    columns: int = MAX_COLUMNS
    cell_characters: int = 32_767  # Excel's own limit
    line_characters: int = 65_536
    format_characters: int = 255  # Excel's own limit of a number format
    styles: int = 65_536  # Excel's own limit is 65,490 cell formats
    xml_depth: int = 32
    xml_attributes: int = 64

    @classmethod
    def by_file(cls, max_rows: int = 10_000) -> Self:
        """Limits of a file that a person uploads. "a maximum of 10,000 records ... at a time"."""
        return cls(
            max_rows=max_rows,
            row_number=max_rows + 10_000,
            workbook_bytes=10 * MIB,
            csv_bytes=10 * MIB,
            unpacked_bytes=120 * MIB,
            part_bytes=100 * MIB,
            shared_strings=600_000,
            shared_string_bytes=64 * MIB,
            memory_bytes=512 * MIB,
            cpu_seconds=20,
            wall_seconds=30,
        )

    @classmethod
    def by_server(cls, max_rows: int = 500_000) -> Self:
        """Limits of a file that lies on a file server: 500,000 records unless `max_rows` says otherwise."""
        return cls(
            max_rows=max_rows,
            row_number=max_rows + 100_000,
            workbook_bytes=60 * MIB,
            csv_bytes=200 * MIB,
            unpacked_bytes=800 * MIB,
            part_bytes=600 * MIB,
            shared_strings=4_000_000,
            shared_string_bytes=256 * MIB,
            memory_bytes=1024 * MIB,
            cpu_seconds=120,
            wall_seconds=240,
        )
