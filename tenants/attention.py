"""What somebody of a tenant space should look at: each app tells it of its own things, and Home shows them."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

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
_looks: list[Look] = []


def declare_matters(*looks: Look) -> None:
    """Add an app's own; they are asked in the order in which they come."""
    _looks.extend(look for look in looks if look not in _looks)


def matters_for(user: User) -> list[Matter]:
    """Return what `user` should look at, the urgent first."""
    found = [matter for look in _looks for matter in look(user)]
    return sorted(found, key=lambda matter: not matter.is_urgent)
