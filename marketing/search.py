"""Search among a task's recipients, each way as ranges of an index: row-level security lets LIKE use none."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from tenants.paging import Page, counted, first_of, page_of

from .models import MarketingTask, OptOut, Recipient

LAST_CHARACTER = "\U0010ffff"  # no address has a character after it
LATEST = ("-id",)
ALL = Q(pk__gt=0)  # says nothing, and lets the index of the latest be used: see Recipient's indexes
_SEPARATORS = str.maketrans("", "", " -.()")


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for. `text` as it was typed; `origin` an import; `by_person`: added one by one."""

    text: str = ""
    is_ending: bool = False
    origin: UUID | None = None
    by_person: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The recipients of `task` within `ranges` of one column (none: all of them), in the order of an index."""

    recipients: QuerySet[Recipient]
    ranges: tuple[Q, ...]
    order: tuple[str, ...]

    def page(self, cursor: str) -> Page:
        """Return a page of them."""
        return page_of(*self._parts(), order=self.order, cursor=cursor)

    def first(self, size: int) -> QuerySet[Recipient]:
        """Return the first `size` of them."""
        return first_of(*self._parts(), order=self.order, size=size)

    def count(self) -> int:
        """Return how many they are, as `counted` does."""
        return counted(*self._parts())

    def all(self) -> QuerySet[Recipient]:
        """Return all of them, in no order."""
        return self.recipients.filter(reduce(or_, self.ranges)) if self.ranges else self.recipients

    def _parts(self) -> Iterable[QuerySet[Recipient]]:
        return [self.recipients.filter(one) for one in self.ranges] or [self.recipients]


def find(task: MarketingTask, search: Search, *, area_code: str = "") -> Found:
    """Return what `search` finds in `task`. `area_code`: of the tenant, before what may be a national number."""
    recipients = task.recipients.all()
    if search.origin or search.by_person:
        recipients = recipients.filter(origin=search.origin)
    text = stored_form(search.text)
    if not text:
        return Found(recipients.filter(ALL), (), LATEST)
    if search.is_ending:
        return Found(recipients, (_range("ending", text[::-1]),), ("ending",))
    return Found(recipients, ranges_of(beginnings(text, area_code)), ("address",))


def stored_form(text: str) -> str:
    """Return `text` as it would be stored: numbers without separators, emails in lower case."""
    text = text.lower()
    return text if any(character.isalpha() for character in text) else text.translate(_SEPARATORS)


def beginnings(text: str, area_code: str = "") -> set[str]:
    """Return how an address may begin that somebody calls `text`: as stored, without "+", or as a national number."""
    return {text, f"+{text.lstrip('+')}"} | ({f"+{area_code}{text}"} if area_code else set())


def ranges_of(prefixes: Iterable[str]) -> tuple[Q, ...]:
    """Return the ranges of the addresses that begin with one of `prefixes`; no two of them meet."""
    kept: list[str] = []
    for prefix in sorted(prefixes):  # one that goes on from another comes after it
        if not any(prefix.startswith(one) for one in kept):
            kept.append(prefix)
    return tuple(_range("address", prefix) for prefix in kept)


def beginning_with(opt_outs: QuerySet[OptOut], text: str, area_code: str) -> QuerySet[OptOut]:
    """Return those of `opt_outs` whose address begins as `text` says; all where it says nothing."""
    begin = stored_form(text)
    return opt_outs.filter(reduce(or_, ranges_of(beginnings(begin, area_code)))) if begin else opt_outs


def _range(column: str, prefix: str) -> Any:
    return Q(**{f"{column}__gte": prefix, f"{column}__lt": prefix + LAST_CHARACTER})
