"""The life of a marketing task, and when recipients may be changed. Product rules, "Marketing tasks"."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class TaskState(TextChoices):
    DRAFT = "draft", _("Draft")
    RUNNING = "running", _("Running")
    SUSPENDED = "suspended", _("Suspended")
    COMPLETED = "completed", _("Completed")


TRANSITIONS = {
    TaskState.DRAFT: frozenset({TaskState.RUNNING}),
    TaskState.RUNNING: frozenset({TaskState.SUSPENDED, TaskState.COMPLETED}),
    TaskState.SUSPENDED: frozenset({TaskState.RUNNING, TaskState.COMPLETED}),
    TaskState.COMPLETED: frozenset(),
}

# "If the marketing activity is in draft or suspended state, click Import Data."
IMPORTABLE = frozenset({TaskState.DRAFT, TaskState.SUSPENDED})
EDITABLE = IMPORTABLE
DELETABLE = frozenset({TaskState.DRAFT, TaskState.COMPLETED})
PUBLISHED = frozenset({TaskState.RUNNING, TaskState.SUSPENDED})


class TaskType(TextChoices):
    MARKETING = "marketing", _("Marketing")
    CARE = "care", _("Care")


class OptOutSource(TextChoices):
    """By which door an address came onto the opt-out list."""

    PERSON = "person", _("Added one by one")
    FILE = "file", _("File")
    REST = "rest", _("REST")


class CareScenario(TextChoices):
    VOICE = "voice", _("Voice")
    DATA = "data", _("Data")
