"""Which entries of the operation log are shown, exported, and answered by REST.

Source: the product's own log, "Operation Log (System Management)": 1, 3, 7 days or a range; account, type, object.
"""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .days import end_of, midnight
from .models import LogEntry
from .operation_log import actions
from .refusals import declare, refusal

RANGE = "range"
DONE, REFUSED = "done", "refused"
OUTCOMES = ((DONE, _("Done")), (REFUSED, _("Refused")))
ORDER = ("-created_at", "-id")
DEFAULT_DAYS = "7"
DAY = {"type": "date"}

declare({"range_order": _("The last day must not be before the first.")})


class LogSearchForm(forms.Form):
    """The filters of the page; days are those of the reader's time zone."""

    name = forms.CharField(label=_("Object"), max_length=100, required=False)
    period = forms.ChoiceField(
        label=_("Period"),
        choices=[
            ("1", _("Last 24 hours")),
            ("3", _("Last 3 days")),
            (DEFAULT_DAYS, _("Last 7 days")),
            (RANGE, _("From … to …")),
        ],
        required=False,
    )
    since = forms.DateField(label=_("First day"), widget=forms.DateInput(DAY, format="%Y-%m-%d"), required=False)
    until = forms.DateField(label=_("Last day"), widget=forms.DateInput(DAY, format="%Y-%m-%d"), required=False)
    action = forms.ChoiceField(label=_("Operation"), required=False)
    operator = forms.CharField(label=_("Operator"), max_length=100, required=False)
    outcome = forms.ChoiceField(label=_("Outcome"), choices=[("", _("All outcomes")), *OUTCOMES], required=False)

    def __init__(self, data: Any) -> None:
        super().__init__({"period": DEFAULT_DAYS} | {name: text for name, text in data.items() if text})
        choices = sorted(((code, str(text)) for code, text in actions().items()), key=lambda one: one[1])
        self.fields["action"].choices = [("", _("All operations")), *choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            raise refusal("range_order")
        return cleaned

    def chosen(self) -> dict[str, str]:
        """Return the filters in use, as the address holds them."""
        names = [name for name in self.fields if self.data.get(name) and name not in self.errors]
        return {name: self.data[name] for name in names}

    def is_narrowing(self) -> bool:
        """Return whether anything but a period was chosen."""
        return bool(set(self.chosen()) - {"period", "since", "until"})

    def narrow(self, entries: QuerySet[LogEntry]) -> QuerySet[LogEntry]:
        """Return those of `entries` that were asked for; none where a filter cannot be read."""
        if not self.is_valid():
            return entries.none()
        chosen = self.cleaned_data
        since, until = self._bounds()
        return narrowed(entries, since=since, until=until, **{name: chosen[name] for name in NARROWING})

    def _bounds(self) -> tuple[datetime | None, datetime | None]:
        if self.cleaned_data["period"] != RANGE:
            return timezone.now() - timedelta(days=int(self.cleaned_data["period"] or DEFAULT_DAYS)), None
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        return since and midnight(since), until and end_of(until)


NARROWING = ("name", "action", "operator", "outcome")


def narrowed(
    entries: QuerySet[LogEntry], *, since: datetime | None = None, until: datetime | None = None, **chosen: str
) -> QuerySet[LogEntry]:
    """Return those of `entries` from `since` to before `until` that fit what is `chosen` of NARROWING."""
    if since:
        entries = entries.filter(created_at__gte=since)
    if until:
        entries = entries.filter(created_at__lt=until)
    if chosen.get("action"):
        entries = entries.filter(action=chosen["action"])
    if name := chosen.get("name"):
        entries = entries.filter(Q(object_name__icontains=name) | Q(object_id=name[:50]))
    if chosen.get("operator"):
        entries = entries.filter(actor_name__icontains=chosen["operator"])
    if chosen.get("outcome"):
        entries = entries.filter(refused="") if chosen["outcome"] == DONE else entries.exclude(refused="")
    return entries
