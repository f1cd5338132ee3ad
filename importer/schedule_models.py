"""Scheduled imports: what a task takes from a file server by itself, and what it has taken."""

from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marketing.models import MarketingTask
from tenants.ownership import SameTenant, TenantKey, TenantOwned
from tenants.refusals import declare, refusal, sentence

from .server_models import FileServer
from .states import Parsing
from .timetable import Rhythm, Timetable

MIN_MINUTES, MAX_MINUTES = 5, 1_440  # between two runs

declare(
    {
        "schedule_field_missing": _("This is needed for a schedule of this kind."),
        "schedule_alarm_early": _("The alarm has to be later than the run, which is at %(at)s."),
        "schedule_rule_gone": _("The mapping rule was deleted. Edit the schedule and choose how columns are found."),
    }
)


def parsing_text(parsing: str, rule_name: str) -> str:
    """Return how columns are found: "Template", or "Rule “CRM export”"."""
    return gettext("%(parsing)s “%(rule)s”") % {"parsing": parsing, "rule": rule_name} if rule_name else parsing


class ScheduledImport(TenantOwned):
    """Files that a task takes from a file server by itself.

    `next_run_at` is the clock's truth. A run that has begun is `wanted_at`, the moment it was due, until it is
    settled; `lease_until` says how long its worker is believed.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    tenant = TenantKey(related_name="scheduled_imports")
    task = models.ForeignKey(
        MarketingTask, models.CASCADE, related_name="scheduled_imports", db_constraint=False, db_index=False
    )
    file_server = models.ForeignKey(
        FileServer,
        models.PROTECT,
        related_name="scheduled_imports",
        db_constraint=False,
        db_index=False,
        verbose_name=_("File server"),
    )
    path = models.CharField(_("Path and file"), max_length=500)
    parsing = models.CharField(_("Parsing"), max_length=10, choices=Parsing, default=Parsing.TEMPLATE)
    rule = models.ForeignKey(
        "importer.MappingRule",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="scheduled_imports",
        db_constraint=False,
        db_index=False,
        verbose_name=_("Mapping rule"),
    )
    rhythm = models.CharField(_("How often"), max_length=10, choices=Rhythm, default=Rhythm.DAILY)
    at = models.TimeField(_("Time"), null=True, blank=True)
    weekday = models.PositiveSmallIntegerField(_("Day of the week"), choices=WEEKDAYS, null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(
        _("Minutes between runs"),
        null=True,
        blank=True,
        validators=[MinValueValidator(MIN_MINUTES), MaxValueValidator(MAX_MINUTES)],
    )
    missing_by = models.TimeField(_("Alarm if no file by"), null=True, blank=True)

    is_active = models.BooleanField(_("Switched on"), default=True)
    active_since = models.DateTimeField(null=True, editable=False)
    next_run_at = models.DateTimeField(_("Next run"), null=True, editable=False)  # None: switched off
    wanted_at = models.DateTimeField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    last_run_at = models.DateTimeField(_("Last run"), null=True, editable=False)
    last_file_at = models.DateTimeField(null=True, editable=False)  # when a file was found last
    missed_at = models.DateTimeField(null=True, editable=False)  # when the last alarm was raised
    outcome_code = models.CharField(max_length=50, blank=True, editable=False)
    outcome_params = models.JSONField(default=dict, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["tenant", "id"], name="importer_schedule_key"),
            CheckConstraint(
                condition=Q(rhythm=Rhythm.DAILY, at__isnull=False)
                | Q(rhythm=Rhythm.WEEKLY, at__isnull=False, weekday__range=(0, 6))
                | Q(rhythm=Rhythm.MINUTES, minutes__range=(MIN_MINUTES, MAX_MINUTES)),
                name="importer_schedule_rhythm",
            ),
            CheckConstraint(condition=Q(is_active=False) | Q(next_run_at__isnull=False), name="importer_schedule_next"),
            SameTenant(parent="task", name="importer_schedule_task"),
            SameTenant(parent="file_server", name="importer_schedule_server"),
            SameTenant(parent="rule", name="importer_schedule_rule"),
        ]
        indexes = [
            Index(fields=["tenant", "next_run_at"], name="importer_schedule_due", condition=Q(is_active=True)),
            Index(fields=["tenant", "task", "-created_at", "-id"], name="importer_schedule_latest"),
        ]

    def __str__(self) -> str:
        return self.path

    def clean(self) -> None:
        """Check what goes with the rhythm and the parsing; ValidationError keyed by field."""
        needed = {Rhythm.DAILY: ["at"], Rhythm.WEEKLY: ["at", "weekday"], Rhythm.MINUTES: ["minutes"]}
        names = needed.get(Rhythm(self.rhythm), []) if self.rhythm in Rhythm.values else []
        faults: dict[str, Any] = {
            name: refusal("schedule_field_missing") for name in names if getattr(self, name) is None
        }
        if self.parsing == Parsing.RULE and self.rule is None:
            faults["rule"] = refusal("schedule_field_missing")
        if self.at and self.missing_by and self.missing_by <= self.at:
            faults["missing_by"] = refusal("schedule_alarm_early", at=f"{self.at:%H:%M}")
        if faults:
            raise ValidationError(faults)

    @property
    def timetable(self) -> Timetable:
        """Return when it runs, in the tenant's time zone as it is now."""
        zone = ZoneInfo(self.tenant.time_zone)
        return Timetable(self.rhythm, zone, at=self.at, weekday=self.weekday, minutes=self.minutes)

    @property
    def how_often(self) -> str:
        """Return when it runs, as people say it: "Monday at 09:00"."""
        at = f"{self.at:%H:%M}" if self.at else ""
        if self.rhythm == Rhythm.MINUTES:
            return gettext("Every %(n)s minutes") % {"n": self.minutes}
        if self.rhythm == Rhythm.WEEKLY:
            day = WEEKDAYS[self.weekday or 0]
            return gettext("%(weekday)s at %(time)s") % {"weekday": day, "time": at}
        return gettext("Daily at %(time)s") % {"time": at}

    @property
    def parsing_text(self) -> str:
        return parsing_text(self.get_parsing_display(), self.rule.name if self.rule else "")

    @property
    def is_missing(self) -> bool:
        """Return whether no file has come since the last alarm."""
        return self.missed_at is not None and (self.last_file_at is None or self.last_file_at < self.missed_at)

    @property
    def outcome_sentence(self) -> str:
        """Return what became of the last run, in the reader's language; empty before the first."""
        return sentence(self.outcome_code, self.outcome_params) if self.outcome_code else ""

    @classmethod
    def missing(cls) -> Any:
        """Return the schedules that are switched on and have no file since their last alarm. Inside act_for."""
        silent = Q(last_file_at=None) | Q(last_file_at__lt=F("missed_at"))
        return cls.objects.filter(silent, is_active=True, missed_at__isnull=False)

    def alarm_at(self, now: datetime) -> datetime | None:
        """Return by when a file had to be there on the day of `now`; None: none is waited for that day."""
        day = self.timetable.day_of(now)
        return self.timetable.moment(day, self.missing_by) if self.missing_by and self.timetable.is_on(day) else None


class TakenContent(TenantOwned):
    """A content that a schedule has taken, once; `rows` and `header_sha256` are there when it was imported."""

    tenant = TenantKey(related_name="taken_contents", db_constraint=False)  # its schedule's tenant exists
    schedule = models.ForeignKey(
        ScheduledImport, models.CASCADE, related_name="taken_contents", db_constraint=False, db_index=False
    )
    sha256 = models.CharField(max_length=64)
    batch = models.ForeignKey(
        "importer.ImportBatch",
        models.SET_NULL,
        null=True,
        related_name="taken_contents",
        db_constraint=False,
        db_index=False,
    )
    header_sha256 = models.CharField(max_length=64, blank=True)
    rows = models.PositiveIntegerField(null=True)
    taken_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["tenant", "schedule", "sha256"], name="importer_taken_once"),
            SameTenant(parent="schedule", name="importer_taken_schedule"),
            SameTenant(parent="batch", name="importer_taken_batch"),
        ]
        indexes = [
            Index(fields=["tenant", "schedule", "-taken_at"], name="importer_taken_latest"),
            Index(fields=["tenant", "batch"], name="importer_taken_by"),
        ]
