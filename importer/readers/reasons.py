"""Every sentence that the readers have for a file, a cell, or a note: code -> what is wrong and what to do."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from tenants import refusals

# What a file turned out to be: its sentence is "file_type.xls", "file_type.pdf" ...
FOUND = {
    "xlsx": _("an Excel workbook (.xlsx)"),
    "xls": _("an old Excel workbook (.xls)"),
    "xlsb": _("a binary Excel workbook (.xlsb)"),
    "ods": _("an OpenDocument file (.ods)"),
    "docx": _("a Word document"),
    "pptx": _("a PowerPoint presentation"),
    "ole": _("an old Office document"),
    "zip": _("a zip archive"),
    "gzip": _("a gzip archive"),
    "rar": _("a RAR archive"),
    "7z": _("a 7-Zip archive"),
    "pdf": _("a PDF document"),
    "image": _("a picture"),
    "html": _("a web page (HTML)"),
    "xml": _("an XML file"),
    "text": _("a text file"),
    "binary": _("no workbook and no text"),
}

FILE_TYPE = _(
    "The file is {found}, and its name ends in “%(extension)s”. Allowed are Excel workbooks (.xlsx) and text tables "
    "(.csv): open it in Excel and save it as one of these."
)

# Why a whole file is refused. No row of it is imported.
FILE = {f"file_type.{kind}": format_lazy(FILE_TYPE, found=found) for kind, found in FOUND.items()} | {
    "file_empty": _("The file is empty (0 bytes). Save it again and choose it once more."),
    "file_unreadable": _("There is no file “%(name)s” that can be read here: %(reason)s."),
    "file_encrypted": _("The file is protected by a password. Save it without a password."),
    "file_macro": _("The workbook holds macros. Save it as an Excel workbook without macros (.xlsx)."),
    "file_external_link": _(
        "The workbook refers to other files. In Excel, choose Data > Edit Links > Break Link, then save it."
    ),
    "file_corrupt": _("The file is damaged or incomplete. Open it in Excel, save it again, and choose the new file."),
    "file_doctype": _(
        "The workbook's part %(part)s begins with a document type declaration, which Excel never writes. "
        "Save it again with Excel."
    ),
    "file_too_large": _("The file is too large; at most %(megabytes)d MB are allowed. Divide it into several files."),
    "file_too_large_unpacked": _(
        "The file's content is too large; at most %(megabytes)d MB are allowed when it is unpacked. "
        "Copy the rows into a new workbook, without pictures and other sheets."
    ),
    "file_too_many_parts": _("The workbook has more than %(max)d parts inside. Copy the rows into a new workbook."),
    "file_too_many_sheets": _("The workbook has more than %(max)d sheets. Copy the rows into a new workbook."),
    "file_too_many_columns": _("A row has more than %(max)d columns. Delete the columns that are not needed."),
    "file_too_many_rows": _("The file has more than %(max)d records. Divide it into several files."),
    "file_row_too_far": _("Row %(row)d has content, but only rows 1 to %(max)d may. Delete the empty rows above it."),
    "file_too_many_strings": _(
        "The workbook holds more different texts than allowed (%(max)d). Divide it into several files."
    ),
    "file_too_many_styles": _(
        "The workbook has more than %(max)d cell formats. Copy the rows, values only, to a new one."
    ),
    "file_bad_reference": _(
        "The workbook's rows or cells are not in order, at %(reference)s. Open it in Excel and save it again."
    ),
    "file_text_too_long": _("A cell holds more than %(max)d characters, which is more than Excel allows. Shorten it."),
    "file_line_too_long": _("Line %(line)d of the file has more than %(max)d characters. Shorten it."),
    "file_format_too_long": _(
        "A number format of the workbook has more than %(max)d characters. Copy the rows, values only, to a new one."
    ),
    "file_bad_xml": _(
        "The workbook's part %(part)s cannot be read from line %(line)d on. Open it in Excel and save it again."
    ),
    "file_xml_depth": _("The workbook's part %(part)s nests deeper than %(max)d levels. Save it again with Excel."),
    "file_xml_attributes": _(
        "The workbook's part %(part)s has an element that is too long or has more than %(max)d attributes. "
        "Save it again with Excel."
    ),
    "file_no_sheet": _("The workbook has no visible sheet with rows and columns. Unhide the sheet to import."),
    "file_no_rows": _("The file has no rows. Fill in its first sheet, beginning with the header row."),
    "file_encoding": _(
        "The file is neither UTF-8 nor plainly GB18030, at byte %(offset)d. In Excel, save it as CSV UTF-8."
    ),
    "file_nul": _("The file has a NUL character at byte %(offset)d, so it is no text. Save it as CSV UTF-8."),
    "file_quote": _(
        "In the row that begins in line %(line)d, a double quote is not closed, or text follows it. "
        'Quotes inside a quoted cell are written twice ("").'
    ),
    "file_delimiter": _(
        "The first line declares “%(delimiter)s” to part the columns. Allowed are comma, semicolon and tab."
    ),
    "parse_crash": _("The file could not be read: reading it failed. Open it in Excel, save it again, and try that."),
    "parse_timeout": _("The file could not be read in the time allowed. Copy the rows, values only, to a new file."),
    "parse_memory": _("The file needs more memory than allowed. Copy the rows, values only, to a new file."),
}

# Why one cell cannot be taken; its row fails and the others go on. cells.RECIPIENT_ONLY count for a recipient only.
CELL = {
    "number_precision": _(
        "The cell “%(column)s” is a number of more than 15 digits, of which Excel has lost some. "
        "Format the column as text and enter it again."
    ),
    "cell_date": _("The cell “%(column)s” is a date. Format the column as text and enter the recipient again."),
    "cell_amount": _(
        "The cell “%(column)s” is a negative number or has a fraction, which no recipient's number has. "
        "Format the column as text and enter the recipient again."
    ),
    "cell_error": _("The cell “%(column)s” shows an Excel error. Correct its formula, or enter the value."),
    "cell_formula": _(
        "The cell “%(column)s” is a formula without a result. Open the file in Excel and save it, or enter the value."
    ),
    "cell_unreadable": _("The cell “%(column)s” is damaged in the file and cannot be read. Enter the value again."),
}

# What is worth knowing of a file that was taken.
NOTE = {
    "cells_were_numbers": _("Cells that were numbers, not text, and were taken: %(n)d."),
    "cells_were_dates": _("Cells that were dates and were taken as text like 2026-03-15: %(n)d."),
    "cells_were_formulas": _("Cells that were formulas and were taken with their last result: %(n)d."),
    "blank_rows": _("Blank rows that were skipped: %(n)d."),
    "hidden_rows": _("Hidden rows that were read like the others: %(n)d."),
    "hidden_columns": _("Hidden columns that were read like the others: %(n)d."),
    "hidden_sheets": _("Hidden sheets that were passed over: %(n)d."),
    "only_first_sheet": _("Only the first sheet, “%(sheet)s”, was read; others have rows, too."),
    "encoding": _("The file was read as %(name)s."),
}

refusals.declare(FILE | CELL | NOTE)


def refusal(code: str, params: Mapping[str, Any]) -> ValidationError:
    """Return the error for what the child says: a code of FILE, and "found" as a key of FOUND if it is file_type."""
    filled = dict(params)
    key = f"{code}.{filled.pop('found')}" if "found" in filled else code
    return refusals.refusal(key, **filled)


def note_sentence(note: Mapping[str, Any]) -> str:
    """Return the sentence of a note {"code", "params"} in the reader's language."""
    return str(NOTE[note["code"]] % note["params"])
