"""Downloads: exactly the rows, as they were, harmless in a spreadsheet program, and importable again."""

import csv
import io

import openpyxl
import pytest
from django.utils import translation

from importer import pipeline, results
from importer.layout import by_template
from marketing.rules import Rules
from tenants.csv_files import clean, csv_lines

from . import make

ODD = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "＝1+1",
    " =1",
    "ok\n=1",
    "'quoted'",
    "'=1",
    "#N/A",
    "李雷",
    "a\x07b",
    "x" * 40_000,
]


@pytest.fixture
def batch(acting):
    rows = [["138", odd] for odd in ODD]
    return make.batch(make.task(), rows, chunk_rows=5)


def run(batch):
    return pipeline.run_to_the_end(batch)


def lines_of(batch):
    return [results.header_of_rows(batch), *results.rejected_lines(batch, "failed")]


def test_a_csv_holds_the_rows_in_source_order_with_their_reasons(batch):
    text = "".join(csv_lines(lines_of(run(batch))))
    read = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))

    assert text.startswith("\ufeff")
    assert read[0] == ["Source row", "Reason code", "Reason", "Recipient number", "name"]
    assert [line[0] for line in read[1:]] == [str(number) for number in range(2, len(ODD) + 2)]
    assert read[1][1:4] == ["number_length", "The number has 3 national digits; 5 to 20 are allowed.", "138"]


def test_nothing_in_a_csv_is_a_formula(batch):
    text = "".join(csv_lines(lines_of(run(batch))))

    cells = [cell for line in csv.reader(io.StringIO(text.removeprefix("\ufeff"))) for cell in line]
    assert not [cell for cell in cells if cell[:1] in "=+-@\t\r\n" and cell]


def test_a_mended_csv_gives_the_original_values_back(batch):
    text = "".join(csv_lines(lines_of(run(batch))))
    header, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))

    layout, notes = by_template(header, Rules.from_json(batch.rules), is_guarded=True)
    values = [layout.values_in(cells)["name"] for cells in rows]
    kept = [odd for odd in ODD if clean(odd) == odd]
    assert notes == []
    assert [value for value in values if value in kept] == kept


def test_a_workbook_holds_text_and_no_formula(batch):
    file = io.BytesIO()
    results.write_xlsx(file, lines_of(run(batch)))

    sheet = openpyxl.load_workbook(file).active
    types = {cell.data_type for line in sheet.iter_rows() for cell in line}
    assert types == {"s"}
    assert sheet["E2"].value == "=1+1"
    assert sheet["E14"].value == "a\ufffdb"


def test_reasons_are_in_the_readers_language(batch):
    run(batch)
    with translation.override("zh-hans"):
        header, first, *_rest = lines_of(batch)

    assert header[:3] == ["源文件行号", "原因代码", "原因"]
    assert first[2] != "The number has 3 national digits; 5 to 20 are allowed."


def test_rows_not_reached_are_told_apart(batch):
    pipeline.run_chunk(str(batch.tenant_id), str(batch.pk), 0)
    batch.refresh_from_db()

    lines = list(results.unprocessed_lines(batch))
    assert [line[0] for line in lines] == [str(number) for number in range(6, len(ODD) + 2)]
    assert lines[0][1] == "unprocessed"


@pytest.mark.parametrize(
    ("medium", "names"), [("sms", ["Recipient number", "name"]), ("email", ["Recipient email", "name"])]
)
def test_the_template_has_a_column_for_each_variable_and_text_cells(acting, medium, names):
    file = io.BytesIO()
    results.write_template(make.task(medium=medium), file)

    sheet = openpyxl.load_workbook(file).active
    assert [cell.value for cell in sheet[1]] == names
    assert {cell.number_format for cell in sheet[1]} == {"@"}
    assert {sheet.column_dimensions[letter].number_format for letter in "AB"} == {"@"}
