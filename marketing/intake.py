"""THE DOOR: a recipient enters, changes and leaves a task here and nowhere else.

Every function takes the task from `lock`, in the caller's transaction, so that the task's state, its
`recipient_count` and its rows can never disagree.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.callers import actor
from tenants.operation_log import declare_actions, record
from tenants.refusals import declare, refusal

from .models import MarketingTask, OptOut, Recipient
from .rules import Draft, Rules
from .staging import lines_of, stage
from .states import EDITABLE, TaskState, TaskType
from .variables import ADDRESS

declare(
    {
        "task_state": _(
            "Recipients can be changed in Draft and Suspended only; this task is %(state)s. Suspend it first."
        ),
        "task_state.completed": _("This task is Completed; its recipients cannot be changed any more."),
        "care_task": _("A Care task takes its recipients from SmartCare alone."),
        "duplicate": _("This address is already in the task."),
        "duplicate.source": _("This address stood earlier in the source, in row %(row)s."),
        "suppressed": _("This address is on the opt-out list."),
        "recipient_changed": _(
            "Somebody else changed this recipient meanwhile; nothing of yours was saved. Open it again to see it."
        ),
        "recipient_gone": _("Somebody else deleted this recipient meanwhile."),
    }
)

declare_actions(
    {
        "recipient.add": _("Add recipient"),
        "recipient.edit": _("Edit recipient"),
        "recipient.delete": _("Delete recipients"),
    }
)

COLUMNS = {"row": "int", "address": 'text COLLATE "C"', "variables": "jsonb"}
# A subquery for each address, and arrays, not joins: the planner then always takes the unique index.
TAKE_OUT_SUPPRESSED = """
    DELETE FROM incoming_recipient AS incoming
    WHERE (SELECT true FROM marketing_optout WHERE medium = %s AND address = incoming.address
           AND (valid_until IS NULL OR valid_until > clock_timestamp())) RETURNING row"""
REMOVE_SUPPRESSED = """
    DELETE FROM marketing_recipient AS recipient USING marketing_optout AS opt_out
    WHERE recipient.task_id = %s AND opt_out.medium = %s AND opt_out.address = recipient.address
      AND (opt_out.valid_until IS NULL OR opt_out.valid_until > clock_timestamp())"""
INSERT_THE_NEW = """
    WITH created AS (
        INSERT INTO marketing_recipient (task_id, address, variables, origin, origin_row, added_by_id)
        SELECT %s, address, variables, %s, row, %s FROM incoming_recipient ORDER BY address, row
        ON CONFLICT (tenant_id, task_id, address) DO NOTHING RETURNING origin_row)
    SELECT row, address FROM incoming_recipient WHERE row NOT IN (SELECT origin_row FROM created)"""
# What it came from is no condition, or the planner might go through all rows of an import instead of a few addresses.
HOLDERS = """
    SELECT address, CASE WHEN origin = %s THEN origin_row END FROM marketing_recipient
    WHERE task_id = %s AND address = ANY(%s)"""


class Incoming(NamedTuple):
    """Drafts on their way in, as the lines of COPY that a process may have made that has no database."""

    rows: int
    lines: bytes

    @classmethod
    def of(cls, drafts: Mapping[int, Draft]) -> "Incoming":
        """Return `drafts` by the number of the row that each came from (as a spreadsheet program shows it)."""
        return cls(len(drafts), lines_of((row, draft.address, draft.values) for row, draft in drafts.items()))


class Admitted(NamedTuple):
    """How many became recipients; `refused` are {row: ValidationError} with code duplicate or suppressed."""

    created: int
    refused: dict[int, ValidationError]


@contextmanager
def lock(task_id: UUID) -> Iterator[MarketingTask]:
    """Open a transaction that holds the task: its state cannot move and nobody else changes its recipients.

    Http404: somebody deleted it meanwhile. Whoever locks an import too locks the task first.
    """
    with transaction.atomic():
        task = MarketingTask.objects.select_for_update(no_key=True).filter(pk=task_id).first()
        if task is None:
            raise Http404
        yield task


@contextmanager
def lock_for(task_id: UUID, rules: Rules) -> Iterator[MarketingTask]:
    """As `lock`, for what `rules` have judged; ValidationError (task_changed): it does not fit the task any more."""
    with lock(task_id) as task:
        if refused := rules.why_unfit(task):
            raise refused
        yield task


def why_not(task: MarketingTask, *, collected: bool = False) -> ValidationError | None:
    """Return why `task` takes no recipients now, or None. `collected`: they come from SmartCare.

    Source: guide 2025-01-23, "Importing Marketing Data in Batches", step 2.
    """
    if collected != (task.task_type == TaskType.CARE):
        return refusal("care_task")
    return None if collected and task.state != TaskState.COMPLETED else why_fixed(task)


def why_fixed(task: MarketingTask) -> ValidationError | None:
    """Return why recipients of `task` can neither be changed nor deleted now, or None."""
    if task.state == TaskState.COMPLETED:
        return refusal("task_state.completed")
    if task.state in EDITABLE or task.task_type == TaskType.CARE:
        return None
    return refusal("task_state", state=task.get_state_display())


def require_open(task: MarketingTask, *, collected: bool = False) -> None:
    """Raise ValidationError (task_state, care_task) unless `task` takes recipients now."""
    if refused := why_not(task, collected=collected):
        raise refused


def admit(task: MarketingTask, draft: Draft) -> Recipient:
    """Add one recipient, brought by a person or REST; ValidationError keyed by "address": duplicate, suppressed."""
    require_open(task)
    _require_not_opted_out(task, draft.address)
    defaults = {"variables": draft.values, "added_by_id": actor().user_id}
    recipient, is_new = task.recipients.get_or_create(address=draft.address, defaults=defaults)
    if not is_new:
        raise ValidationError({ADDRESS: refusal("duplicate")})
    _count(task, 1)
    record("recipient.add", task, recipient=recipient.pk)
    return recipient


def admit_many(task: MarketingTask, incoming: Incoming, *, origin: UUID | None, collected: bool = False) -> Admitted:
    """Add many recipients in a few statements, whatever their number; the first row of an address wins.

    `origin`: the import, or SmartCare's day if they are `collected`; None: whoever acts now adds them.
    """
    require_open(task, collected=collected)
    with connection.cursor() as cursor:
        stage(cursor, "incoming_recipient", COLUMNS, incoming.lines)
        cursor.execute(TAKE_OUT_SUPPRESSED, [task.medium])
        refused = {row: refusal("suppressed") for (row,) in cursor}
        # In the order of addresses, so that two imports cannot deadlock.
        cursor.execute(INSERT_THE_NEW, [task.pk, origin, None if origin else actor().user_id])
        duplicates = dict(cursor.fetchall())
    if duplicates:
        refused |= _duplicates(task, duplicates, origin)
    created = incoming.rows - len(refused)
    _count(task, created)
    return Admitted(created, refused)


def change(task: MarketingTask, recipient: Recipient, draft: Draft) -> None:
    """Give `recipient` another address and other values; ValidationError as in `admit`.

    Its `changed_at` is the moment that was seen: recipient_changed and recipient_gone, if somebody was quicker.
    """
    _require_changeable(task)
    _require_as_seen(task, recipient)
    if draft.address != recipient.address:
        _require_not_opted_out(task, draft.address)
        if task.recipients.filter(address=draft.address).exists():
            raise ValidationError({ADDRESS: refusal("duplicate")})
    record("recipient.edit", task, recipient=recipient.pk, changed=_changed(recipient, draft))
    recipient.address, recipient.variables, recipient.changed_at = draft.address, draft.values, timezone.now()
    recipient.save(update_fields=["address", "variables", "changed_at"])


def remove(task: MarketingTask, chosen: QuerySet[Recipient]) -> int:
    """Delete the `chosen` recipients of `task` in one statement; return how many there were."""
    _require_changeable(task)
    deleted, _by_model = chosen.filter(task=task).delete()
    _count(task, -deleted)
    record("recipient.delete", task, recipients=deleted)
    return deleted


def remove_suppressed(task: MarketingTask) -> int:
    """Delete the recipients of `task` who opted out since they came in; return how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(REMOVE_SUPPRESSED, [task.pk, task.medium])
        removed = cursor.rowcount
    if removed:
        _count(task, -removed)
    return removed


