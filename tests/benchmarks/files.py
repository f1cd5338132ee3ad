"""Makes files of recipients to measure with: 4 % bad rows, 3 % repeats, five ways of writing a number."""

import csv
import json
import random
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter

HEADER = ["Recipient number", "name", "city", "amount", "due_date", "order_no"]
BODY = "Dear ${name} of ${city}, ${amount} for ${order_no} is due on ${due_date}."
PREFIXES = [
    f"{prefix}" for prefix in (*range(130, 140), *range(150, 160), *range(180, 190)) if prefix not in (134, 154)
]
CITIES = ["Beijing", "Shanghai", "Shenzhen", "Guangzhou", "Chengdu", "Hangzhou", "Wuhan", "Nanjing"]
Row = list[str]


def rows(count: int, *, seed: int = 86) -> Iterator[Row]:
    """Yield `count` rows: about 93 % good, 3 % repeats, 4 % with a fault."""
    chance = random.Random(seed)
    seen: list[str] = []
    for number in range(count):
        yield [_address(chance, seen), *_values(chance, number)]


def clean_rows(count: int) -> Iterator[tuple[str, str]]:
    """Yield (address, variables as JSON) of `count` rows that are fit to be loaded as they are."""
    chance = random.Random(1)
    for number in range(count):
        values = dict(zip(HEADER[1:], _values(chance, number), strict=True))
        yield f"+86138{number:08}", json.dumps(values)


def write_csv(path: Path, count: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(rows(count))


def write_xlsx(path: Path, count: int) -> None:
    """Write shared strings, as Excel does, every cell text."""
    book = xlsxwriter.Workbook(path, {"strings_to_numbers": False, "strings_to_formulas": False})
    sheet, text = book.add_worksheet("Recipients"), book.add_format({"num_format": "@"})
    for line, cells in enumerate([HEADER, *rows(count)]):
        for column, cell in enumerate(cells):
            if cell:
                sheet.write_string(line, column, cell, text)
    book.close()


def _address(chance: random.Random, seen: list[str]) -> str:
    kind = chance.random()
    if kind < 0.93 or not seen:
        seen.append(chance.choice(PREFIXES) + f"{chance.randrange(10**8):08}")
        return _written(chance, seen[-1])
    if kind < 0.96:
        return _written(chance, chance.choice(seen))
    return chance.choice(["n/a", "", "13812", "1" * 17, "+12025550143", "１３８００００００００"])


def _written(chance: random.Random, number: str) -> str:
    spaced = f"+86 {number[:3]} {number[3:7]} {number[7:]}"
    ways = [number, f"86{number}", f"0086{number}", f"+86{number}", spaced]
    return chance.choices(ways, [70, 10, 10, 5, 5])[0]


def _values(chance: random.Random, number: int) -> Row:
    name = "" if chance.random() < 0.002 else f"Wang {chance.randrange(10**4)}"
    amount, day = f"{chance.random() * 5000:.2f}", f"2026-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
    return [name, chance.choice(CITIES), amount, day, f"ORD{number:08}"]


def write_clean_csv(path: Path, count: int) -> None:
    """Write what psql can load without a look at it: address, variables."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(clean_rows(count))
