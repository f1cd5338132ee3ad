"""Customers as SmartCare tells of them: their fields read, and their numbers judged by the rules of every door."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from importer.judging import first_of
from marketing.rules import Draft, Rules
from marketing.variables import CARE_VARIABLES, MAX_VALUE
from tenants.refusals import declare, refusal

from .client import Query
from .states import CareOutcome

MAX_NUMBER, MAX_CAUSE = 100, 200  # characters that are kept
WORST, BEST = 0, 5
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # what no database keeps; a number with one is refused all the same
UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")  # what no message can hold
Line = tuple[Any, ...]

declare(
    {
        "care_row": _("SmartCare sent something that is no customer."),
        "care_score": _("The score is missing or not a number from 0 to 5."),
        "care_scene": _("The customer is of another scenario than was asked for."),
        "care_event_time": _("The event time is not within the business day."),
    }
)


@dataclass(slots=True)
class Customer:
    """One customer, as far as its fields could be read; `refused`: why it is none."""

    row: int
    number: str = ""
    score: Decimal | None = None
    cause: str = ""
    event_at: datetime | None = None
    refused: ValidationError | None = field(default=None)
    draft: Draft | None = None

    @property
    def outcome(self) -> str:
        return CareOutcome.FAILED if self.refused else CareOutcome.WAITING


def judge(customers: Sequence[Any], query: Query, rules: Rules, *, first_row: int) -> list[Customer]:
    """Return `customers` of a page read and judged, numbered from `first_row`."""
    return [_judged(one, query, rules, row) for row, one in enumerate(customers, start=first_row)]


def lines(customers: Iterable[Customer]) -> Iterator[Line]:
    """Yield `customers` in the order of collecting.ROW_COLUMNS."""
    for one in customers:
        first = first_of(one.refused) if one.refused else None
        yield (
            one.row,
            one.number,
            one.draft.address if one.draft else "",
            one.draft.values if one.draft else {},
            None if one.score is None else str(one.score),
            one.cause,
            None if one.event_at is None else one.event_at.isoformat(),
            str(one.outcome),
            str(first.code) if first else "",
            (first.params or {}) if first else {},
        )


def _judged(found: Any, query: Query, rules: Rules, row: int) -> Customer:
    customer = Customer(row)
    try:
        _read(customer, found, query)
        customer.draft = rules.check(customer.number, _values(customer, query, rules))
    except ValidationError as refused:
        customer.refused = refused
    return customer


def _read(customer: Customer, found: Any, query: Query) -> None:
    if not isinstance(found, dict):
        raise refusal("care_row")
    customer.number = UNSTORABLE.sub("\ufffd", _text(found.get("msisdn"))[:MAX_NUMBER])
    customer.cause = UNPRINTABLE.sub(" ", _text(found.get("cause"))[:MAX_CAUSE]).strip()
    customer.event_at = _moment(found.get("eventTime"), query)
    customer.score = _score(found.get("qoeScore"))
    if found.get("scene", query.scene) != query.scene:
        raise refusal("care_scene")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _score(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float) or not WORST <= value <= BEST:
        raise refusal("care_score")
    return Decimal(str(value)).quantize(Decimal("0.01"))


def _moment(value: Any, query: Query) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not query.begin <= value < query.end:
        raise refusal("care_event_time")
    return datetime.fromtimestamp(value / 1000, UTC)


def _values(customer: Customer, query: Query, rules: Rules) -> dict[str, str]:
    """Return what the template's variables may take from a customer."""
    # the caller acts in the tenant's zone
    moment = timezone.localtime(customer.event_at) if customer.event_at else None
    told = (
        query.scene,
        f"{customer.score.normalize():f}" if customer.score is not None else "",
        customer.cause[:MAX_VALUE],
        f"{moment:%Y-%m-%d %H:%M}" if moment else "",
    )
    known = dict(zip(CARE_VARIABLES, told, strict=True))
    return {variable.name: known[variable.name] for variable in rules.variables if variable.name in known}
