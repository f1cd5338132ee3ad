"""The life of a care day, and what can become of a customer. Product rules, "SmartCare"."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class DayState(TextChoices):
    WAITING = "waiting", _("Waiting")
    FETCHING = "fetching", _("Fetching")
    FETCHED = "fetched", _("Fetched")
    ADDING = "adding", _("Adding")
    COMPLETE = "complete", _("Complete")
    PARTIAL = "partial", _("Partial")
    STOPPED = "stopped", _("Stopped")
    MISSED = "missed", _("Missed")


AT_WORK = frozenset({DayState.FETCHING, DayState.FETCHED, DayState.ADDING})
PAUSED = frozenset({DayState.PARTIAL, DayState.STOPPED})  # the next run goes on with them
OPEN = AT_WORK | PAUSED | {DayState.WAITING}
ENDED = frozenset({DayState.COMPLETE, DayState.MISSED})

TRANSITIONS = {
    DayState.WAITING: frozenset({DayState.FETCHING, DayState.MISSED}),
    DayState.FETCHING: frozenset({DayState.FETCHED, DayState.PARTIAL, DayState.STOPPED}),
    DayState.FETCHED: frozenset({DayState.ADDING, DayState.PARTIAL, DayState.STOPPED}),
    DayState.ADDING: frozenset({DayState.COMPLETE, DayState.STOPPED}),
    DayState.PARTIAL: AT_WORK | {DayState.MISSED},
    DayState.STOPPED: AT_WORK | {DayState.MISSED},
    DayState.COMPLETE: frozenset(),
    DayState.MISSED: frozenset(),
}


class CareOutcome(TextChoices):
    """What became of a customer of a day. `waiting`: not decided yet."""

    WAITING = "waiting", _("Waiting")
    CREATED = "created", pgettext_lazy("customers", "Created")
    FAILED = "failed", _("Failed")
    DUPLICATE = "duplicate", _("Duplicate")
    SUPPRESSED = "suppressed", _("Suppressed")
    CUT = "cut", _("Cut")


OUTCOMES = tuple(CareOutcome.values)
SHOWN_AS_ROWS = (CareOutcome.FAILED, CareOutcome.DUPLICATE, CareOutcome.SUPPRESSED, CareOutcome.CUT)
