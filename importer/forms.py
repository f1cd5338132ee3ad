"""The forms of the import pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tenants.refusals import refusal

from .states import ImportState, Mode, Parsing


class ImportForm(forms.Form):
    """Import Marketing Data. Server and Rule are shown, and cannot be chosen yet."""

    mode = forms.ChoiceField(choices=[(Mode.FILE, Mode.FILE.label)], required=False)
    parsing = forms.ChoiceField(choices=[(Parsing.TEMPLATE, Parsing.TEMPLATE.label)], required=False)
    file = forms.FileField(required=False, allow_empty_file=True)

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
