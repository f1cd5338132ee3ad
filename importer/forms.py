"""The forms of the import pages: they read what was chosen; the rules stand in the modules they call."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from marketing.filters import DAY
from tenants.days import end_of, midnight
from tenants.models import Tenant
from tenants.refusals import declare, refusal

from .models import ImportBatch, MappingRule
from .states import ImportState, Mode, Parsing

MODES = [(mode, mode.label) for mode in (Mode.FILE, Mode.SERVER)]  # SmartCare's nights are days of a Care task

declare(
    {
        "file_server_missing": _("Choose the file server."),
        "file_name_missing": _("Choose the file to import, or type its name."),
    }
)


class ImportForm(forms.Form):
    """Import Marketing Data: a file that is sent, or the name of one on a file server."""

    mode = forms.ChoiceField(choices=MODES, required=False)
    parsing = forms.ChoiceField(choices=Parsing, required=False)
    mapping_rule: Any = forms.ModelChoiceField(
        queryset=None, required=False, error_messages={"invalid_choice": _("There is no such mapping rule.")}
    )
    file = forms.FileField(required=False, allow_empty_file=True)
    file_server: Any = forms.ModelChoiceField(
        queryset=None, required=False, error_messages={"invalid_choice": _("There is no such file server.")}
    )
    path = forms.CharField(max_length=1_000, required=False)
    file_name = forms.CharField(max_length=255, required=False)

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mapping_rule"].queryset = tenant.mapping_rules.all()  # type: ignore[attr-defined]
        self.servers = tenant.file_servers.order_by("name")
        self.fields["file_server"].queryset = self.servers  # type: ignore[attr-defined]

    @property
    def is_by_server(self) -> bool:
        return bool(self["mode"].value() == Mode.SERVER)

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
        if not self.is_by_server and "file" not in self.errors and not cleaned.get("file"):
            self.add_error("file", refusal("file_missing"))
        if self.is_by_server and not cleaned.get("file_server") and "file_server" not in self.errors:
            self.add_error("file_server", refusal("file_server_missing"))
        if self.is_by_server and not cleaned.get("file_name"):
            self.add_error("file_name", refusal("file_name_missing"))
        return cleaned


class ImportFilterForm(forms.Form):
    """What Import Result shows. A filter that does not exist is no filter."""

    state = forms.ChoiceField(
        label=_("Status"), choices=[("", _("All statuses")), *ImportState.choices], required=False
    )
    operator = forms.ChoiceField(label=_("Operator"), required=False)
    mode = forms.ChoiceField(label=_("Mode"), choices=[("", _("All modes")), *MODES], required=False)
    since = forms.DateField(label=_("Imported on or after"), widget=forms.DateInput(DAY), required=False)
    until = forms.DateField(label=_("Imported on or before"), widget=forms.DateInput(DAY), required=False)

    def __init__(self, *args: Any, imports: QuerySet[ImportBatch], **kwargs: Any) -> None:
        """`imports`: all of which some are shown; their operators can be chosen."""
        super().__init__(*args, **kwargs)
        names = imports.exclude(operator_name="").order_by("operator_name").values_list("operator_name", flat=True)
        choices = [("", _("All operators")), *((name, name) for name in names.distinct())]
        self.fields["operator"].choices = choices  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, str]:
        """Return the filters in use as they stand in an address, {name: text}."""
        return {name: str(value) for name, value in self._values().items() if value}

    def narrow(self, imports: QuerySet[ImportBatch]) -> QuerySet[ImportBatch]:
        """Return those of `imports` that the filters let through, by the moment they were asked for."""
        return narrowed(imports, self._values())

    def _values(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data


def narrowed(imports: QuerySet[ImportBatch], values: Mapping[str, Any]) -> QuerySet[ImportBatch]:
    """Return those of `imports` that fit `values`: state, operator, mode, task (of its name), since, until."""
    lookups = {"state": "state", "operator": "operator_name", "mode": "mode", "task": "task__name__icontains"}
    imports = imports.filter(**{lookup: values[key] for key, lookup in lookups.items() if values.get(key)})
    if since := values.get("since"):
        imports = imports.filter(created_at__gte=midnight(since))
    if until := values.get("until"):
        imports = imports.filter(created_at__lt=end_of(until))
    return imports


class AllImportsFilterForm(ImportFilterForm):
    """The same over all tasks, which are found by a part of their name."""

    task = forms.CharField(label=_("Task name"), max_length=100, required=False)


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
