"""Creating and changing tasks and message templates: one function each, which forms and REST call."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from tenants.models import User
from tenants.operation_log import declare_actions, record
from tenants.refusals import declare, refusal

from .channels import MAX_WHATSAPP, Medium
from .intake import lock
from .models import MarketingTask, MessageTemplate
from .tasks import feature_refusal, free_name, require_possible
from .variables import clean_value, names_in

Row = TypeVar("Row", MarketingTask, MessageTemplate)

declare(
    {
        "template_in_use": _(
            "Tasks with recipients use this template: its variables must stay %(names)s. Make another template instead."
        ),
        "template_medium_in_use": _("Tasks use this template: its medium must stay %(medium)s."),
        "template_unknown": _("There is no such message template."),
        "template_length": _("A WhatsApp message holds up to %(high)s characters; this text has %(n)s."),
        "changed_meanwhile": _(
            "Somebody else changed this after you opened it. Nothing was saved, and what you typed is still here. "
            "Look at what is stored now; saving again replaces it."
        ),
        "variable_not_in_text": _("The text has no variable “%(name)s”."),
        "template_used": _("This template is in use (tasks: %(n)s). Delete them or give them another one first."),
    }
)

declare_actions(
    {
        "task.create": _("Create marketing task"),
        "task.edit": _("Edit marketing task"),
        "template.create": _("Create message template"),
        "template.edit": _("Edit message template"),
        "template.delete": _("Delete message template"),
    }
)
TASK_FIELDS = ("name", "task_type", "medium", "care_scenario", "template_id", "description", "begin_at", "end_at",
               "windows", "special_dates")  # fmt: skip
TEMPLATE_FIELDS = ("name", "medium", "subject", "body", "variables")


def create_task(task: MarketingTask, user: User) -> MarketingTask:
    """Save the new `task` as a Draft of `user`; ValidationError keyed by field."""
    task.created_by = user
    if refused := feature_refusal(task.tenant, task.task_type, task.medium):
        raise ValidationError({"medium": refused})
    return _saved(task, "task.create")


def edit_task(task: MarketingTask, user: User, *, seen: str = "") -> MarketingTask:
    """Save the changed `task`; ValidationError keyed by field, or without one when it cannot be changed now.

    `seen`: the `version_of` what the changes were made to; "" replaces whatever is stored.
    """
    with lock(task.pk) as stored:
        require_possible("edit", stored, user)
        _require_unchanged(stored, seen)
        if stored.recipient_count:
            _require_fit_for_recipients(task, stored)
        task.recipient_count, task.state = stored.recipient_count, stored.state
        return _saved(task, "task.edit", changed=_changed(stored, task, TASK_FIELDS))


def version_of(row: MarketingTask | MessageTemplate) -> str:
    """Return what tells one stored state of `row` from another."""
    return row.updated_at.isoformat()


@transaction.atomic
def save_template(template: MessageTemplate, defaults: Mapping[str, str | None], *, seen: str = "") -> MessageTemplate:
    """Save `template` with the variables found in its text; `defaults` are {name: default}, None or absent: none.

    `seen`: the `version_of` what the changes were made to; "" replaces whatever is stored.
    """
    names = _names_of_text(template)
    variables = [{"name": name, "default": _default(name, defaults.get(name))} for name in names]
    template.variables = variables
    if template._state.adding:
        return _saved(template, "template.create")
    stored = get_object_or_404(MessageTemplate.objects.select_for_update(), pk=template.pk)
    _require_unchanged(stored, seen)
    _require_fit_for_tasks(template, stored, set(names))
    return _saved(template, "template.edit", changed=_changed(stored, template, TEMPLATE_FIELDS))


def copy_template(template: MessageTemplate) -> MessageTemplate:
    """Return a template like `template` under a free name; ValidationError (name_taken) if that goes meanwhile."""
    fields = {name: getattr(template, name) for name in ("tenant", "medium", "subject", "body", "variables")}
    return _saved(MessageTemplate(name=free_name(MessageTemplate, template.name), **fields), "template.create")


def require_in_text(template: MessageTemplate, names: Iterable[str]) -> None:
    """Raise ValidationError (variable_not_in_text) when one of `names` is no variable of `template`."""
    unknown = [name for name in names if name not in _names(template)]
    if unknown:
        raise ValidationError({"variables": refusal("variable_not_in_text", name=unknown[0])})


@transaction.atomic
def delete_template(template: MessageTemplate) -> None:
    """Delete `template`, or raise ValidationError (template_used) when tasks use it."""
    get_object_or_404(MessageTemplate.objects.select_for_update(), pk=template.pk)
    if used := template.marketing_tasks.count():
        raise refusal("template_used", n=used)
    record("template.delete", template)
    template.delete()


def _require_fit_for_recipients(task: MarketingTask, stored: MarketingTask) -> None:
    if (task.medium, task.task_type) != (stored.medium, stored.task_type):
        raise ValidationError({"medium": refusal("medium_changed")})
    if _names(stored.template) != _names(task.template):
        raise ValidationError({"template": refusal("template_changed")})


def _names_of_text(template: MessageTemplate) -> tuple[str, ...]:
    if template.medium == Medium.WHATSAPP and len(template.body) > MAX_WHATSAPP:
        raise ValidationError(
            {"body": refusal("template_length", high=f"{MAX_WHATSAPP:,}", n=f"{len(template.body):,}")}
        )
    try:
        return names_in(template.subject, template.body)
    except ValidationError as refused:
        raise ValidationError({"body": refused}) from None


def _require_unchanged(stored: MarketingTask | MessageTemplate, seen: str) -> None:
    if seen and seen != version_of(stored):
        raise refusal("changed_meanwhile")


def _require_fit_for_tasks(template: MessageTemplate, stored: MessageTemplate, names: set[str]) -> None:
    if stored.medium != template.medium and template.marketing_tasks.exists():
        raise ValidationError({"medium": refusal("template_medium_in_use", medium=stored.get_medium_display())})
    has_recipients = template.marketing_tasks.filter(recipient_count__gt=0).exists()
    if has_recipients and _names(stored) != names:
        raise ValidationError({"body": refusal("template_in_use", names=", ".join(sorted(_names(stored))) or "—")})


def _names(template: MessageTemplate) -> set[str]:
    return {variable.name for variable in template.variable_list()}


def _default(name: str, given: str | None) -> str | None:
    return (clean_value(name, given) or None) if given is not None else None


def _changed(stored: Row, row: Row, names: Iterable[str]) -> list[str]:
    return [name for name in names if getattr(stored, name) != getattr(row, name)]


def _hold_template(task: MarketingTask) -> None:
    """Keep the template of `task` from being changed or deleted until the transaction ends."""
    if not MessageTemplate.objects.select_for_update(no_key=True).filter(pk=task.template_id).first():
        raise ValidationError({"template": refusal("template_unknown")})


@transaction.atomic
def _saved(row: Row, action: str, **details: Any) -> Row:
    """Judge `row` whole, then write it down; a name taken meanwhile is the user's to mend, not a crash."""
    if isinstance(row, MarketingTask):
        _hold_template(row)
    row.full_clean(validate_constraints=False)  # the database judges names, also those taken meanwhile
    if isinstance(row, MarketingTask) and row.template.medium != row.medium:
        raise ValidationError({"template": refusal("template_medium")})
    try:
        with transaction.atomic():
            row.save()
            record(action, row, **details)
    except IntegrityError as error:
        if "_name" in str(error):
            raise ValidationError({"name": refusal("name_taken")}) from None
        if "marketing_task_published_care" in str(error):
            raise ValidationError({"care_scenario": refusal("care_published")}) from None
        raise
    return row
