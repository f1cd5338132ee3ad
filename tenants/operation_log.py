"""Operation Log: who did what to which object, when, from where, and with what outcome. Append-only.

A rule's module calls `record` where the thing is done, in its transaction, so that every door is logged and
nothing is logged that did not happen. What was refused takes its transaction along, so `attempt` keeps it
until the middleware writes it down. An entry never carries a recipient's address or a secret.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db.models import Model

from .callers import actor
from .models import LogEntry

NAME_LENGTH = 255  # characters of an object's name that are kept
_actions: dict[str, Any] = {}


class Refused(NamedTuple):
    """What somebody wanted, and why it was not done."""

    action: str
    thing: Model
    why: ValidationError


_refused: ContextVar[list[Refused] | None] = ContextVar("refused", default=None)


def declare_actions(actions: Mapping[str, Any]) -> None:
    """Add an app's own actions, {"task.publish": _("Publish marketing task")}; a code is declared once."""
    for code, text in actions.items():
        if _actions.setdefault(code, text) is not text:
            raise ImproperlyConfigured(f"The action {code} is declared twice.")


def action_text(code: str) -> str:
    """Return the words of an action in the reader's language; the code of one that is not known any more."""
    return str(_actions.get(code, code))


def actions() -> dict[str, Any]:
    """Return {code: words} of every declared action, sorted by code."""
    return dict(sorted(_actions.items()))


def record(action: str, thing: Model | None = None, *, name: str = "", refused: str = "", **details: Any) -> LogEntry:
    """Write down that whoever acts now did `action` to `thing`, in the caller's transaction.

    `name`: how people call the thing, if not by str(thing). `refused`: the code of why it was not done.
    `details`: JSON values worth keeping, such as counts; no address, no secret.
    """
    if action not in _actions:
        raise ImproperlyConfigured(f"The action {action} is not declared.")
    who = actor()
    return LogEntry.objects.create(
        action=action,
        actor_id=who.user_id,
        actor_name=who.name,
        actor_role=who.role,
        address=who.address,
        object_type=thing._meta.model_name or "" if thing is not None else "",
        object_id=str(thing.pk) if thing is not None else "",
        object_name=(name or (str(thing) if thing is not None else ""))[:NAME_LENGTH],
        refused=refused,
        details=details,
    )


@contextmanager
def attempt(action: str, thing: Model) -> Iterator[None]:
    """Meanwhile `action` is done to `thing`; if a rule refuses it, that is logged after all else is undone."""
    try:
        yield
    except ValidationError as why:
        noted = _refused.get()
        if noted is not None and hasattr(why, "code"):
            noted.append(Refused(action, thing, why))
        raise


@contextmanager
def noting_refused() -> Iterator[list[Refused]]:
    """Collect what is refused meanwhile; `record_refused` writes it down."""
    noted: list[Refused] = []
    token = _refused.set(noted)
    try:
        yield noted
    finally:
        _refused.reset(token)


def record_refused(refused: Refused) -> None:
    """Write down what was refused, with the params of its sentence."""
    params = {name: str(value) for name, value in (refused.why.params or {}).items()}
    record(refused.action, refused.thing, refused=str(refused.why.code), params=params)
