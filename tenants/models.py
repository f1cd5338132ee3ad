"""Who asks, for whom, and what the tenant set."""

from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import uuid4
from zoneinfo import available_timezones

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from encrypted_fields.fields import EncryptedTextField
from knox.models import AbstractAuthToken

from .features import Feature
from .ownership import SameTenant, TenantKey, TenantOwned
from .scoping import current_tenant_id_or_none
from .webhooks.models import Webhook, WebhookDelivery  # noqa: F401  Django finds an app's tables here


def validate_time_zone(name: str) -> None:
    """Refuse a name that the IANA database does not know."""
    if name not in available_timezones():
        raise ValidationError(_("There is no time zone “%(name)s”."), code="time_zone", params={"name": name})


class Tenant(models.Model):
    """One customer organisation, a tenant space; its features are switched by the system administrator."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(_("Name"), max_length=100, unique=True)
    time_zone = models.CharField(_("Time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    is_active = models.BooleanField(_("Active"), default=True)
    intelligent_outbound_call = models.BooleanField(Feature.INTELLIGENT_OUTBOUND_CALL.label, default=True)
    sms_marketing = models.BooleanField(Feature.SMS_MARKETING.label, default=True)
    email_marketing = models.BooleanField(Feature.EMAIL_MARKETING.label, default=True)
    whatsapp_marketing = models.BooleanField(Feature.WHATSAPP_MARKETING.label, default=False)
    smartcare = models.BooleanField(Feature.SMARTCARE.label, default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    def missing_features(self, wanted: Iterable[Feature]) -> list[Feature]:
        """Return those of `wanted` that the system administrator has not switched on."""
        return [feature for feature in wanted if not getattr(self, feature)]

    def hold(self) -> None:
        """Wait for whoever else holds this tenant space, and hold it until the transaction ends.

        For what two at once must not both change: its features, its parameters, how many it has of something.
        Whoever locks a task too holds the tenant space first.
        """
        Tenant.objects.select_for_update(no_key=True).get(pk=self.pk)


class Role(models.TextChoices):
    """What a caller may do: product rules, "People and callers"."""

    SYSTEM_ADMINISTRATOR = "system_administrator", _("System administrator")
    TENANT_ADMINISTRATOR = "tenant_administrator", _("Tenant administrator")
    TENANT_VIEWER = "tenant_viewer", _("Tenant viewer")
    API_CLIENT = "api_client", _("API client")


class UserManager(BaseUserManager["User"]):
    """Makes users; not scoped, because sign-in comes before the tenant is known (the policy isolates)."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Create an active user of the tenant acted for; without a password nobody can sign in as it."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Create a system administrator: `manage.py createsuperuser` makes the first one of an installation."""
        return self.create_user(username, password, role=Role.SYSTEM_ADMINISTRATOR, **fields)


class User(AbstractBaseUser):
    """A person, or an API client. No tenant: a system administrator."""

    username = models.CharField(_("User name"), max_length=150, unique=True, validators=[UnicodeUsernameValidator()])
    full_name = models.CharField(_("Name"), max_length=100, blank=True)
    email = models.EmailField(_("Email"), blank=True)
    role = models.CharField(_("Role"), max_length=30, choices=Role, default=Role.TENANT_ADMINISTRATOR)
    tenant = TenantKey(related_name="users", null=True, default=current_tenant_id_or_none)
    is_active = models.BooleanField(_("Active"), default=True)
    must_change_password = models.BooleanField(default=False)  # somebody else knows it
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            UniqueConstraint(fields=["tenant", "id"], name="tenants_user_key"),
            UniqueConstraint(
                fields=["tenant", "full_name"],
                condition=Q(role=Role.API_CLIENT) & ~Q(full_name=""),
                name="tenants_user_client_name",
            ),
            CheckConstraint(
                condition=Q(tenant__isnull=True, role=Role.SYSTEM_ADMINISTRATOR)
                | Q(tenant__isnull=False) & ~Q(role=Role.SYSTEM_ADMINISTRATOR),
                name="tenants_user_role_fits_tenant",
            ),
        ]

    def get_full_name(self) -> str:
        """Return the name to show; the user name where none was given."""
        return self.full_name or self.username

    @property
    def is_tenant_administrator(self) -> bool:
        return self.role == Role.TENANT_ADMINISTRATOR

    @property
    def sees_full_addresses(self) -> bool:
        """Viewers see addresses masked; everybody else of the tenant sees them whole."""
        return self.role != Role.TENANT_VIEWER


class ApiToken(AbstractAuthToken):
    """A bearer token of an API client: only its digest is kept, and `token_key`, how it begins, to recognise it by.

    `scopes` are those of `access.Scope`. `networks` it may be used from, as `api_clients` cleans them; none: anywhere.
    """

    tenant = TenantKey(related_name="api_tokens")
    user = models.ForeignKey(User, models.CASCADE, related_name="auth_token_set", db_constraint=False)
    scopes = models.JSONField(default=list)
    networks = models.JSONField(default=list)
    last_used_at = models.DateTimeField(_("Last used"), null=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["tenant", "digest"], name="tenants_apitoken_key"),
            UniqueConstraint(fields=["tenant", "token_key"], name="tenants_apitoken_begin"),
            SameTenant(parent="user", name="tenants_apitoken_user"),
        ]

    @property
    def has_expired(self) -> bool:
        return self.expiry is not None and self.expiry <= timezone.now()


class TenantParameter(TenantOwned):
    """A tenant parameter that differs from its default; `parameters.py` is the catalogue."""

    tenant = TenantKey(related_name="parameters")
    key = models.CharField(max_length=50)
    value = models.CharField(max_length=600)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [UniqueConstraint(fields=["tenant", "key"], name="tenants_parameter_key")]


class SystemParameter(models.Model):
    """A system parameter that differs from its default, for all tenants; `system_parameters.py` is the catalogue.

    From `effective_at` on (null: nothing is pending) `pending_value` is in force instead of `value`.
    """

    key = models.CharField(max_length=50, primary_key=True)
    value = models.CharField(max_length=600)
    pending_value = models.CharField(max_length=600, blank=True)
    effective_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.key


class AddressType(models.TextChoices):
    """What an address of the trustlist is for; nothing leaves the console for another purpose."""

    FILE_SERVER = "file_server", _("File server")
    SMARTCARE = "smartcare", _("SmartCare interconnection address")
    WEBHOOK = "webhook", _("Webhook")


class TrustedAddress(models.Model):
    """A line of the Address Trustlist: where the console may connect to, for all tenants.

    `host`: a name, an IP address, or a network such as 10.1.0.0/16; compared in lower case.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    address_type = models.CharField(_("Address type"), max_length=20, choices=AddressType)
    host = models.CharField(_("Host or network"), max_length=255)
    port = models.PositiveIntegerField(_("Port"), validators=[MinValueValidator(1), MaxValueValidator(65535)])
    allows_http = models.BooleanField(_("Allow http without TLS"), default=False)
    remark = models.CharField(_("Remark"), max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [UniqueConstraint(fields=["address_type", "host", "port"], name="tenants_trustedaddress_key")]

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class KeptAnswer(models.Model):
    """The answer to a POST with an Idempotency-Key: see `idempotency`. No tenant: to a system administrator.

    `request`: method and path. `body`: encrypted, for there may be a first password in it.
    """

    tenant = TenantKey(related_name="kept_answers", null=True, default=current_tenant_id_or_none)
    caller_id = models.BigIntegerField()
    request = models.CharField(max_length=300)
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)  # as long as the request is being done
    body = EncryptedTextField(null=True)
    location = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["tenant", "caller_id", "request", "key"], name="tenants_keptanswer_once", nulls_distinct=False
            )
        ]
        indexes = [Index(fields=["tenant", "created_at"], name="tenants_keptanswer_age")]

    def __str__(self) -> str:
        return self.request


class LogEntry(models.Model):
    """One line of the operation log; no tenant: of the system administration. Never changed: `owner.APPEND_ONLY`.

    Names are kept as they were, without foreign keys: a log outlives its objects.
    """

    tenant = TenantKey(related_name="log_entries", null=True, default=current_tenant_id_or_none)
    created_at = models.DateTimeField(_("Time"), db_default=Now())
    action = models.CharField(_("Operation"), max_length=50)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(_("Operator"), max_length=150, blank=True)
    actor_role = models.CharField(_("Role"), max_length=30, blank=True)
    address = models.GenericIPAddressField(_("From"), null=True)
    object_type = models.CharField(_("Object type"), max_length=50, blank=True)
    object_id = models.CharField(_("Object id"), max_length=50, blank=True)
    object_name = models.CharField(_("Object"), max_length=255, blank=True)
    refused = models.CharField(_("Refused"), max_length=50, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [Index(fields=["tenant", "-created_at", "-id"], name="tenants_logentry_latest")]

    def __str__(self) -> str:
        return f"{self.action} {self.object_name}"
