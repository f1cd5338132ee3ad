"""What a system administrator types. The rules are the domain's; a form only names the fields."""

from zoneinfo import available_timezones

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tenants.models import AddressType, Role, Tenant

STATES = (("", _("All states")), ("active", _("In use")), ("disabled", _("Disabled")))
ROLES = ((Role.TENANT_ADMINISTRATOR, Role.TENANT_ADMINISTRATOR.label), (Role.TENANT_VIEWER, Role.TENANT_VIEWER.label))


def time_zones() -> list[tuple[str, str]]:
    """Return the time zones by the names of places, UTC first."""
    places = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [(name, name) for name in ("UTC", *places)]


class SpaceFilterForm(forms.Form):
    """Search by name, and by whether the tenant space is in use."""

    name = forms.CharField(required=False, max_length=100)
    state = forms.ChoiceField(label=_("State"), choices=STATES, required=False)

    def chosen(self) -> dict[str, str]:
        """Return the filters that are set; one that does not fit is none."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def narrow(self, spaces: QuerySet[Tenant]) -> QuerySet[Tenant]:
        """Return the tenant spaces that the filters let through."""
        chosen = self.chosen()
        if "name" in chosen:
            spaces = spaces.filter(name__icontains=chosen["name"])
        return spaces.filter(is_active=chosen["state"] == "active") if "state" in chosen else spaces


class SpaceForm(forms.Form):
    """Name and time zone of a tenant space."""

    name = forms.CharField(label=_("Name"), max_length=100)
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=time_zones,
        help_text=_("Times are shown, and sending windows and nightly collections are reckoned, in this time zone."),
    )


class PersonForm(forms.Form):
    """A person who is to sign in."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        help_text=_("Letters, digits and @ . + - _ only. It exists once, over all tenant spaces."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    full_name = forms.CharField(label=_("Full name"), max_length=100, required=False)
    email = forms.EmailField(label=_("Email"), required=False)


class UserForm(PersonForm):
    """A person of an existing tenant space, with a role."""

    role = forms.ChoiceField(
        label=_("Role"),
        choices=ROLES,
        help_text=_("A viewer reads everything with masked numbers, and changes nothing."),
    )


class TrustedAddressForm(forms.Form):
    """A line of the Address Trustlist."""

    address_type = forms.ChoiceField(label=_("Address type"), choices=AddressType.choices)
    host = forms.CharField(
        label=_("Host or network"),
        max_length=255,
        help_text=_("A name such as sftp.example.com, an IP address, or a network such as 10.1.0.0/16."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    port = forms.IntegerField(
        label=_("Port"), min_value=1, max_value=65535, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    allows_http = forms.BooleanField(
        label=_("Allow http without TLS"),
        required=False,
        help_text=_("Only inside your own network: what is sent can be read on its way. SFTP is encrypted by itself."),
    )
    remark = forms.CharField(label=_("Remark"), max_length=200, required=False)


class TrustlistFilterForm(forms.Form):
    """The list of one type."""

    address_type = forms.ChoiceField(
        label=_("Address type"), choices=(("", _("All types")), *AddressType.choices), required=False
    )

    def chosen(self) -> dict[str, str]:
        """Return the filter if it is set; one that does not fit is none."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
