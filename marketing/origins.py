"""What brought the recipients of a task: each app that brings some tells where one of its own is seen."""

from collections.abc import Callable, Collection
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from .models import MarketingTask

CHOICES = 100  # of each kind, the latest


class Origin(NamedTuple):
    """One that brought recipients: `id` is their `origin`; its name, a longer one, and its page."""

    id: UUID
    text: str
    title: str
    url: str


class Kind(NamedTuple):
    """Those of one kind that brought recipients of a task, the latest first, and how one is shown."""

    of: Callable[[MarketingTask], QuerySet[Any]]
    shown: Callable[[Any], Origin]


_kinds: list[Kind] = []


def declare_origins(kind: Kind) -> None:
    """Add an app's own."""
    _kinds.append(kind)


def latest_origins(task: MarketingTask) -> list[Origin]:
    """Return the latest of each kind."""
    return [kind.shown(one) for kind in _kinds for one in kind.of(task)[:CHOICES]]


def origins_named(task: MarketingTask, ids: Collection[UUID]) -> dict[UUID, Origin]:
    """Return those of `ids` that are there still, by their id."""
    found = (kind.shown(one) for kind in _kinds for one in (kind.of(task).filter(pk__in=ids) if ids else ()))
    return {origin.id: origin for origin in found}
