"""Marketing tasks, what they say, to whom, and who must not be written to."""

from datetime import date, time, timedelta
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, RegexValidator
from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint
from django.db.models.functions import Now, Reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.days import is_kept
from tenants.models import User
from tenants.ownership import SameTenant, TenantKey, TenantOwned
from tenants.refusals import refusal
from tenants.stateful import Stateful

from .channels import Medium
from .schedule import check_special_dates, check_windows
from .states import PUBLISHED, TRANSITIONS, CareScenario, OptOutSource, TaskState, TaskType
from .variables import Variable

plain_description = RegexValidator(
    r"^[^\"\[\]=;<>]*\Z", _('None of these characters is allowed: " [ ] = ; < >'), code="description_characters"
)
printable = RegexValidator(r"^[^\x00-\x1f\x7f]*\Z", _("Control characters are not allowed."), code="control_characters")
no_nul = RegexValidator(
    r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*\Z", _("Control characters are not allowed."), code="control_characters"
)


class MessageTemplate(TenantOwned):
    """A text with `${name}` variables. `variables`: [{"name": ..., "default": text or null}], in order of first use."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    tenant = TenantKey(related_name="message_templates")
    name = models.CharField(_("Template name"), max_length=100, validators=[printable])
    medium = models.CharField(_("Medium"), max_length=10, choices=Medium)
    subject = models.CharField(_("Subject"), max_length=200, blank=True, validators=[printable])
    body = models.TextField(_("Content"), max_length=2000, validators=[no_nul, MaxLengthValidator(2000)])
    variables = models.JSONField(default=list, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["tenant", "id"], name="marketing_template_key"),
            UniqueConstraint(fields=["tenant", "name"], name="marketing_template_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def variable_list(self) -> tuple[Variable, ...]:
        """Return the variables in order of first use."""
        return tuple(Variable(entry["name"], entry["default"]) for entry in self.variables)


class MarketingTask(Stateful):
    """An SMS, Email or WhatsApp activity. `recipient_count` is kept by intake, in the transaction of the rows."""

    TRANSITIONS = TRANSITIONS

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    tenant = TenantKey(related_name="marketing_tasks")
    name = models.CharField(_("Task name"), max_length=100, validators=[printable])
    task_type = models.CharField(_("Task type"), max_length=10, choices=TaskType, default=TaskType.MARKETING)
    medium = models.CharField(_("Medium"), max_length=10, choices=Medium)
    care_scenario = models.CharField(_("Care scenario"), max_length=10, choices=CareScenario, blank=True)
    template = models.ForeignKey(
        MessageTemplate,
        models.PROTECT,
        related_name="marketing_tasks",
        db_constraint=False,
        db_index=False,
        verbose_name=_("Message template"),
    )
    description = models.CharField(
        _("Description"), max_length=200, blank=True, validators=[plain_description, printable]
    )
    begin_at = models.DateTimeField(_("Begin time"))
    end_at = models.DateTimeField(_("End time"))
    windows = models.JSONField(_("Sending windows"), default=list, blank=True)
    special_dates = models.JSONField(_("Special dates"), default=list, blank=True)
    state = models.CharField(_("State"), max_length=10, choices=TaskState, default=TaskState.DRAFT, editable=False)
    recipient_count = models.PositiveIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(
        User, models.SET_NULL, null=True, editable=False, related_name="+", db_constraint=False, db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["tenant", "id"], name="marketing_task_key"),
            UniqueConstraint(fields=["tenant", "name"], name="marketing_task_name"),
            UniqueConstraint(
                fields=["tenant", "care_scenario"],
                condition=Q(task_type=TaskType.CARE, state__in=sorted(PUBLISHED)),
                name="marketing_task_published_care",
            ),
            CheckConstraint(
                condition=Q(task_type=TaskType.MARKETING, care_scenario="")
                | Q(task_type=TaskType.CARE, care_scenario__in=CareScenario.values),
                name="marketing_task_scenario",
            ),
            CheckConstraint(condition=Q(end_at__gt=models.F("begin_at")), name="marketing_task_period"),
            SameTenant(parent="template", name="marketing_task_template"),
            SameTenant(parent="created_by", name="marketing_task_created_by"),
        ]
        indexes = [
            Index(fields=["tenant", "-created_at", "-id"], name="marketing_task_latest"),
            Index(fields=["tenant", "state"], name="marketing_task_state"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Check what concerns two fields; ValidationError keyed by field."""
        faults: dict[str, Any] = {
            name: refusal("period_year")
            for name in ("begin_at", "end_at")
            if (moment := getattr(self, name)) and not is_kept(moment)
        }
        if not faults and self.begin_at and self.end_at and self.end_at <= self.begin_at:
            faults["end_at"] = ValidationError(_("The end must be after the begin."), code="period")
        if (self.task_type == TaskType.CARE) != bool(self.care_scenario):
            text = _("A Care task needs a scenario; a Marketing task has none.")
            faults["care_scenario"] = ValidationError(text, code="care_scenario")
        for name, check in (("windows", check_windows), ("special_dates", check_special_dates)):
            try:
                check(getattr(self, name))
            except ValidationError as refused:
                faults[name] = refused
        if faults:
            raise ValidationError(faults)


