"""The Opt-out List: who must not be written to in one medium, and until when.

Source: the product's "Marketing Opt-out List": media type, contact, validity time, remarks; within the validity
time an opted-out customer gets no marketing.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.days import is_kept
from tenants.models import Tenant, User
from tenants.operation_log import declare_actions, record
from tenants.parameters import number_policy
from tenants.refusals import declare, refusal

from .channels import address_rule
from .intake import in_force
from .models import OptOut
from .states import OptOutSource
from .variables import ADDRESS

ADDED, KNOWN, FAILED = "added", "known", "failed"
REMARK: Any = OptOut._meta.get_field("remark")

declare(
    {
        "opted_out": _("This address is on the opt-out list of this medium already."),
        "opt_out_far": _("The day is too far away. Leave it empty: then it holds for good."),
        "opt_out_over": _("The day is over. Choose today or a later day, or leave it empty."),
    }
)
declare_actions(
    {
        "opt_out.add": _("Add to the opt-out list"),
        "opt_out.batch": _("Add a batch to the opt-out list"),
        "opt_out.import": _("Import into the opt-out list"),
        "opt_out.delete": _("Delete from the opt-out list"),
        "opt_out.export": _("Export the opt-out list"),
    }
)


@dataclass(frozen=True, slots=True)
class Wish:
    """An address that somebody wants on the list, as it came. `valid_until` None: as its origin says."""

    address: str
    remark: str = ""
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Who brings opt-outs of one medium, by which door, and until when they hold; None: for good."""

    medium: str
    source: OptOutSource
    user: User | None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a wish. `address`: as stored, or as it came where it failed."""

    address: str
    opt_out: OptOut | None = None
    refused: ValidationError | None = None

    @property
    def kind(self) -> str:
        """Return added, known or failed."""
        if self.refused is None:
            return ADDED
        return KNOWN if self.code == "opted_out" else FAILED

    @property
    def code(self) -> str:
        """Return the code of why it was refused, or ""."""
        return str(next(iter(self.refused.error_dict.values()))[0].code) if self.refused else ""


def add(tenant: Tenant, wish: Wish, origin: Origin) -> OptOut:
    """Put one address on the list, or raise ValidationError keyed by field."""
    _require_possible(origin.valid_until)
    outcome = _outcomes(tenant, [wish], origin)[0]
    if outcome.opt_out is None:
        raise outcome.refused or refusal("opted_out")
    record("opt_out.add", outcome.opt_out, name=str(outcome.opt_out.get_medium_display()))
    return outcome.opt_out


def add_many(tenant: Tenant, wishes: Sequence[Wish], origin: Origin) -> list[Outcome]:
    """Put many addresses on the list, each with an outcome of its own, in their order."""
    _require_possible(origin.valid_until)
    outcomes = _outcomes(tenant, wishes, origin)
    counts: dict[str, Any] = dict(Counter(outcome.kind for outcome in outcomes))
    action = "opt_out.import" if origin.source == OptOutSource.FILE else "opt_out.batch"
    record(action, name=str(_medium_name(origin.medium)), **counts)
    return outcomes


def remove(opt_outs: QuerySet[OptOut]) -> int:
    """Take `opt_outs` off the list; return how many there were."""
    deleted, _by_model = opt_outs.delete()
    record("opt_out.delete", rows=deleted)
    return deleted


def _outcomes(tenant: Tenant, wishes: Sequence[Wish], origin: Origin) -> list[Outcome]:
    """Judge all, look all up in one query, write all in two."""
    judged = [_judged(wish, rule) for rule in [address_rule(origin.medium, number_policy(tenant))] for wish in wishes]
    passed = {one for one in judged if isinstance(one, str)}
    known = OptOut.objects.filter(medium=origin.medium, address__in=passed)
    held = set(in_force(known).values_list("address", flat=True))
    made: dict[str, OptOut] = {}
    outcomes = []
    for wish, one in zip(wishes, judged, strict=True):
        if isinstance(one, ValidationError):
            outcomes.append(Outcome(wish.address, refused=one))
        elif one in made or one in held:
            outcomes.append(Outcome(one, refused=ValidationError({ADDRESS: refusal("opted_out")})))
        else:
            made[one] = _new(one, wish, origin)
            outcomes.append(Outcome(one, made[one]))
    _write(made.values())
    return outcomes


def _judged(wish: Wish, rule: Any) -> str | ValidationError:
    try:
        address: str = rule(wish.address)
    except ValidationError as refused:
        return ValidationError({ADDRESS: refused})
    try:
        REMARK.run_validators(wish.remark)
    except ValidationError as refused:
        return ValidationError({"remark": refused})
    try:
        _require_possible(wish.valid_until)
    except ValidationError as refused:
        return refused
    return address


def _new(address: str, wish: Wish, origin: Origin) -> OptOut:
    return OptOut(
        medium=origin.medium,
        address=address,
        remark=wish.remark,
        source=origin.source,
        valid_until=wish.valid_until or origin.valid_until,
        created_by=origin.user,
    )


def _write(opt_outs: Iterable[OptOut]) -> None:
    """One statement, by the unique key: two who add the same address at once do not collide, and one whose time
    is over begins anew. In the order of addresses, so that two who add many of the same cannot deadlock.
    """
    OptOut.objects.bulk_create(
        sorted(opt_outs, key=lambda one: one.address),
        update_conflicts=True,
        unique_fields=["tenant", "medium", "address"],
        update_fields=["remark", "source", "valid_until", "created_by", "created_at"],
    )


def _require_possible(valid_until: datetime | None) -> None:
    if valid_until and valid_until <= timezone.now():
        raise ValidationError({"valid_until": refusal("opt_out_over")})
    if valid_until and not is_kept(valid_until):
        raise ValidationError({"valid_until": refusal("opt_out_far")})


def _medium_name(medium: str) -> Any:
    return OptOut(medium=medium).get_medium_display()
