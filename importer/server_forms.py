"""The form of a file server: fields of both types, of which one is shown, and secrets that are never filled in."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import fields_for_model
from django.utils.translation import gettext_lazy as _

from . import file_servers
from .server_models import SECRETS, FileServer, ServerType

OF_ANY = ("name", "server_type")
OF_SFTP = ("host", "port", "default_path", "username")
OF_STORAGE = ("endpoint", "bucket", "prefix", "region", "path_style", "access_key")
FIELDS = (*OF_ANY, *OF_SFTP, *OF_STORAGE)
HELP = {
    "name": _("1–100 characters, unique in the tenant space."),
    "host": _("A name or an IP address; it must be on the Address Trustlist, with its port."),
    "default_path": _("Nothing outside of this folder is ever read."),
    "endpoint": _("https://, the host and perhaps a port. The host must be on the Address Trustlist."),
    "prefix": _("What the keys begin with, such as outbound. Nothing else is ever read."),
}
KEPT = _("Kept unless changed")


class FileServerForm(forms.Form):
    """A file server. What `file_servers.save` refuses stands at the fields it names."""

    private_key = forms.CharField(
        label=_("Private key"),
        required=False,
        help_text=_("Instead of a password: paste the whole file, as OpenSSH or PEM."),
        widget=forms.Textarea({"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, typed: Any = None, *, server: FileServer) -> None:
        super().__init__(typed, initial={name: getattr(server, name) for name in FIELDS})
        self.server = server
        self.fields |= fields_for_model(FileServer, FIELDS)
        for name, text in HELP.items():
            self.fields[name].help_text = text
        self.fields["server_type"] = forms.ChoiceField(choices=ServerType, widget=forms.RadioSelect)
        for name in ("password", "passphrase", "secret_key"):
            label = FileServer._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            widget = forms.PasswordInput({"autocomplete": "new-password"})
            self.fields[name] = forms.CharField(label=label, required=False, strip=False, widget=widget)
        for name in SECRETS:
            if getattr(server, name):
                self.fields[name].widget.attrs["placeholder"] = KEPT

    def is_saved(self) -> bool:
        """Save the server; if it is refused, return False and show why."""
        if not self.is_valid():
            return False
        try:
            file_servers.save(self.server, self.cleaned_data)
        except ValidationError as refused:
            self.add_error(None, refused)
        return not self.errors
