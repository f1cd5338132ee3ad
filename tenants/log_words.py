"""What an entry of the operation log says beyond its operation, in the reader's words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import LogEntry, Role
from .parameters import SYSTEM_PARAMETERS, TENANT_PARAMETERS
from .refusals import sentence

_words: dict[str, Any] = {
    "added": gettext_lazy("Added to the list"),
    "address": gettext_lazy("Address"),
    "address_type": gettext_lazy("Address type"),
    "allows_http": gettext_lazy("Allow http without TLS"),
    "begin_at": gettext_lazy("Begin time"),
    "body": gettext_lazy("Content"),
    "care_scenario": gettext_lazy("Care scenario"),
    "changed": gettext_lazy("Fields changed"),
    "changes": gettext_lazy("Changes"),
    "count": gettext_lazy("Count"),
    "created": gettext_lazy("Successful"),
    "description": gettext_lazy("Description"),
    "duplicate": gettext_lazy("Duplicate"),
    "end_at": gettext_lazy("End time"),
    "failed": gettext_lazy("Failed"),
    "feature": gettext_lazy("Feature"),
    "file": gettext_lazy("File"),
    "file_type": gettext_lazy("File type"),
    "known": gettext_lazy("On the list already"),
    "medium": gettext_lazy("Medium"),
    "method": gettext_lazy("Method"),
    "mode": gettext_lazy("Mode"),
    "name": gettext_lazy("Name"),
    "effective_at": gettext_lazy("Effective from"),
    "networks": gettext_lazy("Allowed addresses"),
    "new": gettext_lazy("New value"),
    "of": gettext_lazy("Copy of"),
    "old": gettext_lazy("Old value"),
    "outcome": gettext_lazy("Outcome"),
    "recipient": gettext_lazy("Number of the recipient in the database"),
    "recipients": gettext_lazy("Recipients"),
    "role": gettext_lazy("Role"),
    "rows": gettext_lazy("Number of rows"),
    "server": gettext_lazy("Server"),
    "scopes": gettext_lazy("Scopes"),
    "space": gettext_lazy("Tenant space"),
    "special_dates": gettext_lazy("Special dates"),
    "subject": gettext_lazy("Subject"),
    "suspended": gettext_lazy("Tasks suspended"),
    "suppressed": gettext_lazy("Suppressed"),
    "task": gettext_lazy("Marketing task"),
    "task_type": gettext_lazy("Task type"),
    "template_id": gettext_lazy("Message template"),
    "token": gettext_lazy("Begin of the token"),
    "unprocessed": gettext_lazy("Unprocessed"),
    "variables": gettext_lazy("Variables"),
    "windows": gettext_lazy("Sending windows"),
}
CONSOLE = gettext_lazy("The console")


def declare_words(words: Mapping[str, Any]) -> None:
    """Add the words of an app's own details and fields, {"rows": _("Rows")}; the first that are given stay."""
    for key, text in words.items():
        _words.setdefault(key, text)


def has_words(key: str) -> bool:
    return key in _words or key == "params"


def details_of(entry: LogEntry) -> list[tuple[str, str]]:
    """Return (what, value) of the entry's details; those of a refusal are in its reason."""
    return [(_word(key), _shown(value)) for key, value in entry.details.items() if key != "params"]


def reason_of(entry: LogEntry) -> str:
    """Return why it was not done, or "" if it was; the code of a refusal that is not known any more."""
    if not entry.refused:
        return ""
    try:
        return sentence(entry.refused, entry.details.get("params", {}))
    except KeyError:
        return entry.refused


def operator_of(entry: LogEntry) -> str:
    """Return who did it: a person's name, or the console."""
    return entry.actor_name or (str(CONSOLE) if entry.actor_role == "console" else "—")


def role_of(entry: LogEntry) -> str:
    """Return the operator's role then, or ""."""
    return str(dict(Role.choices).get(entry.actor_role, ""))


def _word(key: str) -> str:
    parameter = TENANT_PARAMETERS.get(key) or SYSTEM_PARAMETERS.get(key)
    return str(parameter.name if parameter else _words.get(key, key))


def _shown(value: Any) -> str:
    if isinstance(value, dict):  # {what was changed: [old, new]}
        return _("; ").join(f"{_word(key)}: {old or '—'} → {new or '—'}" for key, (old, new) in value.items())
    if isinstance(value, list):
        return _(", ").join(_word(str(one)) for one in value) or "—"
    return f"{value:,}" if isinstance(value, int) else _word(str(value))
