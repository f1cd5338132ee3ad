"""Reasons in a few words, for lists and charts, where the whole sentence with its values would not fit."""

from typing import Any

from django.utils.translation import gettext_lazy as _

SHORT: dict[str, Any] = {
    "number_missing": _("There is no number"),
    "number_characters": _("A character that is not a digit"),
    "number_country": _("Another country, or none"),
    "number_length": _("Too few or too many digits"),
    "number_begin": _("Begin digits are not allowed"),
    "number_impossible": _("No number of its country has so many digits"),
    "number_invalid": _("In no range of numbers in use"),
    "number_not_allowed": _("A short or emergency number"),
    "number_precision": _("Excel cut the number’s last digits"),
    "email_missing": _("There is no email address"),
    "email_length": _("The email address is too long"),
    "email_characters": _("A character that no email address has"),
    "email_format": _("Not an email address"),
    "email_literal": _("An email address without a domain"),
    "variable_missing": _("A variable has no value"),
    "variable_length": _("A value is too long"),
    "variable_characters": _("A value has a character that cannot be sent"),
    "cell_amount": _("A negative number, or one with a fraction"),
    "cell_date": _("A date"),
    "cell_error": _("A cell holds an error of the spreadsheet"),
    "cell_formula": _("A cell holds a formula without a result"),
    "cell_unreadable": _("A cell is damaged"),
    "duplicate": _("Already in the task, or earlier in the file"),
    "suppressed": _("On the opt-out list"),
}


def short(code: str) -> str:
    """Return the reason of `code` in a few words; the code itself if it has none."""
    return str(SHORT.get(code, code))
