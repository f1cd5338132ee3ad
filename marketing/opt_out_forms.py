"""The forms of the Opt-out List: its search, and adding one. The rules stand in `opt_outs`."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tenants.days import end_of
from tenants.models import Tenant, User
from tenants.parameters import parameters_of

from .channels import Medium
from .models import OptOut
from .opt_outs import Origin, Wish
from .search import beginning_with
from .states import OptOutSource

DAY = {"type": "date"}


class ValidUntilField(forms.DateField):
    """The last day on which an opt-out holds, in the tenant's time zone; empty: for good."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Valid until"),
            help_text=_("The last day. Empty: for good."),
            required=False,
            widget=forms.DateInput(DAY, format="%Y-%m-%d"),
        )

    def clean(self, value: Any) -> Any:
        """Return the moment after that day, or None."""
        day = super().clean(value)
        return end_of(day) if day else None


class OptOutSearchForm(forms.Form):
    """A search in the list. It travels in the body of a POST, never in an address bar."""

    text = forms.CharField(max_length=254, required=False)
    medium = forms.ChoiceField(label=_("Medium"), choices=[("", _("All media")), *Medium.choices], required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not user.sees_full_addresses:  # or the masked digits could be found out one by one
            self.fields["text"].disabled = True

    def narrow(self, opt_outs: QuerySet[OptOut], tenant: Tenant) -> QuerySet[OptOut]:
        """Return those of `opt_outs` that were searched for."""
        if not self.is_valid():
            return opt_outs.none()
        area_code = parameters_of(tenant)["international_area_code"]
        opt_outs = beginning_with(opt_outs, self.cleaned_data["text"], area_code)
        if medium := self.cleaned_data["medium"]:
            opt_outs = opt_outs.filter(medium=medium)
        return opt_outs

    def is_narrowing(self) -> bool:
        """Return whether anything was searched for."""
        return not self.is_valid() or any(self.cleaned_data.values())


class OptOutForm(forms.Form):
    """One address for the list."""

    medium = forms.ChoiceField(label=_("Medium"), choices=Medium.choices)
    address = forms.CharField(
        label=_("Number or email"),
        required=False,
        max_length=500,
        strip=False,
        widget=forms.TextInput({"autocomplete": "off", "data-first-focus": "yes"}),
    )
    valid_until = ValidUntilField()
    remark = forms.CharField(
        label=_("Remark"), max_length=200, required=False, help_text=_("Why, or who asked: at most 200 characters.")
    )

    def wish(self) -> Wish:
        """Return what was asked for."""
        return Wish(self.cleaned_data["address"], self.cleaned_data["remark"])

    def origin(self, user: User) -> Origin:
        """Return who asked for it, and for how long."""
        return Origin(self.cleaned_data["medium"], OptOutSource.PERSON, user, self.cleaned_data["valid_until"])

    def add_refusal(self, refused: ValidationError) -> None:
        """Show a refusal at the field it names."""
        self.add_error(None, refused)