def in_force(opt_outs: QuerySet[OptOut]) -> QuerySet[OptOut]:
    """Return those that hold now; TAKE_OUT_SUPPRESSED and REMOVE_SUPPRESSED say the same."""
    return opt_outs.filter(Q(valid_until=None) | Q(valid_until__gt=Now()))


def _require_changeable(task: MarketingTask) -> None:
    if refused := why_fixed(task):
        raise refused


def _require_as_seen(task: MarketingTask, recipient: Recipient) -> None:
    """Nobody changes a recipient while the task is held, so what is found here stays."""
    stored = task.recipients.filter(pk=recipient.pk).values_list("changed_at", flat=True)
    if not stored:
        raise refusal("recipient_gone")
    if stored[0] != recipient.changed_at:
        raise refusal("recipient_changed")


def _require_not_opted_out(task: MarketingTask, address: str) -> None:
    if in_force(OptOut.objects.filter(medium=task.medium, address=address)).exists():
        raise ValidationError({ADDRESS: refusal("suppressed")})


def _changed(recipient: Recipient, draft: Draft) -> list[str]:
    """Return the names of what is not as it was; the values are nobody's who reads the log."""
    names = [name for name in draft.values if draft.values[name] != recipient.variables.get(name)]
    return [ADDRESS, *names] if draft.address != recipient.address else names


def _duplicates(
    task: MarketingTask, address_by_row: Mapping[int, str], origin: UUID | None
) -> dict[int, ValidationError]:
    """Say of each row that was not new who holds its address: the same source, or the task before it."""
    with connection.cursor() as cursor:
        cursor.execute(HOLDERS, [origin, task.pk, list(set(address_by_row.values()))])
        row_by_address = dict(cursor.fetchall())
    return {row: _duplicate(row_by_address.get(address)) for row, address in address_by_row.items()}


def _duplicate(earlier_row: int | None) -> ValidationError:
    return refusal("duplicate") if earlier_row is None else refusal("duplicate.source", row=earlier_row)


def _count(task: MarketingTask, change_of: int) -> None:
    MarketingTask.objects.filter(pk=task.pk).update(recipient_count=F("recipient_count") + change_of)
    task.recipient_count += change_of
