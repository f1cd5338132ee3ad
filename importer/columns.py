"""The columns that a mapping rule names: numbers from 1, as people count them, with the letters of spreadsheets."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketing.variables import alike, check_name
from tenants.refusals import declare, refusal

from .limits import MAX_COLUMNS

RECIPIENT = "recipient_column"  # the field, and the key of its faults

declare(
    {
        "rule_column_number": gettext_lazy("A column is a whole number from 1 (A) to %(high)s (%(letter)s)."),
        "rule_column_taken": gettext_lazy(
            "Column %(column)s is taken already, by %(name)s. Each needs a column of its own."
        ),
        "rule_variable_repeated": gettext_lazy("The variable “%(name)s” stands twice in this rule."),
    }
)


def letter_of(column: int) -> str:
    """Return how spreadsheet programs call a column counted from 1: 1 is A, 27 is AA."""
    before, last = divmod(column - 1, 26)
    return (letter_of(before) if before else "") + chr(ord("A") + last)


def column_faults(recipient: int | None, variables: Iterable[Mapping[str, Any]]) -> dict[str, ValidationError]:
    """Return what is wrong with a rule's columns and names, by place: "recipient_column", "variables.0.name" ...

    `recipient` None: nothing was given, which others say. `variables`: [{"name", "column"}].
    """
    columns, names = _Columns(), _Names()
    if recipient is not None:
        columns.take(RECIPIENT, recipient, _("the recipient"))
    for index, variable in enumerate(variables):
        names.take(f"variables.{index}.name", variable["name"])
        columns.take(f"variables.{index}.column", variable["column"], f"“{variable['name']}”")
    return names.faults | columns.faults


class _Columns:
    """Columns in use, {number: what it holds}, and the faults of those that cannot be used."""

    def __init__(self) -> None:
        self.taken: dict[int, str] = {}
        self.faults: dict[str, ValidationError] = {}

    def take(self, place: str, column: int | None, holds: str) -> None:
        if column is None or not 1 <= column <= MAX_COLUMNS:
            self.faults[place] = refusal("rule_column_number", high=MAX_COLUMNS, letter=letter_of(MAX_COLUMNS))
        elif self.taken.setdefault(column, holds) != holds:
            self.faults[place] = refusal("rule_column_taken", column=column, name=self.taken[column])


class _Names:
    """Names of variables in use, by what two of them must not share, and the faults of the others."""

    def __init__(self) -> None:
        self.taken: dict[str, str] = {}
        self.faults: dict[str, ValidationError] = {}

    def take(self, place: str, name: str) -> None:
        try:
            self._require_new(name)
        except ValidationError as refused:
            self.faults[place] = refused

    def _require_new(self, name: str) -> None:
        check_name(name)
        if alike(name) not in self.taken:
            self.taken[alike(name)] = name
        elif self.taken[alike(name)] == name:
            raise refusal("rule_variable_repeated", name=name)
        else:
            raise refusal("variable_alike", name=name, other=self.taken[alike(name)])
