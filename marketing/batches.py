"""Many recipients in one request: each has an outcome of its own, those that pass are admitted together."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tenants.operation_log import declare_actions, record

from . import intake
from .intake import Incoming
from .models import MarketingTask
from .rules import Draft, Rules
from .variables import check_known

declare_actions({"recipient.batch": _("Add a batch of recipients")})


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row. `address`: as stored, or as it came where it failed; `recipient_id` if it was created."""

    address: str
    recipient_id: int | None
    refused: ValidationError | None

    @property
    def outcome(self) -> str:
        """Return created, duplicate, suppressed or failed."""
        if self.refused is None:
            return "created"
        code = getattr(self.refused, "code", None)
        return code if code in ("duplicate", "suppressed") else "failed"


def draft_of(rules: Rules, address: str, values: Mapping[str, Any]) -> Draft:
    """Judge a row that names its variables: unlike a file's column, one that the template lacks is refused."""
    faults: dict[str, Any] = {}
    draft = None
    try:
        draft = rules.check(address, values)
    except ValidationError as refused:
        faults.update(refused.error_dict)
    try:
        check_known(rules.variables, values)
    except ValidationError as refused:
        faults.update(refused.error_dict)
    if faults or draft is None:
        raise ValidationError(faults)
    return draft


def admit_rows(task: MarketingTask, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> list[RowOutcome]:
    """Admit those of `rows` (address, values) that pass the rules; return the outcomes in their order.

    ValidationError (task_state, care_task, task_changed) when the task takes nobody, or not these, now.
    """
    rules = Rules.of(task)
    drafts: dict[int, Draft] = {}
    refused: dict[int, ValidationError] = {}
    for index, (address, values) in enumerate(rows):
        try:
            drafts[index] = draft_of(rules, address, values)
        except ValidationError as error:
            refused[index] = error
    with intake.lock_for(task.pk, rules) as locked:
        refused |= intake.admit_many(locked, Incoming.of(drafts), origin=None).refused
        stored = {index: draft.address for index, draft in drafts.items()}
        ids = _ids(locked, [address for index, address in stored.items() if index not in refused])
        created = {index: ids[address] for index, address in stored.items() if index not in refused}
        outcomes = [
            RowOutcome(stored.get(index, address), created.get(index), refused.get(index))
            for index, (address, _values) in enumerate(rows)
        ]
        counts: dict[str, Any] = dict(Counter(one.outcome for one in outcomes))
        record("recipient.batch", locked, **counts)
    return outcomes


def _ids(task: MarketingTask, addresses: Sequence[str]) -> dict[str, int]:
    return dict(task.recipients.filter(address__in=addresses).values_list("address", "pk"))
