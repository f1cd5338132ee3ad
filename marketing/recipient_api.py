"""REST: the recipients of a task, one by one and up to 1,000 at once."""

from collections import Counter
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.parameters import parameters_of
from tenants.rest import TenantView

from . import intake
from .batches import RowOutcome, admit_rows, draft_of
from .models import MarketingTask, Recipient
from .rules import Rules
from .search import ALL, find
from .serializers import BatchAnswer, Chosen, DeletedAnswer, RecipientBatch, RecipientQuery, RecipientSerializer
from .tasks import require_possible
from .variables import ADDRESS


class RecipientsView(TenantView):
    """Base of what is about the recipients of one task."""

    resource = "recipients"
    tag = "recipients"
    ordering = ("-id",)
    query_kind = RecipientQuery

    def task(self, task_id: UUID) -> MarketingTask:
        """Return the task with its template, or raise Http404."""
        tasks = self.tenant.marketing_tasks.select_related("template")
        return get_object_or_404(tasks, pk=task_id)

    def found(self, task: MarketingTask) -> QuerySet[Recipient]:
        """Return those recipients of `task` that the filters of the address let through, as the page finds them."""
        search = self.asked(self.query_kind).search(self.caller)
        return find(task, search, area_code=parameters_of(self.tenant)["international_area_code"]).all()


class RecipientList(RecipientsView):
    @extend_schema(parameters=[RecipientQuery], responses=RecipientSerializer(many=True))
    def get(self, request: Request, task_id: UUID) -> Response:
        """List the recipients, the latest first."""
        found = self.found(self.task(task_id)).filter(ALL)
        return self.page(found.select_related("added_by"), RecipientSerializer)

    @extend_schema(request=RecipientSerializer, responses={201: RecipientSerializer})
    def post(self, request: Request, task_id: UUID) -> Response:
        """Add one recipient. `errors` is keyed by "address" and by the names of variables."""
        task = self.task(task_id)
        require_possible("add", task, self.caller)
        body = self.body(RecipientSerializer)
        rules = Rules.of(task)
        draft = draft_of(rules, body[ADDRESS], body.get("variables", {}))
        with intake.lock_for(task.pk, rules) as locked:
            recipient = intake.admit(locked, draft)
        return self.made(recipient, RecipientSerializer, "api-recipient", task.pk, recipient.pk)


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


class RecipientsDelete(RecipientsView):
    @extend_schema(request=Chosen, responses=DeletedAnswer)
    def post(self, request: Request, task_id: UUID) -> Response:
        """Delete several recipients at once."""
        task, ids = self.task(task_id), self.body(Chosen)["ids"]
        with intake.lock(task.pk) as locked:
            return Response({"deleted": intake.remove(locked, task.recipients.filter(pk__in=ids))})


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
