"""What a task's Operation column offers, and why not: read from the same table as the actions themselves."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tenants.models import User

from .models import MarketingTask
from .states import TaskState, TaskType
from .tasks import refusal_of

# action: (text, icon, URL name)
ACTIONS: dict[str, tuple[Any, str, str]] = {
    "view": (_("View"), "eye", "marketing:recipients"),
    "import": (_("Import Data"), "upload", "importer:import-data"),
    "result": (_("Import Result"), "report", "importer:imports"),
    "add": (_("Add"), "plus", "marketing:recipient-add"),
    "edit": (_("Edit"), "edit", "marketing:task-edit"),
    "publish": (_("Publish"), "player-play", "marketing:task-publish"),
    "suspend": (_("Suspend"), "player-pause", "marketing:task-suspend"),
    "resume": (_("Resume"), "player-play", "marketing:task-resume"),
    "complete": (pgettext_lazy("operation", "Complete"), "flag-check", "marketing:task-complete"),
    "copy": (_("Copy"), "copy", "marketing:task-copy"),
    "delete": (_("Delete"), "trash", "marketing:task-delete"),
}
READING = frozenset({"view", "result"})
POSTING = frozenset({"suspend", "resume", "copy"})
SURFACES = {"import": "dialog", "publish": "dialog", "complete": "dialog", "delete": "dialog", "add": "drawer"}
MOVE_BY_STATE = {TaskState.RUNNING: "suspend", TaskState.SUSPENDED: "resume"}


@dataclass(frozen=True, slots=True)
class Operation:
    """A link or button. `why_not`: why it is forbidden now, or "". `surface`: where htmx shows it."""

    text: Any
    icon: str
    url: str
    why_not: Any = ""
    posts: bool = False
    surface: str = ""
    is_dangerous: bool = False


def view_name(task: MarketingTask) -> str:
    """Return the name of the page that View opens: a Care task has one of its own."""
    return "smartcare:care-task" if task.task_type == TaskType.CARE else "marketing:recipients"


def operation(action: str, task: MarketingTask, user: User) -> Operation:
    """Return `action` on `task` as `user` may do it now."""
    text, icon, url_name = ACTIONS[action]
    if action == "view":
        url_name = view_name(task)
    refused = None if action in READING else refusal_of(action, task, user)
    return Operation(
        text=text,
        icon=icon,
        url=reverse(url_name, args=[task.pk]),
        why_not=refused.messages[0] if refused else "",
        posts=action in POSTING,
        surface=SURFACES.get(action, ""),
        is_dangerous=action == "delete",
    )


def operations_of(task: MarketingTask, user: User) -> dict[str, list[Operation]]:
    """Return the operations in the row itself and those under More."""
    move = MOVE_BY_STATE.get(TaskState(task.state), "publish")
    return {
        "row": [operation(action, task, user) for action in ("view", "import", "result", move)],
        "menu": [operation(action, task, user) for action in ("edit", "complete", "copy", "delete")],
    }
