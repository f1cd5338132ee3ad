"""File servers: where a server import finds its files, and how to get in there."""

from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import CheckConstraint, Index, Q, TextChoices, UniqueConstraint
from django.utils.translation import gettext_lazy as _
from encrypted_fields.fields import EncryptedTextField

from marketing.models import printable
from tenants.ownership import TenantKey, TenantOwned
from tenants.refusals import declare, refusal

SECRETS = ("password", "private_key", "passphrase", "secret_key")
MAX_SECRET = 20_000  # characters; a private key of 8192 bits has some 6,500
bucket_name = RegexValidator(
    r"^[a-z0-9][a-z0-9.\-_]{1,61}[a-z0-9]\Z",
    _("A bucket's name has 3 to 63 small letters, digits, “-”, “.” and “_”; it begins and ends with one of the first."),
    code="bucket_name",
)
region_name = RegexValidator(
    r"^[A-Za-z0-9-]*\Z", _("A region has letters, digits and “-”, such as eu-west-1."), code="region_name"
)

declare(
    {
        "server_field_missing": _("This is needed for a server of this type."),
        "server_secret_missing": _("Give the password, or a private key."),
        "default_path_format": _("The default path begins with “/”, and no folder in it is “.” or “..”."),
        "secret_length": _("This has %(n)s characters; %(high)s are allowed."),
    }
)


def is_absolute(path: str) -> bool:
    """Return whether a path begins at the server's root and only leads down."""
    return path.startswith("/") and not {".", ".."} & set(path.split("/"))


class ServerType(TextChoices):
    SFTP = "sftp", _("SFTP")
    OBJECT_STORAGE = "object_storage", _("Object storage")


NEEDED = {
    ServerType.SFTP: ("host", "port", "username"),
    ServerType.OBJECT_STORAGE: ("endpoint", "bucket", "access_key", "secret_key"),
}


class FileServer(TenantOwned):
    """An SFTP host or an object store; nothing outside of its default path, or prefix, is ever read.

    The secrets are encrypted at rest and never shown again. `host_key`: the public key that an administrator
    accepted, as OpenSSH writes it; nobody signs in before there is one.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    tenant = TenantKey(related_name="file_servers")
    name = models.CharField(_("Server name"), max_length=100, validators=[printable])
    server_type = models.CharField(_("Type"), max_length=20, choices=ServerType, default=ServerType.SFTP)

    host = models.CharField(_("Host"), max_length=253, blank=True)
    port = models.PositiveIntegerField(
        _("Port"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(65_535)]
    )
    default_path = models.CharField(_("Default path"), max_length=500, default="/", blank=True, validators=[printable])
    username = models.CharField(_("User"), max_length=100, blank=True, validators=[printable])
    password = EncryptedTextField(_("Password"), null=True, blank=True)
    private_key = EncryptedTextField(_("Private key"), null=True, blank=True)
    passphrase = EncryptedTextField(_("Passphrase of the key"), null=True, blank=True)
    host_key = models.TextField(_("Host key"), blank=True, editable=False)

    endpoint = models.CharField(_("Endpoint"), max_length=300, blank=True)
    bucket = models.CharField(_("Bucket"), max_length=63, blank=True, validators=[bucket_name])
    prefix = models.CharField(_("Prefix"), max_length=500, blank=True, validators=[printable])
    region = models.CharField(_("Region"), max_length=50, blank=True, default="us-east-1", validators=[region_name])
    path_style = models.BooleanField(_("The bucket stands in the path, not in the host name"), default=True)
    access_key = models.CharField(_("Access key"), max_length=128, blank=True, validators=[printable])
    secret_key = EncryptedTextField(_("Secret key"), null=True, blank=True)

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["tenant", "id"], name="importer_fileserver_key"),
            UniqueConstraint(fields=["tenant", "name"], name="importer_fileserver_name"),
            CheckConstraint(
                condition=~Q(server_type=ServerType.SFTP) | (~Q(host="") & Q(port__isnull=False)),
                name="importer_fileserver_sftp",
            ),
            CheckConstraint(
                condition=~Q(server_type=ServerType.OBJECT_STORAGE) | (~Q(endpoint="") & ~Q(bucket="")),
                name="importer_fileserver_object_storage",
            ),
        ]
        indexes = [Index(fields=["tenant", "-created_at", "-id"], name="importer_fileserver_latest")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Judge the fields of the type together; ValidationError keyed by field."""
        if self.server_type not in NEEDED:
            return  # said of the field itself
        faults: dict[str, Any] = {
            name: refusal("server_field_missing")
            for name in NEEDED[ServerType(self.server_type)]
            if getattr(self, name) in ("", None)
        }
        if self.is_sftp and not (self.password or self.private_key):
            faults["password"] = refusal("server_secret_missing")
        for name in SECRETS:
            if (count := len(getattr(self, name) or "")) > MAX_SECRET:
                faults[name] = refusal("secret_length", n=count, high=MAX_SECRET)
        if self.is_sftp and not is_absolute(self.default_path):
            faults["default_path"] = refusal("default_path_format")
        if faults:
            raise ValidationError(faults)

    @property
    def is_sftp(self) -> bool:
        return self.server_type == ServerType.SFTP

    @property
    def place(self) -> str:
        """Return where the server is, as people call it: "sftp.example.com:22", or the endpoint."""
        return f"{self.host}:{self.port}" if self.is_sftp else self.endpoint

    @property
    def root(self) -> str:
        """Return the folder that paths are relative to, with its "/" at the end."""
        if self.is_sftp:
            return self.default_path.rstrip("/") + "/"
        return f"{self.bucket}/{self.prefix}"
