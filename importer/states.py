"""The life of an import, and what can become of a row. Product rules, "Import by file", Import Result."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ImportState(TextChoices):
    PREPARING = "preparing", _("Preparing")
    EXECUTING = "executing", _("Executing")
    COMPLETE = "complete", _("Complete")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    STOPPED = "stopped", _("Stopped")


ENDED = frozenset({ImportState.COMPLETE, ImportState.FAILED, ImportState.CANCELLED, ImportState.STOPPED})
ALIVE = frozenset(ImportState) - ENDED

TRANSITIONS = {
    ImportState.PREPARING: frozenset(ImportState) - {ImportState.PREPARING, ImportState.COMPLETE},
    ImportState.EXECUTING: ENDED,
    **{state: frozenset() for state in ENDED},
}


class Outcome(TextChoices):
    """What became of a row that was not created. An unprocessed row stays in the spool until it is purged."""

    DUPLICATE = "duplicate", _("Duplicate")
    FAILED = "failed", _("Failed")
    SUPPRESSED = "suppressed", _("Suppressed")


class Mode(TextChoices):
    FILE = "file", _("File")
    SERVER = "server", _("Server")


class Parsing(TextChoices):
    TEMPLATE = "template", _("Template")
    RULE = "rule", _("Rule")
