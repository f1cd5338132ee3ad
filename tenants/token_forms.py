"""The forms of API Clients: they read what was typed; `api_clients` judges it."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from .access import Scope
from .api_clients import MAX_DAYS, MAX_OVERLAP, NAME_LENGTH, Grant
from .models import ApiToken

OVERLAPS = [(0, _("It stops at once")), (1, _("1 hour")), (24, _("1 day")), (24 * 7, _("7 days"))]
OVERLAPS += [(24 * MAX_OVERLAP.days, _("30 days"))]  # hours


class TokenForm(forms.Form):
    """What a token is given."""

    scopes = forms.MultipleChoiceField(
        label=_("Scopes"), choices=Scope.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(
        label=_("Expires after (days)"), initial=90, help_text=format_lazy(_("1 to {high} days."), high=MAX_DAYS)
    )
    networks = forms.CharField(
        label=_("Allowed addresses"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea({"rows": 3, "class": "mono"}),
        help_text=_("One a line, such as 192.0.2.10 or 10.1.0.0/16. Empty: the token works from anywhere."),
    )

    def grant(self) -> Grant:
        """Return what was typed, still to be judged."""
        typed = self.cleaned_data
        return Grant(typed["scopes"], typed["days"], typed["networks"].replace(",", "\n").split())


class ClientForm(TokenForm):
    """A new client with its first token."""

    field_order = ["name"]
    name = forms.CharField(
        label=_("Name"),
        max_length=NAME_LENGTH,
        help_text=_("The system that will call, such as “CRM production”."),
    )


class ClientNameForm(forms.Form):
    """Another name of a client."""

    name = ClientForm.base_fields["name"]


class RotationForm(TokenForm):
    """A token in the place of another one: what the old one had stands there to begin with."""

    field_order = ["overlap"]
    overlap = forms.TypedChoiceField(label=_("The old token lives on for"), choices=OVERLAPS, coerce=int, initial=24)

    def __init__(self, *args: Any, token: ApiToken, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(scopes=token.scopes, networks="\n".join(token.networks))
        if token.expiry:
            self.initial["days"] = min(MAX_DAYS, max(1, round((token.expiry - token.created) / timedelta(days=1))))

    def overlap_time(self) -> timedelta:
        return timedelta(hours=self.cleaned_data["overlap"])
