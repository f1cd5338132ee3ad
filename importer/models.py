"""An import with its cursor, and the rows it did not create."""

from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketing.models import MarketingTask, printable
from marketing.variables import alike
from tenants.models import User
from tenants.ownership import SameTenant, TenantKey, TenantOwned
from tenants.refusals import sentence
from tenants.stateful import Stateful

from .columns import column_faults
from .limits import MAX_COLUMNS
from .schedule_models import ScheduledImport, parsing_text
from .server_models import FileServer
from .states import ALIVE, ENDED, TRANSITIONS, ImportState, Mode, Outcome, Parsing

ESTIMATE_AFTER = 2  # seconds of measurement before a time left is shown


class ImportBatch(Stateful):
    """One run of bringing rows into a task; a line of Import Result.

    The truth about its progress is here: `next_chunk` is the cursor, `epoch` fences off a worker that was
    given up, `is_held` with `lease_until` says whether a worker has it, and until when it is believed.
    All of them move in the transaction that writes the rows.
    """

    TRANSITIONS = TRANSITIONS

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    tenant = TenantKey(related_name="imports")
    task = models.ForeignKey(MarketingTask, models.CASCADE, related_name="imports", db_constraint=False, db_index=False)
    number = models.PositiveIntegerField(_("Number"))  # 1, 2, ... within the task
    state = models.CharField(_("Status"), max_length=10, choices=ImportState, default=ImportState.PREPARING)
    mode = models.CharField(_("Mode"), max_length=10, choices=Mode, default=Mode.FILE)
    parsing = models.CharField(_("Parsing"), max_length=10, choices=Parsing, default=Parsing.TEMPLATE)
    rule_name = models.CharField(_("Mapping rule"), max_length=100, blank=True)  # as it was called then
    operator = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", db_constraint=False, db_index=False
    )
    operator_name = models.CharField(_("Operator"), max_length=150, blank=True)

    file_server = models.ForeignKey(
        FileServer, models.SET_NULL, null=True, related_name="imports", db_constraint=False, db_index=False
    )
    schedule = models.ForeignKey(
        ScheduledImport, models.SET_NULL, null=True, related_name="imports", db_constraint=False, db_index=False
    )
    held_code = models.CharField(max_length=50, blank=True)  # why it waits for approval; empty: it does not
    held_params = models.JSONField(default=dict)
    source_path = models.CharField(max_length=1000, blank=True)  # on the server, below its default path
    fetch = models.JSONField(default=dict)  # importer.fetching.Fetch: how far the copy is
    fetched_bytes = models.PositiveBigIntegerField(default=0)
    source_name = models.CharField(_("Source"), max_length=255)
    source_bytes = models.PositiveBigIntegerField(default=0)
    source_sha256 = models.CharField(max_length=64, blank=True)
    rules = models.JSONField(default=dict)  # marketing.rules.Rules, frozen
    layout = models.JSONField(default=dict)  # importer.layout.Layout, frozen
    notes = models.JSONField(default=list)  # [{"code": ..., "params": {...}}]

    chunks = models.PositiveIntegerField(default=0)
    next_chunk = models.PositiveIntegerField(default=0)
    epoch = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)  # without progress
    is_held = models.BooleanField(default=False)
    lease_until = models.DateTimeField(null=True)

    total = models.PositiveIntegerField(_("Total"), default=0)
    created = models.PositiveIntegerField(_("Successful"), default=0)
    duplicate = models.PositiveIntegerField(_("Duplicate"), default=0)
    failed = models.PositiveIntegerField(_("Failed"), default=0)
    suppressed = models.PositiveIntegerField(_("Suppressed"), default=0)
    unprocessed = models.PositiveIntegerField(_("Unprocessed"), default=0)
    reasons = models.JSONField(default=dict)  # {outcome: {code: rows}}: what failed, duplicate and suppressed hold

    error_code = models.CharField(max_length=50, blank=True)
    error_params = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    begun_at = models.DateTimeField(_("Begin"), null=True)
    ended_at = models.DateTimeField(_("End"), null=True)
    updated_at = models.DateTimeField(auto_now=True)
    is_purged = models.BooleanField(default=False)  # the source and its chunks are gone

    class Meta:
        constraints = [
            UniqueConstraint(fields=["tenant", "id"], name="importer_batch_key"),
            UniqueConstraint(fields=["tenant", "task", "number"], name="importer_batch_number"),
            CheckConstraint(
                condition=Q(total=F("created") + F("duplicate") + F("failed") + F("suppressed") + F("unprocessed")),
                name="importer_batch_adds_up",
            ),
            CheckConstraint(
                condition=Q(ended_at__isnull=False) | ~Q(state__in=sorted(ENDED)), name="importer_batch_ended"
            ),
            SameTenant(parent="task", name="importer_batch_task"),
            SameTenant(parent="operator", name="importer_batch_operator"),
            SameTenant(parent="file_server", name="importer_batch_file_server"),
            SameTenant(parent="schedule", name="importer_batch_schedule"),
        ]
        indexes = [
            Index(fields=["lease_until"], name="importer_batch_stale", condition=Q(state__in=sorted(ALIVE))),
            Index(fields=["tenant", "-created_at", "-id"], name="importer_batch_latest"),
            Index(
                fields=["tenant", "schedule", "-created_at"],
                name="importer_batch_scheduled",
                condition=Q(schedule__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_name} ({self.number})"

    @property
    def rows_done(self) -> int:
        return self.total - self.unprocessed

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED

    @property
    def seconds(self) -> float:
        """Return how long the rows took, or have taken so far."""
        if not self.begun_at:
            return 0.0
        return max(0.0, ((self.ended_at or timezone.now()) - self.begun_at).total_seconds())

    @property
    def rows_per_second(self) -> int:
        return round(self.rows_done / self.seconds) if self.seconds > 0.001 else 0

    @property
    def seconds_left(self) -> int | None:
        """Return the estimate for the rest; None before there is something to measure, and after the end."""
        if self.has_ended or self.seconds < ESTIMATE_AFTER or not self.rows_done:
            return None
        return round(self.unprocessed * self.seconds / self.rows_done)

    @property
    def parsing_text(self) -> str:
        """Return how the columns were found: "Template", or "Rule “CRM export”"."""
        return parsing_text(self.get_parsing_display(), self.rule_name)

    @property
    def is_preparing(self) -> bool:
        return self.state == ImportState.PREPARING

    @property
    def bytes_per_second(self) -> int:
        """Return how fast the source is fetched; 0 before there is something to measure."""
        seconds = timezone.now().timestamp() - self.fetch.get("began", timezone.now().timestamp())
        return round(self.fetched_bytes / seconds) if seconds > 0.5 else 0

    @property
    def waiting_sentence(self) -> str:
        """Return why the fetching waits for another attempt, in the reader's language; empty if it does not."""
        waiting = self.fetch.get("waiting")
        return sentence(waiting["code"], waiting["params"]) if waiting else ""

    @property
    def held_sentence(self) -> str:
        """Return why it waits for approval, in the reader's language; empty if it does not."""
        return sentence(self.held_code, self.held_params) if self.held_code else ""

    @property
    def error_sentence(self) -> str:
        """Return why the import did not complete, in the reader's language; empty if it did."""
        return sentence(self.error_code, self.error_params) if self.error_code else ""

    @property
    def note_sentences(self) -> list[str]:
        return [sentence(note["code"], note["params"]) for note in self.notes]


class MappingRule(TenantOwned):
    """Which column of a file holds the recipient and each variable, by numbers from 1.

    `variables`: [{"name": ..., "column": ...}], in the order they were given. An import keeps what the rule said when
    it began, and its name, so that a rule may be changed and deleted at any time.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    tenant = TenantKey(related_name="mapping_rules")
    name = models.CharField(_("Rule name"), max_length=100, validators=[printable])
    description = models.CharField(_("Description"), max_length=200, blank=True, validators=[printable])
    recipient_column = models.PositiveSmallIntegerField(_("Recipient column"))
    variables = models.JSONField(_("Variables"), default=list, editable=False)
    has_header = models.BooleanField(_("The first row is a header"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["tenant", "id"], name="importer_rule_key"),
            UniqueConstraint(fields=["tenant", "name"], name="importer_rule_name"),
            CheckConstraint(
                condition=Q(recipient_column__gte=1, recipient_column__lte=MAX_COLUMNS), name="importer_rule_column"
            ),
        ]
        indexes = [Index(fields=["tenant", "-created_at", "-id"], name="importer_rule_latest")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Check columns and names; ValidationError keyed by place: "recipient_column", "variables.0.column" ..."""
        if faults := column_faults(self.recipient_column, self.variables):
            raise ValidationError(faults)

    def column_of(self, variable: str) -> int | None:
        """Return the column of `variable`, counted from 1; None: the rule names none. Case and "_" do not count."""
        columns = {alike(one["name"]): one["column"] for one in self.variables}
        return columns.get(alike(variable))


class RejectedRow(TenantOwned):
    """A row that was not created: where it stood, why, and its original cells."""

    tenant = TenantKey(related_name="rejected_rows", db_constraint=False)  # its import's tenant exists
    batch = models.ForeignKey(
        ImportBatch, models.CASCADE, related_name="rejected_rows", db_constraint=False, db_index=False
    )
    row = models.PositiveIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome)
    code = models.CharField(max_length=50)
    params = models.JSONField(default=dict)
    cells = models.JSONField(default=list)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["tenant", "batch", "row"], name="importer_rejectedrow_once"),
            SameTenant(parent="batch", name="importer_rejectedrow_batch"),
        ]
        indexes = [
            Index(fields=["tenant", "batch", "outcome", "row"], name="importer_rejectedrow_outcome"),
            Index(fields=["tenant", "batch", "outcome", "code", "row"], name="importer_rejectedrow_code"),
        ]

    @property
    def reason(self) -> str:
        """Return the sentence of this row's code in the reader's language."""
        return sentence(self.code, self.params)
