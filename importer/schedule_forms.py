"""The form of a scheduled import; what `schedules.save` refuses stands at the fields it names."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import fields_for_model
from django.utils.translation import gettext_lazy as _

from tenants.models import Tenant

from . import schedules
from .schedule_models import ScheduledImport

HELP = {
    "path": _(
        "Below the server’s default path. With a date: out/recipients-{date:%Y%m%d}.csv. "
        "With wildcards in the name: out/*.csv."
    ),
    "rule": _("For parsing by rule."),
    "at": _("For daily and weekly runs."),
    "weekday": _("For weekly runs."),
    "minutes": _("For runs every n minutes: 5–1,440."),
    "missing_by": _("Optional. An alarm is shown here and on Home if no new file came that day."),
}
EMPTY = {"file_server": _("Choose the file server"), "rule": _("None")}


class ScheduledImportForm(forms.Form):
    """A scheduled import of one task."""

    def __init__(self, typed: Any = None, *, schedule: ScheduledImport, tenant: Tenant) -> None:
        initial = {name: getattr(schedule, f"{name}_id", getattr(schedule, name, None)) for name in _plain(schedule)}
        super().__init__(typed, initial=initial)
        self.schedule = schedule
        self.fields |= fields_for_model(ScheduledImport, schedules.SETTINGS)
        for name, text in HELP.items():
            self.fields[name].help_text = text
        for name in ("at", "missing_by"):
            self.fields[name].widget = forms.TimeInput({"type": "time"}, format="%H:%M")
        self.fields["file_server"].queryset = tenant.file_servers.order_by("name")  # type: ignore[attr-defined]
        self.fields["rule"].queryset = tenant.mapping_rules.order_by("name")  # type: ignore[attr-defined]
        for name, text in EMPTY.items():
            self.fields[name].empty_label = text  # type: ignore[attr-defined]

    def is_saved(self) -> bool:
        """Save the schedule; if it is refused, return False and show why."""
        if not self.is_valid():
            return False
        try:
            schedules.save(self.schedule, self.cleaned_data)
        except ValidationError as refused:
            self.add_error(None, refused)
        return not self.errors


def _plain(schedule: ScheduledImport) -> list[str]:
    """Return the settings, those that name another row only where it is there."""
    rows = ("file_server", "rule")
    return [name for name in schedules.SETTINGS if name not in rows or getattr(schedule, f"{name}_id")]
