"""What can be done with a marketing task, when, and by whom: one table that pages, REST and menus read."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.features import Feature
from tenants.models import Tenant, User
from tenants.operation_log import attempt, declare_actions, record
from tenants.refusals import declare, refusal

from .channels import FEATURES, Medium
from .intake import lock, remove_suppressed, why_fixed, why_not
from .models import MarketingTask, MessageTemplate
from .states import DELETABLE, EDITABLE, PUBLISHED, TaskState, TaskType
from .variables import CARE_VARIABLES

declare(
    {
        "role": _("Only a tenant administrator may do this."),
        "action_state.edit": _("A task can be edited in Draft and Suspended only. Suspend it first."),
        "action_state.publish": _("Only a task in Draft can be published."),
        "action_state.suspend": _("Only a Running task can be suspended."),
        "action_state.resume": _("Only a Suspended task can be resumed."),
        "action_state.complete": _("Only a Running or Suspended task can be completed."),
        "action_state.delete": _("Only a task in Draft or Completed can be deleted. Complete it first."),
        "no_recipients": _("The task has no recipients yet. Import or add some first."),
        "period_over": _("The end time has passed. Set a later end first."),
        "care_variables": _(
            "The template needs values for %(names)s, which SmartCare does not tell; give each a default. It tells "
            "%(known)s."
        ),
        "care_published": _("Another Care task of this scenario is published already. Complete it first."),
        "name_taken": _("This name is taken."),
        "template_medium": _("The template is for another medium than the task."),
        "template_changed": _("The new template has other variables, and the task has recipients already."),
        "medium_changed": _("The task has recipients already: its medium and its type must stay."),
    }
)

declare_actions(
    {
        "task.publish": _("Publish marketing task"),
        "task.suspend": _("Suspend marketing task"),
        "task.resume": _("Resume marketing task"),
        "task.complete": _("Complete marketing task"),
        "task.copy": _("Copy marketing task"),
        "task.delete": _("Delete marketing task"),
    }
)

MOVES = {
    "publish": (frozenset({TaskState.DRAFT}), TaskState.RUNNING),
    "suspend": (frozenset({TaskState.RUNNING}), TaskState.SUSPENDED),
    "resume": (frozenset({TaskState.SUSPENDED}), TaskState.RUNNING),
    "complete": (PUBLISHED, TaskState.COMPLETED),
}
STATES = {"edit": EDITABLE, "delete": DELETABLE} | {name: sources for name, (sources, _to) in MOVES.items()}
ACTIONS = ("edit", "import", "add", "change", *MOVES, "copy", "delete")


def features_of(task_type: str, medium: str) -> list[Feature]:
    """Return the features that a task of this type and medium needs."""
    care = [Feature.SMARTCARE] if task_type == TaskType.CARE else []
    return [Feature.INTELLIGENT_OUTBOUND_CALL, FEATURES[Medium(medium)], *care]


def feature_refusal(tenant: Tenant, task_type: str, medium: str) -> ValidationError | None:
    """Return why such a task can neither be created nor published, or None."""
    missing = tenant.missing_features(features_of(task_type, medium))
    return refusal("feature_off", feature=missing[0].label) if missing else None


def refusal_of(action: str, task: MarketingTask, user: User) -> ValidationError | None:
    """Return why `user` cannot do `action` (one of ACTIONS) with `task` now, or None if nothing forbids it."""
    if not user.is_tenant_administrator and user.role != "api_client":
        return refusal("role")
    return _state_refusal(action, task) or _other_refusal(action, task)


def require_possible(action: str, task: MarketingTask, user: User) -> None:
    """Raise the refusal of `action`, if there is one."""
    if refused := refusal_of(action, task, user):
        raise refused


def move(task: MarketingTask, action: str, user: User) -> int:
    """Publish, suspend, resume or complete `task`, or raise ValidationError saying why not.

    Return how many recipients were removed: before sending, those who opted out since they came in.
    """
    if MOVES[action][1] == TaskState.RUNNING:
        task.tenant.hold()  # its features stay as they are
    with attempt(f"task.{action}", task), lock(task.pk) as locked:  # or two people at once could both win
        require_possible(action, locked, user)
        removed = _without_opted_out(locked, action, user) if MOVES[action][1] == TaskState.RUNNING else 0
        _move(locked, MOVES[action][1])
        record(f"task.{action}", locked, recipients=locked.recipient_count, suppressed=removed)
    task.state, task.updated_at, task.recipient_count = locked.state, locked.updated_at, locked.recipient_count
    return removed


def copy(task: MarketingTask, user: User) -> MarketingTask:
    """Return a Draft like `task`, without its recipients, under a free name."""
    kept = ("task_type", "medium", "care_scenario", "template", "description", "begin_at", "end_at", "windows",
            "special_dates")  # fmt: skip
    with lock(task.pk) as locked:  # or two copies at once would find the same free name
        require_possible("copy", locked, user)
        fields = {name: getattr(locked, name) for name in kept}
        made = MarketingTask.objects.create(name=free_name(MarketingTask, locked.name), created_by=user, **fields)
        record("task.copy", made, of=locked.name)
        return made


def delete(task: MarketingTask, user: User) -> None:
    """Delete `task` with its recipients and imports, or raise ValidationError saying why not."""
    with attempt("task.delete", task), lock(task.pk) as locked:
        require_possible("delete", locked, user)
        record("task.delete", locked, recipients=locked.recipient_count)
        locked.delete()


def free_name(model: type[MarketingTask] | type[MessageTemplate], name: str) -> str:
    """Return `name` with the first number that makes it a name which no other row of `model` has."""
    taken = set(model.objects.filter(name__startswith=name[:90]).values_list("name", flat=True))
    candidates = (f"{name[:90]} ({number})" for number in range(2, len(taken) + 3))
    return next(candidate for candidate in candidates if candidate not in taken)


def complete_overdue() -> int:
    """Complete the published tasks of the tenant acted for whose end time has passed; return how many."""
    overdue = MarketingTask.objects.filter(state__in=PUBLISHED, end_at__lte=timezone.now()).order_by("pk")
    locked = list(overdue.select_for_update(no_key=True))
    for task in locked:
        task.move(TaskState.COMPLETED)
        record("task.complete", task, recipients=task.recipient_count)
    return len(locked)


def _state_refusal(action: str, task: MarketingTask) -> ValidationError | None:
    return None if task.state in STATES.get(action, TaskState) else refusal(f"action_state.{action}")


def _other_refusal(action: str, task: MarketingTask) -> ValidationError | None:
    judge = _BY_ACTION.get(action)
    return judge(task) if judge else None


def _publish_refusal(task: MarketingTask) -> ValidationError | None:
    if refused := _feature_refusal(task):
        return refused
    if task.task_type == TaskType.MARKETING and not task.recipient_count:
        return refusal("no_recipients")
    return _period_refusal(task) or _care_refusal(task)


def _resume_refusal(task: MarketingTask) -> ValidationError | None:
    return _feature_refusal(task) or _period_refusal(task) or _care_refusal(task)


def _feature_refusal(task: MarketingTask) -> ValidationError | None:
    return feature_refusal(task.tenant, task.task_type, task.medium)


def _period_refusal(task: MarketingTask) -> ValidationError | None:
    return refusal("period_over") if task.end_at <= timezone.now() else None


def _care_refusal(task: MarketingTask) -> ValidationError | None:
    """Return why every customer of a Care task would fail at night, or None."""
    if task.task_type != TaskType.CARE:
        return None
    needed = [one.name for one in task.template.variable_list() if one.default is None]
    untold = [f"“{name}”" for name in needed if name not in CARE_VARIABLES]
    return refusal("care_variables", names=", ".join(untold), known=", ".join(CARE_VARIABLES)) if untold else None


def _without_opted_out(task: MarketingTask, action: str, user: User) -> int:
    removed = remove_suppressed(task)
    if removed:
        require_possible(action, task, user)  # for nobody may be left
    return removed


def _move(task: MarketingTask, to: TaskState) -> None:
    try:
        with transaction.atomic():
            task.move(to)
    except IntegrityError as error:
        if "marketing_task_published_care" in str(error):
            raise refusal("care_published") from None
        raise


_BY_ACTION: dict[str, Callable[[MarketingTask], Any]] = {
    "import": why_not,
    "add": why_not,
    "change": why_fixed,
    "publish": _publish_refusal,
    "resume": _resume_refusal,
    "copy": _feature_refusal,
}