class Recipient(TenantOwned):
    """One address of a task with its variable values.

    `origin`: the UUID of the import that brought it, from its row `origin_row`; None: `added_by` did, one by one.
    `changed_at`: None if nobody changed it since; whoever changes it says which moment they saw.
    """

    tenant = TenantKey(related_name="recipients", db_constraint=False)  # its task's tenant exists
    task = models.ForeignKey(
        MarketingTask, models.CASCADE, related_name="recipients", db_constraint=False, db_index=False
    )
    address = models.CharField(max_length=254, db_collation="C")  # prefixes are ranges: LIKE is not leakproof
    ending = models.GeneratedField(  # and so are last digits; an index on reverse() would be of no use: not leakproof
        expression=Reverse("address"), output_field=models.CharField(max_length=254, db_collation="C"), db_persist=True
    )
    variables = models.JSONField(default=dict)
    origin = models.UUIDField(null=True)
    origin_row = models.PositiveIntegerField(null=True)
    added_by = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", db_constraint=False, db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["tenant", "task", "address"], name="marketing_recipient_address"),
            SameTenant(parent="task", name="marketing_recipient_task"),
            SameTenant(parent="added_by", name="marketing_recipient_added_by"),
        ]
        # Partial, so that none is ever taken to find an address: to a planner whose statistics know nothing of a new
        # task all of them look as good as the unique one, and 100,000 rows are read for each row that is looked for.
        indexes = [
            Index(fields=["tenant", "task", "id"], name="marketing_recipient_newest", condition=Q(id__gt=0)),
            Index(fields=["tenant", "task", "ending"], name="marketing_recipient_endings", condition=Q(ending__gte="")),
            Index(
                fields=["tenant", "task", "origin", "id"],
                name="marketing_recipient_origin",
                condition=Q(origin__isnull=False),
            ),
            Index(  # of its own, because the planner takes no order from an index after IS NULL
                fields=["tenant", "task", "id"],
                name="marketing_recipient_person",
                condition=Q(origin__isnull=True),
            ),
        ]


class OptOut(TenantOwned):
    """An address that must not be written to in one medium, until `valid_until`; None: for good."""

    tenant = TenantKey(related_name="opt_outs")
    medium = models.CharField(_("Medium"), max_length=10, choices=Medium)
    address = models.CharField(_("Address"), max_length=254, db_collation="C")
    remark = models.CharField(_("Remark"), max_length=200, blank=True, validators=[printable])
    source = models.CharField(_("Source"), max_length=10, choices=OptOutSource, default=OptOutSource.PERSON)
    valid_until = models.DateTimeField(_("Valid until"), null=True)
    created_by = models.ForeignKey(
        User, models.SET_NULL, null=True, editable=False, related_name="+", db_constraint=False, db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["tenant", "medium", "address"], name="marketing_optout_address"),
            SameTenant(parent="created_by", name="marketing_optout_created_by"),
        ]

    @property
    def last_day(self) -> date | None:
        """Return the last day on which it holds, where its time is over with a day, as people set it."""
        moment = self.valid_until and timezone.localtime(self.valid_until)
        return (moment - timedelta(days=1)).date() if moment and moment.time() == time.min else None

    @property
    def is_over(self) -> bool:
        """Return whether its time is over, so that it suppresses nothing any more."""
        return self.valid_until is not None and self.valid_until <= timezone.now()
