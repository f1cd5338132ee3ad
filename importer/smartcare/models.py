"""How a tenant reaches its SmartCare, its certificates, and the days that were collected, customer by customer."""

from uuid import uuid4

from django.core.validators import MaxLengthValidator, MinLengthValidator
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from encrypted_fields.fields import EncryptedTextField

from marketing.models import MarketingTask, printable
from tenants.ownership import SameTenant, TenantKey, TenantOwned
from tenants.refusals import sentence
from tenants.stateful import Stateful

from .states import TRANSITIONS, CareOutcome, DayState

SECRET_LENGTH = (MinLengthValidator(5), MaxLengthValidator(100))  # "5-100 characters"


class CertificateKind(models.TextChoices):
    """What a certificate is for: to trust a server by it, or to show ourselves."""

    AUTHORITY = "ca", _("CA certificate")
    CLIENT = "client", _("Client certificate with key")


class Certificate(TenantOwned):
    """A certificate of the tenant, PEM. The key of a client certificate is stored encrypted and never shown."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    tenant = TenantKey(related_name="certificates")
    name = models.CharField(_("Name"), max_length=100, validators=[printable])
    kind = models.CharField(_("Kind"), max_length=10, choices=CertificateKind, default=CertificateKind.AUTHORITY)
    pem = models.TextField(_("Certificate"))
    private_key = EncryptedTextField(null=True, editable=False)
    subject = models.CharField(_("Subject"), max_length=500, editable=False)
    expires_at = models.DateTimeField(_("Valid until"), editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["tenant", "id"], name="smartcare_certificate_key"),
            UniqueConstraint(fields=["tenant", "name"], name="smartcare_certificate_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()


class Integration(TenantOwned):
    """A tenant's SmartCare: address, identity, certificates; and who works with it now.

    `epoch` and `lease_until` let one worker at a time collect; until `queued_until` a message is believed to be on its
    way to one; `failures` and `open_until` are the breaker.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    tenant = TenantKey(related_name="smartcare_integrations")
    address = models.CharField(_("SmartCare Interconnection Address"), max_length=255, validators=[printable])
    app_id = models.CharField(_("AppId"), max_length=100, validators=[*SECRET_LENGTH, printable])
    app_secret = EncryptedTextField(_("AppSecret"), null=True, editable=False)
    authority = models.ForeignKey(
        Certificate, models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False,
        verbose_name=_("CA certificate"),
    )  # fmt: skip
    client_certificate = models.ForeignKey(
        Certificate, models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False,
        verbose_name=_("Client certificate"),
    )  # fmt: skip
    quick_scene = models.CharField(_("Fast boundary scene name"), max_length=64, blank=True, validators=[printable])
    deep_scene = models.CharField(_("Deep boundary scene name"), max_length=64, blank=True, validators=[printable])
    epoch = models.PositiveIntegerField(default=0, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    queued_until = models.DateTimeField(null=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    open_until = models.DateTimeField(null=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["tenant"], name="smartcare_integration_one"),
            SameTenant(parent="authority", name="smartcare_integration_authority"),
            SameTenant(parent="client_certificate", name="smartcare_integration_client"),
        ]

    def __str__(self) -> str:
        return self.address


class CareNight(TenantOwned):
    """A business day of a tenant, over its scenarios: the maximum that held, and how many customers were taken."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    tenant = TenantKey(related_name="care_nights")
    business_date = models.DateField()
    maximum = models.PositiveIntegerField(null=True)  # of the first decision; None before it
    taken = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["tenant", "id"], name="smartcare_night_key"),
            UniqueConstraint(fields=["tenant", "business_date"], name="smartcare_night_date"),
            CheckConstraint(condition=Q(taken=0) | Q(taken__lte=F("maximum")), name="smartcare_night_within_maximum"),
        ]


class CareDay(Stateful):
    """The poor-QoE customers of one business day and one Care task; a line of the task's View.

    `next_page` is the cursor, `total` what SmartCare said there is, `digests` the pages seen. A try that failed
    waits until `next_try_at`; `attempts` counts those without progress.
    """

    TRANSITIONS = TRANSITIONS

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    tenant = TenantKey(related_name="care_days")
    task = models.ForeignKey(
        MarketingTask, models.CASCADE, related_name="care_days", db_constraint=False, db_index=False
    )
    night = models.ForeignKey(CareNight, models.PROTECT, related_name="days", db_constraint=False, db_index=False)
    business_date = models.DateField(_("Business day"))
    state = models.CharField(_("Status"), max_length=10, choices=DayState, default=DayState.WAITING)
    rules = models.JSONField(default=dict)  # marketing.rules.Rules, frozen when the first page is asked for
    total = models.PositiveIntegerField(null=True)
    next_page = models.PositiveIntegerField(default=1)
    digests = models.JSONField(default=list)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    run_began_at = models.DateTimeField(null=True)
    is_decided = models.BooleanField(default=False)  # the maximum was applied to it
    is_late = models.BooleanField(default=False)  # collected in a later night than its own

    fetched = models.PositiveIntegerField(_("Fetched"), default=0)
    waiting = models.PositiveIntegerField(_("Waiting"), default=0)
    created = models.PositiveIntegerField(pgettext_lazy("customers", "Created"), default=0)
    failed = models.PositiveIntegerField(_("Failed"), default=0)
    duplicate = models.PositiveIntegerField(_("Duplicate"), default=0)
    suppressed = models.PositiveIntegerField(_("Suppressed"), default=0)
    cut = models.PositiveIntegerField(_("Cut"), default=0)
    cut_score = models.DecimalField(max_digits=3, decimal_places=2, null=True)  # the lowest that was cut

    error_code = models.CharField(max_length=50, blank=True)
    error_params = models.JSONField(default=dict)
    ended_at = models.DateTimeField(_("Collected"), null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["tenant", "id"], name="smartcare_day_key"),
            UniqueConstraint(fields=["tenant", "task", "business_date"], name="smartcare_day_once"),
            CheckConstraint(
                condition=Q(
                    fetched=F("waiting") + F("created") + F("failed") + F("duplicate") + F("suppressed") + F("cut")
                ),
                name="smartcare_day_adds_up",
            ),
            CheckConstraint(
                condition=~Q(state=DayState.COMPLETE) | Q(waiting=0, total=F("fetched")), name="smartcare_day_whole"
            ),
            SameTenant(parent="task", name="smartcare_day_task"),
            SameTenant(parent="night", name="smartcare_day_night"),
        ]
        indexes = [Index(fields=["tenant", "state"], name="smartcare_day_state")]

    def __str__(self) -> str:
        return f"{self.business_date}"

    @property
    def error_sentence(self) -> str:
        """Return why the day is not whole, in the reader's language; empty if it is."""
        return sentence(self.error_code, self.error_params) if self.error_code else ""

    @property
    def is_fetched(self) -> bool:
        return self.total is not None and self.fetched >= self.total


class CareRow(TenantOwned):
    """A customer as SmartCare told of it, and what became of it. The number is not kept of those created.

    `recipient_id` has no key to the recipient: marketing deletes its rows without knowing of this table.
    """

    tenant = TenantKey(related_name="care_rows", db_constraint=False)  # its day's tenant exists
    day = models.ForeignKey(CareDay, models.CASCADE, related_name="rows", db_constraint=False, db_index=False)
    row = models.PositiveIntegerField()  # 1, 2, ... in SmartCare's order
    number = models.CharField(max_length=100, blank=True)
    address = models.CharField(max_length=254, blank=True, db_collation="C")
    variables = models.JSONField(default=dict)
    score = models.DecimalField(_("Score"), max_digits=3, decimal_places=2, null=True)
    cause = models.CharField(_("Cause"), max_length=200, blank=True)
    event_at = models.DateTimeField(_("Event time"), null=True)
    outcome = models.CharField(max_length=10, choices=CareOutcome, default=CareOutcome.WAITING)
    code = models.CharField(max_length=50, blank=True)
    params = models.JSONField(default=dict)
    recipient_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["tenant", "day", "row"], name="smartcare_row_once"),
            SameTenant(parent="day", name="smartcare_row_day"),
        ]
        indexes = [Index(fields=["tenant", "day", "outcome", "score", "row"], name="smartcare_row_worst")]

    @property
    def reason(self) -> str:
        """Return the sentence of this row's code in the reader's language."""
        return sentence(self.code, self.params) if self.code else ""

    @property
    def shown_score(self) -> str:
        """Return the score with as many decimals as it has, as the reader's language writes it."""
        return "—" if self.score is None else number_format(self.score.normalize())
