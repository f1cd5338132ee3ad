"""What somebody of a tenant space should look at, and what comes next: each app tells of its own, Home shows it."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from .models import User

SHOWN = 6  # matters of each kind


class Matter(NamedTuple):
    """What it is, the page where it is looked at or mended, why, and when. Urgent: something is amiss already."""

    text: Any
    url: str
    icon: str
    why: tuple[Any, ...] = ()
    moment: datetime | None = None
    is_urgent: bool = False


Look = Callable[[User], Iterable[Matter]]  # what one kind of thing has for a user of the tenant acted for
_matters: list[Look] = []
_coming: list[Look] = []


def declare_matters(*looks: Look) -> None:
    """Add what an app says should be looked at; asked in the order in which they come."""
    _matters.extend(looks)


def declare_coming(*looks: Look) -> None:
    """Add what an app says will happen by itself, each with its moment."""
    _coming.extend(looks)


def matters_for(user: User) -> list[Matter]:
    """Return what `user` should look at, the urgent first."""
    return sorted(_told(_matters, user), key=lambda matter: not matter.is_urgent)


def coming_for(user: User) -> list[Matter]:
    """Return what comes next, the first to come first."""
    return sorted(_told(_coming, user), key=lambda matter: matter.moment or timezone.now())[:SHOWN]


def _told(looks: Iterable[Look], user: User) -> list[Matter]:
    return [matter for look in looks for matter in look(user)]
