"""Half a million rows in seconds and in little memory. Long: run by make soak."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter

from importer.limits import MIB, Limits
from importer.readers.reading import peek, read

HEADER = ["Recipient number", "name", "city", "amount", "due_date", "order_no"]
CITIES = ["Beijing", "Shanghai", "Shenzhen", "Guangzhou"]

pytestmark = pytest.mark.soak


def row_of(number: int) -> list[str]:
    """Return a row with three texts that no other row has, so that the shared strings are long."""
    day = f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}"
    return [
        f"138{number:08}",
        f"Wang {number}",
        CITIES[number % 4],
        f"{number % 500_000 / 100:.2f}",
        day,
        f"O{number:08}",
    ]


def saved(path: Path, rows: int, *, in_place: bool) -> Path:
    workbook = xlsxwriter.Workbook(str(path), {"constant_memory": in_place})
    sheet, text = workbook.add_worksheet("Data"), workbook.add_format({"num_format": "@"})
    sheet.write_row(0, 0, HEADER)
    for number in range(1, rows + 1):
        for column, value in enumerate(row_of(number)):
            sheet.write_string(number, column, value, text)
    workbook.close()
    return path


@pytest.mark.parametrize(
    ("in_place", "megabytes"),
    [
        pytest.param(False, 192, id="shared strings"),  # address space, about 50 MB more than what is in use
        pytest.param(True, 96, id="in place"),
    ],
)
def test_half_a_million_rows(tmp_path, in_place, megabytes):
    source, into = saved(tmp_path / "a.xlsx", 500_000, in_place=in_place), tmp_path / "chunks"
    into.mkdir()
    begun = time.monotonic()

    reading = read(source, name="a.xlsx", into=into, limits=replace(Limits.by_server(), memory_bytes=megabytes * MIB))

    assert (reading.rows, reading.chunks) == (500_001, 251)
    assert time.monotonic() - begun < 30  # ten on a machine that does nothing else


def test_ten_thousand_rows(tmp_path):
    source = saved(tmp_path / "a.xlsx", 10_000, in_place=False)
    begun = time.monotonic()

    reading = peek(source, name="a.xlsx", limits=Limits.by_file(), count=True)

    assert reading.rows == 10_001
    assert time.monotonic() - begun < 2


def test_half_a_million_lines(tmp_path):
    source = tmp_path / "a.csv"
    source.write_text("".join(",".join(row_of(number)) + "\n" for number in range(500_000)))
    begun = time.monotonic()

    reading = read(source, name="a.csv", into=tmp_path, limits=replace(Limits.by_server(), memory_bytes=96 * MIB))

    assert reading.rows == 500_000
    assert time.monotonic() - begun < 10
