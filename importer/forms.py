"""The forms of the import pages: they read what was chosen; the rules stand in the modules they call."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tenants.refusals import refusal

from .models import MappingRule
from .states import ImportState, Mode, Parsing


class ImportForm(forms.Form):
    """Import Marketing Data. Server is shown, and cannot be chosen yet."""

    mode = forms.ChoiceField(choices=[(Mode.FILE, Mode.FILE.label)], required=False)
    parsing = forms.ChoiceField(choices=Parsing, required=False)
    mapping_rule: Any = forms.ModelChoiceField(
        queryset=None, required=False, error_messages={"invalid_choice": _("There is no such mapping rule.")}
    )
    file = forms.FileField(required=False, allow_empty_file=True)

    def __init__(self, *args: Any, rules: QuerySet[MappingRule], **kwargs: Any) -> None:
        """`rules`: those of the tenant."""
        super().__init__(*args, **kwargs)
        self.fields["mapping_rule"].queryset = rules  # type: ignore[attr-defined]

    @property
    def is_by_rule(self) -> bool:
        return bool(self["parsing"].value() == Parsing.RULE)

    @property
    def rule(self) -> MappingRule | None:
        """Return the rule to go by; None: by the template."""
        return self.cleaned_data.get("mapping_rule") if self.is_by_rule else None

    @property
    def refused(self) -> str:
        """Return the first of what is wrong, as a sentence."""
        return next((str(text) for faults in self.errors.values() for text in faults), "")

    def clean(self) -> dict[str, Any]:
        """Require a rule where one was wanted."""
        cleaned = super().clean() or self.cleaned_data
        if self.is_by_rule and not cleaned.get("mapping_rule") and "mapping_rule" not in self.errors:
            self.add_error("mapping_rule", refusal("rule_missing"))
        return cleaned

    def clean_file(self) -> Any:
        """Require a file; what it holds is judged by `submission`."""
        if not self.cleaned_data["file"]:
            raise refusal("file_missing")
        return self.cleaned_data["file"]


class ImportFilterForm(forms.Form):
    """What Import Result shows. A filter that does not exist is no filter."""

    state = forms.ChoiceField(
        label=_("Status"), choices=[("", _("All statuses")), *ImportState.choices], required=False
    )
    operator = forms.ChoiceField(label=_("Operator"), required=False)

    def __init__(self, *args: Any, operators: list[str], **kwargs: Any) -> None:
        """`operators`: the names of those who imported into the task."""
        super().__init__(*args, **kwargs)
        choices = [("", _("All operators")), *((name, name) for name in operators)]
        self.fields["operator"].choices = choices  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, str]:
        """Return the filters in use, {name: value}."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class RowFilterForm(forms.Form):
    """Which rejected rows are shown: from a row number on, or of one reason."""

    row = forms.IntegerField(min_value=1, max_value=2_000_000, required=False)
    code = forms.ChoiceField(label=_("Reason"), required=False)

    def __init__(self, *args: Any, reasons: list[tuple[str, str]], **kwargs: Any) -> None:
        """`reasons`: (code, text) of those that occur."""
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [("", _("All reasons")), *reasons]  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, Any]:
        """Return the filters in use, {name: value}."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
