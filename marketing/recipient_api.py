"""REST: the recipients of a task, one by one and up to 1,000 at once."""

from collections import Counter
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.refusals import declare, refusal
from tenants.rest import TenantView

from . import intake
from .batches import RowOutcome, admit_rows, draft_of
from .models import MarketingTask, Recipient
from .rules import Rules
from .search import beginnings, ranges_of
from .serializers import BatchAnswer, RecipientBatch, RecipientQuery, RecipientSerializer
from .tasks import require_possible
from .variables import ADDRESS

declare({"address_hidden": _("Addresses are masked for you, so they cannot be searched.")})


class RecipientsView(TenantView):
    """Base of what is about the recipients of one task."""

    resource = "recipients"
    tag = "recipients"
    ordering = ("-id",)

    def task(self, task_id: UUID) -> MarketingTask:
        """Return the task with its template, or raise Http404."""
        tasks = self.tenant.marketing_tasks.select_related("template")
        return get_object_or_404(tasks, pk=task_id)


class RecipientList(RecipientsView):
    @extend_schema(parameters=[RecipientQuery], responses=RecipientSerializer(many=True))
    def get(self, request: Request, task_id: UUID) -> Response:
        """List the recipients, the latest first."""
        found = self._narrowed(self.task(task_id), self.query(RecipientQuery))
        return self.page(found, RecipientSerializer)

    @extend_schema(request=RecipientSerializer, responses={201: RecipientSerializer})
    def post(self, request: Request, task_id: UUID) -> Response:
        """Add one recipient. `errors` is keyed by "address" and by the names of variables."""
        task = self.task(task_id)
        require_possible("add", task, self.caller)
        body = self.body(RecipientSerializer)
        draft = draft_of(Rules.of(task), body[ADDRESS], body.get("variables", {}))
        with intake.lock(task.pk) as locked:
            recipient = intake.admit(locked, draft)
        return self.made(recipient, RecipientSerializer, "api-recipient", task.pk, recipient.pk)

    def _narrowed(self, task: MarketingTask, chosen: dict[str, Any]) -> QuerySet[Recipient]:
        found = task.recipients.all()
        if chosen.get("address"):
            if not self.caller.sees_full_addresses:  # or the masked digits could be found out one by one
                raise ValidationError({"address": refusal("address_hidden")})
            begin = chosen["address"].strip().lower().lstrip("+")  # "+" becomes a blank in a careless query
            found = found.filter(reduce(or_, ranges_of(beginnings(begin))))
        return found.filter(origin=chosen["origin"]) if "origin" in chosen else found


class RecipientDetail(RecipientsView):
    @extend_schema(responses=RecipientSerializer)
    def get(self, request: Request, task_id: UUID, recipient_id: int) -> Response:
        """Read a recipient."""
        recipient = get_object_or_404(self.task(task_id).recipients, pk=recipient_id)
        return Response(self.shown(RecipientSerializer, recipient))

    @extend_schema(request=RecipientSerializer, responses=RecipientSerializer)
    def patch(self, request: Request, task_id: UUID, recipient_id: int) -> Response:
        """Change the address or some of the values; what is not named stays."""
        task = self.task(task_id)
        with intake.lock(task.pk) as locked:
            recipient = get_object_or_404(task.recipients, pk=recipient_id)
            body = self.body(RecipientSerializer, partial=True)
            values = recipient.variables | body.get("variables", {})
            draft = draft_of(Rules.of(task), body.get(ADDRESS, recipient.address), values)
            intake.change(locked, recipient, draft)
        return Response(self.shown(RecipientSerializer, recipient))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, task_id: UUID, recipient_id: int) -> Response:
        """Delete a recipient."""
        task = self.task(task_id)
        recipient = get_object_or_404(task.recipients, pk=recipient_id)
        with intake.lock(task.pk) as locked:
            intake.remove(locked, task.recipients.filter(pk=recipient.pk))
        return Response(status=204)


class RecipientBatchView(RecipientsView):
    @extend_schema(request=RecipientBatch, responses=BatchAnswer)
    def post(self, request: Request, task_id: UUID) -> Response:
        """Add up to 1,000 recipients; one that is refused does not hinder the others."""
        task = self.task(task_id)
        require_possible("add", task, self.caller)
        sent = self.body(RecipientBatch)["recipients"]
        outcomes = admit_rows(task, [(row[ADDRESS], row.get("variables", {})) for row in sent])
        counted = Counter(one.outcome for one in outcomes)
        counts = {name: counted[name] for name in ("created", "duplicate", "failed", "suppressed")}
        results = [_shown(index, one) for index, one in enumerate(outcomes)]
        return Response({"counts": {"total": len(outcomes)} | counts, "results": results})


def _shown(index: int, row: RowOutcome) -> dict[str, Any]:
    errors = _errors(row.refused) if row.refused else {}
    first: dict[str, Any] = next(iter(errors.values()))[0] if errors else {"code": None, "detail": None}
    shown = {"index": index, "outcome": row.outcome, "id": row.recipient_id, "address": row.address}
    return shown | first | {"errors": errors}


def _errors(refused: ValidationError) -> dict[str, list[dict[str, str]]]:
    by_name = refused.error_dict if hasattr(refused, "error_dict") else {ADDRESS: refused.error_list}
    return {
        name: [{"code": str(fault.code), "detail": fault.messages[0]} for fault in faults]
        for name, faults in by_name.items()
    }
