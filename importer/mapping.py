"""Mapping rules: saved and deleted by one function each, which pages and REST call; and which of them fit a task."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketing.variables import Variable, alike
from tenants.operation_log import declare_actions, record
from tenants.refusals import declare, refusal

from .columns import letter_of
from .layout import missing_in
from .models import MappingRule

declare(
    {
        "rule_unknown": gettext_lazy("There is no such mapping rule."),
        "rule_missing": gettext_lazy("Choose the mapping rule that says which column is what."),
        "rule_unwanted": gettext_lazy("A mapping rule goes with parsing “rule” only."),
    }
)
declare_actions(
    {
        "mapping_rule.create": gettext_lazy("Create mapping rule"),
        "mapping_rule.edit": gettext_lazy("Edit mapping rule"),
        "mapping_rule.delete": gettext_lazy("Delete mapping rule"),
    }
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A rule as an import may choose it. `missing`: the variables of the task's template that it has no column for."""

    rule: MappingRule
    missing: list[str]

    @property
    def text(self) -> str:
        """Return its name, and why it does not fit if it does not."""
        if not self.missing:
            return self.rule.name
        missing = _(", ").join(self.missing)
        return _("%(rule)s - no column for %(names)s") % {"rule": self.rule.name, "names": missing}

    @property
    def says(self) -> str:
        return sentence_of(self.rule)


def save_rule(rule: MappingRule) -> MappingRule:
    """Save `rule`; ValidationError keyed by field, by "variables.0.name" and "variables.0.column"."""
    rule.full_clean(validate_constraints=False)  # the database judges names, also those taken meanwhile
    action = "mapping_rule.create" if rule._state.adding else "mapping_rule.edit"
    try:
        with transaction.atomic():
            rule.save()
            record(action, rule)
    except IntegrityError as error:
        if "importer_rule_name" in str(error):
            raise ValidationError({"name": refusal("name_taken")}) from None
        raise
    return rule


def delete_rule(rule: MappingRule) -> None:
    """Delete `rule`. Imports that ran, or run, by it keep its name and its columns."""
    with transaction.atomic():
        record("mapping_rule.delete", rule)
        rule.delete()


def choices(rules: Iterable[MappingRule], variables: Iterable[Variable]) -> list[Choice]:
    """Return the rules, those first that have a column for each of `variables`, each part in its own order."""
    needed = list(variables)
    found = [Choice(rule, missing_in(rule, needed)) for rule in rules]
    return sorted(found, key=lambda choice: bool(choice.missing))


def sentence_of(rule: MappingRule) -> str:
    """Return what the rule says: "Column 3 (C) is the recipient, 5 (E) name. The first row is a header.\""""
    numbered = _(", ").join(f"{one['column']} ({letter_of(one['column'])}) {one['name']}" for one in rule.variables)
    recipient = {"column": rule.recipient_column, "letter": letter_of(rule.recipient_column), "variables": numbered}
    if rule.variables:
        columns = _("Column %(column)s (%(letter)s) is the recipient, %(variables)s.") % recipient
    else:
        columns = _("Column %(column)s (%(letter)s) is the recipient.") % recipient
    header = _("The first row is a header.") if rule.has_header else _("The first row is data already.")
    return f"{columns} {header}"


def with_variables(rule: MappingRule, variables: Iterable[Variable]) -> MappingRule:
    """Give `rule` those of `variables` that it lacks, each in the next free column after the others; not saved."""
    known = {alike(one["name"]) for one in rule.variables}
    last = max([rule.recipient_column or 1, *(one["column"] or 0 for one in rule.variables)])
    new = [variable.name for variable in variables if alike(variable.name) not in known]
    rule.variables = rule.variables + [{"name": name, "column": last + at} for at, name in enumerate(new, start=1)]
    return rule
