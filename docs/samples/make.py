"""Makes the samples.

recipients-10000.xlsx: 10,000 rows of which some have each fault that a file of recipients can have.
crm-export.csv: 300 rows as another system writes them, without a header; the demo has a mapping rule for it.

    python docs/samples/make.py

The numbers are made up; the random numbers are seeded, so the rows are the same each time.
"""

import csv
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell

ROWS = 10_000
HEADER = ["Recipient number", "name", "plan", "last_day", "gift", "Remarks"]
TARGET = Path(__file__).parent / "recipients-10000.xlsx"
CRM_ROWS, CRM_TARGET = 300, Path(__file__).parent / "crm-export.csv"
BRANCHES = ["Airport", "North Gate", "River Road", "Old Town"]
NAMES = ["Li Wei", "Zhang Min", "Wang Fang", "Chen Jie", "Liu Yang", "王小明", "李雷", "韩梅梅", "O'Brien", "José"]
PLANS = ["Fun 59", "Fun 99", "Family 199", "Business 299"]
PREFIXES = ["130", "133", "135", "136", "138", "150", "155", "158", "166", "177", "186", "188", "199"]
OPTED_OUT = [f"1380000{number:04}" for number in range(9000, 9030)]  # the demo's opt-out list

chance = random.Random(86)


def mobile() -> str:
    """Return a Chinese mobile number, national, of 11 digits."""
    return chance.choice(PREFIXES) + f"{chance.randrange(10**8):08}"


def written(number: str) -> str:
    """Return `number` in one of the ways that people write it; all of them are one recipient."""
    ways = [number, f"86{number}", f"0086{number}", f"+86{number}", f"+86 {number[:3]} {number[3:7]} {number[7:]}"]
    return chance.choices([*ways, f"{number[:3]}-{number[3:7]}-{number[7:]}"], [60, 10, 10, 10, 5, 5])[0]


def values() -> list[object]:
    return [
        chance.choice(NAMES),
        chance.choice(PLANS),
        chance.choice(["", "31 Dec", "15 Dec"]),
        str(chance.randrange(1, 9) * 5),
    ]


def with_address(address: Callable[[], object]) -> Callable[[], list[object]]:
    return lambda: [address(), *values(), ""]


def with_value(index: int, value: object) -> Callable[[], list[object]]:
    def row() -> list[object]:
        given = values()
        given[index] = value
        return [written(mobile()), *given, ""]

    return row


FAULTS: list[tuple[int, Callable[[], list[object]]]] = [  # how many rows, and how one is made
    (60, with_address(lambda: mobile()[: chance.randrange(5, 10)])),  # too short
    (40, with_address(lambda: mobile() + f"{chance.randrange(10**6):06}")),  # too long
    (52, with_address(lambda: "2" + mobile()[1:])),  # begins with other digits than the tenant allows
    (20, with_address(lambda: "n/a")),
    (13, with_address(lambda: "".join(chr(ord(digit) + 0xFEE0) for digit in mobile()))),  # full-width digits
    (5, with_address(lambda: f"{mobile()}\u200b")),  # an invisible character
    (24, with_address(lambda: "")),  # a recipient is missing
    (20, with_address(lambda: chance.choice(["+447700900123", "+12025550143", "+33612345678"]))),  # another country
    (6, with_address(lambda: chance.choice(["110", "112", "120"]))),  # emergency numbers
    (27, with_address(lambda: 86_138_000_012_345_678)),  # 17 digits in a number cell: the last are lost
    (3, with_address(lambda: "#N/A")),
    (121, with_value(0, "")),  # the name is missing, and it has no default
    (6, with_value(1, "very " * 110 + "long")),
    (4, with_value(3, "20_x0007_")),  # a bell character, as Excel stores it
    (3, with_value(3, "=1+1")),  # a formula without a saved result
]


def rows() -> Iterator[list[object]]:
    """Yield 10,000 rows in a mixed order: good ones, repeats, opted-out ones and every fault."""
    faulty = [make() for count, make in FAULTS for _ in range(count)]
    stored_as_number = [[int(mobile()), *values(), ""] for _ in range(312)]
    opted_out = [[written(number), *values(), ""] for number in OPTED_OUT]
    repeats = 118
    numbers = [mobile() for _ in range(ROWS - len(faulty) - len(stored_as_number) - len(opted_out) - repeats)]
    good = [[written(number), *values(), chance.choice(["", "VIP"])] for number in numbers]
    again = [[written(number), *values(), ""] for number in chance.sample(numbers, repeats)]
    mixed = faulty + stored_as_number + opted_out + good + again
    chance.shuffle(mixed)
    yield from mixed


def main() -> None:
    """Write the workbook, four blank rows among its rows, text cells as text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Recipients")
    sheet.append(HEADER)
    for index, row in enumerate(rows()):
        if index in (100, 2_000, 2_001, 9_000):
            sheet.append([])
        sheet.append([cell(sheet, value) for value in row])
    book.save(TARGET)
    with CRM_TARGET.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(crm_rows())


def crm_rows() -> Iterator[list[str]]:
    """Yield customer number, segment, number, day of consent, name, plan, branch, agent, last day, note, gift."""
    for row in range(CRM_ROWS):
        number = {40: "", 120: "n/a", 200: mobile()[:7]}.get(row, written(mobile()))
        name, plan, last_day, gift = map(str, values())
        name = "" if row in (75, 180) else name
        consent = f"2026-{chance.randrange(1, 11):02}-{chance.randrange(1, 29):02}"
        yield [f"C{100_001 + row}", chance.choice("AB"), number, consent, name, plan, chance.choice(BRANCHES),
               f"a{chance.randrange(10, 99)}", last_day, "", gift]  # fmt: skip


def cell(sheet: object, value: object) -> Cell | None:
    """Return a text cell; numbers stay numbers, formulas formulas, "#N/A" an error; blank cells are left out."""
    if value == "":
        return None
    made = WriteOnlyCell(sheet, value)
    if isinstance(value, str) and not value.startswith(("=", "#")):
        made.data_type, made.number_format = "s", "@"
    return made


if __name__ == "__main__":
    main()
