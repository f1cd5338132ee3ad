"""The form of a mapping rule: its fields, and a line for each variable, which need no script to come and go."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Self
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tenants.models import Tenant

from . import mapping
from .columns import letter_of
from .limits import MAX_COLUMNS
from .models import MappingRule

ADD, TAKE, REMOVE = "add", "take", "remove-"  # what the buttons named "line" say; REMOVE goes before a line's number
LINES = "variables"  # the key that the faults of lines begin with


@dataclass(frozen=True, slots=True)
class Line:
    """The column of one variable, as typed. `bad`: which of its fields is at fault, "name" or "column"."""

    name: str = ""
    column: str = ""
    faults: tuple[str, ...] = ()
    bad: frozenset[str] = frozenset()
    remove: str = ""  # what the button says that takes it away

    @property
    def number(self) -> int | None:
        """Return the column if it is one."""
        text = self.column.strip()
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None

    @property
    def letter(self) -> str:
        return letter_of(self.number) if self.number and self.number <= MAX_COLUMNS else ""

    @property
    def is_blank(self) -> bool:
        return not self.name.strip() and not self.column.strip()


class MappingRuleForm(forms.ModelForm):
    """A mapping rule. Lines come as lists of the fields `variable` and `column`; blank ones are passed over."""

    use_required_attribute = False  # in the import dialog it is a part of another form
    recipient_column = forms.IntegerField(label=_("Recipient column"), widget=forms.NumberInput({"min": 1}))
    variables = forms.CharField(required=False, widget=forms.HiddenInput)  # where it is known that a line is at fault

    class Meta:
        model = MappingRule
        fields = ("name", "description", "recipient_column", "has_header")
        help_texts = {"has_header": _("It is passed over. Without this mark, recipients begin in the first row.")}

    def __init__(self, *args: Any, tenant: Tenant, lines: Iterable[Line] | None = None, **kwargs: Any) -> None:
        """`lines`: instead of those of the instance."""
        kwargs["auto_id"] = "rule_%s"  # the page behind the dialog may have an id_name
        super().__init__(*args, **kwargs)
        self.instance.tenant = tenant
        self._given = list(lines) if lines is not None else _lines_of(self.instance)
        self._faults: dict[int, dict[str, str]] = {}  # {line: {field: what is wrong}}
        if self.is_bound:
            self._given = [line for line in typed_lines(self.data) if not line.is_blank]  # type: ignore[arg-type]

    @classmethod
    def reshaped(cls, typed: QueryDict, *, instance: MappingRule, tenant: Tenant) -> Self:
        """Return what was typed, not judged yet, after the button "line": a line more, a line less, or a template's."""
        wanted, lines = typed.get("line", ""), typed_lines(typed)
        if wanted == ADD:
            lines.append(Line())
        elif wanted == TAKE:
            lines = _with_variables_of(typed.get("template", ""), lines, typed, tenant)
        elif wanted.startswith(REMOVE):
            lines = [line for at, line in enumerate(lines) if f"{REMOVE}{at}" != wanted]
        fields = {name: typed.get(name, "") for name in ("name", "description", "recipient_column")}
        return cls(
            initial=fields | {"has_header": "has_header" in typed}, instance=instance, tenant=tenant, lines=lines
        )

    @property
    def lines(self) -> list[Line]:
        """Return the lines to show, each with what is wrong with it; one blank line where there is none."""
        faults = self._faults if self.errors else {}  # reading the errors judges the form
        return [
            replace(line, faults=(*wrong.values(),), bad=frozenset(wrong), remove=f"{REMOVE}{at}")
            for at, line in enumerate(self._given or [Line()])
            for wrong in [faults.get(at, {})]
        ]

    @property
    def recipient_letter(self) -> str:
        return Line(column=str(self["recipient_column"].value() or "")).letter

    def clean(self) -> dict[str, Any]:
        """Hand the lines to the rule, which judges them."""
        cleaned = super().clean() or self.cleaned_data
        self.instance.variables = [{"name": line.name.strip(), "column": line.number} for line in self._given]
        return cleaned

    def add_error(self, field: str | None, error: Any) -> None:
        """Keep what concerns a line at that line: "variables.0.column" is of the first."""
        others = {}
        for place, faults in getattr(error, "error_dict", {}).items():
            if place.startswith(f"{LINES}."):
                _key, line, name = place.split(".")
                self._faults.setdefault(int(line), {})[name] = " ".join(ValidationError(faults).messages)
                super().add_error(LINES, faults)
            else:
                others[place] = faults
        if not hasattr(error, "error_dict"):
            super().add_error(field, error)
        elif others:
            super().add_error(None, ValidationError(others))

    def is_saved(self) -> bool:
        """Save the rule; if it is refused, return False and show why."""
        if not self.is_valid():
            return False
        try:
            mapping.save_rule(self.save(commit=False))
        except ValidationError as refused:
            self.add_error(None, refused)
        return not self.errors


class RuleFilterForm(forms.Form):
    """Which mapping rules are listed: those with a part of a name."""

    name = forms.CharField(max_length=100, required=False)

    def chosen(self) -> dict[str, str]:
        """Return the filters in use, {name: value}."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


def typed_lines(typed: QueryDict) -> list[Line]:
    """Return the lines of a form that was sent."""
    return [Line(*pair) for pair in zip(typed.getlist("variable"), typed.getlist("column"), strict=False)]


def _lines_of(rule: MappingRule) -> list[Line]:
    return [Line(one["name"], str(one["column"] or "")) for one in rule.variables]


def _with_variables_of(template_id: str, lines: list[Line], typed: QueryDict, tenant: Tenant) -> list[Line]:
    """Return the lines that say something, and one for each variable of the template that they lack."""
    try:
        template = tenant.message_templates.filter(pk=UUID(template_id)).first()
    except ValueError:
        return lines
    kept = [line for line in lines if not line.is_blank]
    recipient = Line(column=typed.get("recipient_column", "")).number
    variables = [{"name": one.name, "column": one.number} for one in kept]
    rule = MappingRule(recipient_column=recipient, variables=variables)  # type: ignore[misc]  # is not saved
    added = mapping.with_variables(rule, template.variable_list() if template else ()).variables[len(kept) :]
    return kept + [Line(one["name"], str(one["column"])) for one in added]
