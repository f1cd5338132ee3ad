"""The forms of SmartCare's pages: they read what was typed; the rules stand in the modules they call."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tenants.models import User

from .certificates import MAX_PEM
from .models import Certificate, CertificateKind, Integration


class CertificateField(forms.ModelChoiceField):
    """A certificate of one kind; each is shown with its end."""

    def label_from_instance(self, certificate: Any) -> str:
        return f"{certificate.name} ({certificate.expires_at:%Y-%m-%d})"


class IntegrationForm(forms.ModelForm):
    """SmartCare Integration. The stored secret is never shown; blank keeps it."""

    app_secret = forms.CharField(
        label=_("AppSecret"),
        required=False,
        strip=False,
        max_length=200,
        widget=forms.PasswordInput({"autocomplete": "off"}),
    )
    authority = CertificateField(
        label=_("CA certificate"),
        queryset=None,
        required=False,
        empty_label=_("The system's authorities"),
        help_text=_("By which SmartCare's own certificate is verified."),
    )
    client_certificate = CertificateField(
        label=_("Client certificate"),
        queryset=None,
        required=False,
        empty_label=_("None"),
        help_text=_("Only where SmartCare asks for one."),
    )

    class Meta:
        model = Integration
        fields = ("address", "app_id", "authority", "client_certificate", "quick_scene", "deep_scene")
        help_texts = {
            "address": _("Such as https://smartcare.example.com:8443. It must be on the Address Trustlist."),
            "app_id": _("5–100 characters, from the operators of SmartCare."),
            "quick_scene": _("At most 64 characters, as it is preset in SmartCare."),
            "deep_scene": _("At most 64 characters, as it is preset in SmartCare."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, kind in (("authority", CertificateKind.AUTHORITY), ("client_certificate", CertificateKind.CLIENT)):
            self.fields[name].queryset = Certificate.objects.filter(kind=kind).order_by("name")  # type: ignore[attr-defined]
        stored = _("A secret is stored. Leave this blank to keep it.")
        asked = _("5–100 characters. It is stored encrypted and never shown again.")
        self.fields["app_secret"].help_text = stored if self.instance.app_secret else asked
        self.fields["address"].widget.attrs["inputmode"] = "url"


class CertificateForm(forms.Form):
    """A certificate to keep: files in PEM."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("1–100 characters, unique in the tenant space.")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=CertificateKind)
    pem = forms.FileField(
        label=_("Certificate"), allow_empty_file=True, help_text=_("PEM, one certificate or a chain.")
    )
    key = forms.FileField(
        label=_("Private key"),
        required=False,
        allow_empty_file=True,
        help_text=_("PEM without a password; of a client certificate only. It is stored encrypted and never shown."),
    )

    def text_of(self, name: str) -> str:
        """Return the file's text; what is no text is for the rule to refuse."""
        file = self.cleaned_data.get(name)
        return file.read(MAX_PEM + 1).decode("ascii", errors="replace").replace("\x00", " ") if file else ""


class CareSearchForm(forms.Form):
    """Which day's recipients are shown, and which of them. It travels in the body: no digit in an address bar."""

    text = forms.CharField(label=_("Digits of the number"), max_length=40, required=False)
    day = forms.ChoiceField(label=_("Business day"), required=False)

    def __init__(self, *args: Any, days: list[tuple[str, str]], user: User, **kwargs: Any) -> None:
        """`days`: (id, text)."""
        super().__init__(*args, **kwargs)
        self.fields["day"].choices = days  # type: ignore[attr-defined]
        self.fields["text"].disabled = not user.sees_full_addresses
        self.is_valid()

    @property
    def digits(self) -> str:
        """The digits searched for, as numbers are stored."""
        return "".join(one for one in self.cleaned_data.get("text") or "" if one.isascii() and one.isdecimal())
