"""Pages of long lists by key, not by number: the thousandth page costs as much as the first."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

FORWARDS, BACKWARDS = "n", "p"
COUNTED = 10_000  # rows of a long list that are counted where an exact number would cost too much


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its rows, and the cursors of the pages around it ("" where there is none)."""

    rows: list[Any]
    previous: str
    next: str


def page_of(*parts: QuerySet[Any], order: Sequence[str], cursor: str = "", size: int = 20) -> Page:
    """Return the page of the rows of all `parts` that `cursor` names; a cursor that nobody gave out is the first page.

    `order` names fields or annotations, all ascending or all with "-", that together are unique and never null:
    ("-created_at", "-id"). Several parts have no row in common; each is read by its own index, in one query.
    """
    keys = _keys_of(cursor, parts[0], order)
    backwards = bool(keys) and cursor.startswith(BACKWARDS)
    if keys:
        parts = tuple(part.filter(_beyond(order, keys, backwards=backwards)) for part in parts)
    found = list(first_of(*parts, order=tuple(map(_turned, order)) if backwards else order, size=size + 1))
    has_more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_previous, has_next = (has_more, True) if backwards else (bool(keys), has_more)
    return Page(
        found,
        _cursor(BACKWARDS, found[0], order) if found and has_previous else "",
        _cursor(FORWARDS, found[-1], order) if found and has_next else "",
    )


def first_of(*parts: QuerySet[Any], order: Sequence[str] = (), size: int) -> QuerySet[Any]:
    """Return the first `size` rows of all `parts` together; no part is read further than that."""
    first, *others = (part.order_by(*order)[:size] for part in parts)
    return first.union(*others, all=True).order_by(*order)[:size] if others else first


def counted(*parts: QuerySet[Any]) -> int:
    """Return how many rows `parts` hold together; COUNTED + 1 where they are more than COUNTED."""
    return first_of(*parts, size=COUNTED + 1).count()


def count_text(count: int) -> str:
    """Return what `counted` returned, for people."""
    return f"{COUNTED:,}+" if count > COUNTED else f"{count:,}"


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(order: Sequence[str], keys: Sequence[Any], *, backwards: bool) -> Q:
    """Return what comes after `keys` in `order`: a < x, or a = x and b < y."""
    beyond, equal = Q(), Q()
    for name, key in zip(order, keys, strict=True):
        comparison = "lt" if name.startswith("-") != backwards else "gt"
        field = name.lstrip("-")
        beyond |= equal & Q(**{f"{field}__{comparison}": key})
        equal &= Q(**{field: key})
    return beyond


def _cursor(direction: str, row: Model, order: Sequence[str]) -> str:
    values = [_text(getattr(row, name.lstrip("-"))) for name in order]
    return direction + urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _keys_of(cursor: str, rows: QuerySet[Any], order: Sequence[str]) -> list[Any]:
    """Return the values that `cursor` holds, or [] when it is empty or was made up."""
    if not cursor.startswith((FORWARDS, BACKWARDS)):
        return []
    try:
        packed = cursor[1:] + "=" * (-len(cursor[1:]) % 4)
        texts = json.loads(urlsafe_b64decode(packed.encode()))
        fields = [_field(rows, name.lstrip("-")) for name in order]
        return [field.to_python(_clean(text)) for field, text in zip(fields, texts, strict=True)]
    except (ValueError, TypeError, RecursionError, ValidationError):
        return []  # also a cursor that is not text, is nested, or is of another list


def _field(rows: QuerySet[Any], name: str) -> Any:
    annotation = rows.query.annotations.get(name)
    return annotation.output_field if annotation else rows.model._meta.get_field(name)


def _clean(text: Any) -> str:
    if not isinstance(text, str) or "\0" in text:
        raise ValueError
    text.encode()  # half a surrogate pair is no text: UnicodeEncodeError, a ValueError
    return text
