"""Downloads: exactly the rows, as they were, harmless in a spreadsheet program, and importable again."""

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pytest
from django.utils import timezone, translation

from importer import pipeline, results
from importer.layout import by_template
from importer.limits import Limits
from importer.readers.reading import read, rows_of
from marketing.rules import Rules
from marketing.variables import Variable
from tenants.csv_files import clean, csv_lines
from tenants.numbers import NumberPolicy

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


def values_in(file: io.BytesIO, kind: str) -> list[str]:
    """What an import of the file takes for the values of `name`."""
    with TemporaryDirectory() as folder:
        read(file, name=f"a.{kind}", into=Path(folder), limits=Limits.by_file())
        header, *rows = rows_of(Path(folder, "00000.jsonl"))
    variables = (Variable("name", None),)
    layout, _notes = by_template(header.cells, Rules("sms", NumberPolicy(), variables), is_guarded=kind == "csv")
    return [layout.values_in(row.cells)["name"] for row in rows]


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


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_download_of_a_download_has_the_original_values_too(acting, kind):
    rows = [["138", "'=1+1"], ["138", "''-"], ["138", "'quoted'"]]
    batch = make.batch(make.task(), rows)
    batch.layout |= {"is_guarded": True}  # of a CSV
    batch.save(update_fields=["layout"])
    run(batch)
    file = io.BytesIO()
    if kind == "xlsx":
        results.write_xlsx(file, lines_of(batch))
    else:
        file.write("".join(csv_lines(lines_of(batch))).encode())

    assert values_in(file, kind) == ["=1+1", "'-", "'quoted'"]


def test_a_workbook_gives_every_text_back(tmp_path):
    odd = [
        "_x0041_",
        "_x005F_x0041_",
        "_X0041_",
        "a\r\nb",
        "a\nb",
        " blanks ",
        "\u2028",
        "𝔘",
        "&lt;",
        "=1",
        "'=1",
        *ODD[:-2],
    ]
    file = io.BytesIO()
    results.write_xlsx(file, [["Recipient number", "name"], *(["138", text] for text in odd)])

    read(file, name="a.xlsx", into=tmp_path, limits=Limits.by_file())

    assert [row.cells[1] for row in rows_of(tmp_path / "00000.jsonl")][1:] == odd


def test_an_import_that_was_never_read_has_files_without_rows(acting):
    nothing = {"layout": {}, "chunks": 0, "total": 0, "unprocessed": 0}
    batch = make.batch(make.task(), [], state="failed", ended_at=timezone.now(), **nothing)

    assert lines_of(batch) == [["Source row", "Reason code", "Reason"]]
    assert list(results.unprocessed_lines(batch)) == []


def test_a_workbook_holds_text_and_no_formula(batch):
    file = io.BytesIO()
    results.write_xlsx(file, lines_of(run(batch)))

    sheet = openpyxl.load_workbook(file).active
    types = {cell.data_type for line in sheet.iter_rows() for cell in line}
    assert types == {"s"}
    assert sheet["E2"].value == "=1+1"
    assert sheet["E14"].value == "a\ufffdb"


def test_every_line_is_as_wide_as_the_header_and_empty_cells_are_text_too(acting):
    batch = make.batch(make.task(), [["13800000001", "Ann"], ["13800000002", ""], ["13800000003"]])
    unprocessed = [*results.unprocessed_lines(batch)]
    lines = lines_of(run(batch))
    file = io.BytesIO()
    results.write_xlsx(file, lines)

    assert [line[3:] for line in lines] == [["Recipient number", "name"], ["13800000002", ""], ["13800000003", ""]]
    assert [line[3:] for line in unprocessed][-2:] == [["13800000002", ""], ["13800000003", ""]]
    assert openpyxl.load_workbook(file).active["E3"].number_format == "@"


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
