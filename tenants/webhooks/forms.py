"""The forms of Webhooks: they read what was typed; `subscriptions` judges it."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tenants.token_forms import OVERLAPS

from .events import TEST, events, words_of
from .models import NAME_LENGTH, Webhook, WebhookDelivery
from .states import DeliveryState


class WebhookForm(forms.Form):
    """What a webhook is called, where it leads, and what it is told of."""

    name = forms.CharField(
        label=_("Name"),
        max_length=NAME_LENGTH,
        help_text=_("The system that is told, such as “CRM production”."),
    )
    url = forms.CharField(
        label=_("URL"),
        max_length=2_000,  # `subscriptions` says how long it may be
        help_text=_("https://, the host, and a port and a path where needed. It must be on the Address Trustlist."),
        widget=forms.TextInput({"class": "mono", "inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    events = forms.MultipleChoiceField(label=_("Events"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, typed: Any = None, *, webhook: Webhook | None = None) -> None:
        names = ("name", "url", "events")
        super().__init__(typed, initial={name: getattr(webhook, name) for name in names} if webhook else None)
        self.fields["events"].choices = [(name, event.words) for name, event in events().items()]  # type: ignore[attr-defined]

    def meanings(self) -> list[tuple[Any, Any]]:
        """Return (box, what its event means)."""
        return [(box, events()[str(box.data["value"])].meaning) for box in self["events"]]


class RotationForm(forms.Form):
    """How long the old secret signs along."""

    overlap = forms.TypedChoiceField(
        label=_("The old secret signs along for"),
        choices=[(0, _("It stops at once")), *OVERLAPS[1:]],
        coerce=int,
        initial=24,
        help_text=_("Until then every event carries both signatures; the receiver may know either."),
    )

    def overlap_time(self) -> timedelta:
        return timedelta(hours=self.cleaned_data["overlap"])


class DeliverySearchForm(forms.Form):
    """The filters of a webhook's delivery log."""

    state = forms.ChoiceField(
        label=_("Status"), choices=[("", _("All statuses")), *DeliveryState.choices], required=False
    )
    event = forms.ChoiceField(label=_("Event"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        known = [(name, words_of(name)) for name in [*events(), TEST]]
        self.fields["event"].choices = [("", _("All events")), *known]  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, str]:
        """Return the filters in use, as the address holds them."""
        return {name: self.data[name] for name in self.fields if self.data.get(name) and name not in self.errors}

    def narrow(self, deliveries: QuerySet[WebhookDelivery]) -> QuerySet[WebhookDelivery]:
        """Return those of `deliveries` that were asked for; none where a filter cannot be read."""
        return deliveries.filter(**self.chosen()) if self.is_valid() else deliveries.none()
