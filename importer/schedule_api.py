"""REST: scheduled imports of a task, and the imports that wait for approval."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from marketing.models import MarketingTask
from marketing.serializers import NoQuery
from tenants.refusals import refusal, renaming
from tenants.rest import TenantView

from . import approval, jobs, schedules
from .models import ImportBatch
from .schedule_models import ScheduledImport
from .schedule_serializers import ScheduledImportSerializer
from .serializers import ImportSerializer

REST_NAMES = {"rule": "mapping_rule"}  # of the fields in a refusal


class SchedulesView(TenantView):
    """Base of what is about scheduled imports."""

    resource = "imports"
    tag = "scheduled imports"

    def task(self, task_id: UUID) -> MarketingTask:
        """Return one of the tenant's tasks, or raise Http404."""
        return get_object_or_404(self.tenant.marketing_tasks, pk=task_id)

    def found(self, task_id: UUID) -> QuerySet[ScheduledImport]:
        """Return the scheduled imports of a task, or raise Http404."""
        return self.task(task_id).scheduled_imports.select_related("tenant", "task")

    def schedule(self, task_id: UUID, schedule_id: UUID) -> ScheduledImport:
        """Return one of them, or raise Http404."""
        return get_object_or_404(self.found(task_id), pk=schedule_id)

    def save(self, schedule: ScheduledImport, values: dict[str, Any]) -> ScheduledImport:
        """Give `schedule` the values of a body; ValidationError (server_unknown, rule_unknown): not the tenant's."""
        rows: dict[str, tuple[str, Any, str]] = {
            "file_server_id": ("file_server", self.tenant.file_servers, "server_unknown"),
            "rule_id": ("rule", self.tenant.mapping_rules, "rule_unknown"),
        }
        for key, (name, owned, code) in rows.items():
            if (row_id := values.pop(key, None)) is not None:
                values[name] = owned.filter(pk=row_id).first()
                if values[name] is None:
                    raise ValidationError({REST_NAMES.get(name, name): refusal(code)})
        with renaming(REST_NAMES):
            return schedules.save(schedule, values)


class ScheduleList(SchedulesView):
    @extend_schema(responses=ScheduledImportSerializer(many=True))
    def get(self, request: Request, task_id: UUID) -> Response:
        """List the scheduled imports of a task, the latest first."""
        self.query(NoQuery)
        return self.page(self.found(task_id), ScheduledImportSerializer)

    @extend_schema(request=ScheduledImportSerializer, responses={201: ScheduledImportSerializer})
    def post(self, request: Request, task_id: UUID) -> Response:
        """Create a scheduled import. Its first run is at its next time."""
        schedule = ScheduledImport(tenant=self.tenant, task=self.task(task_id))
        self.save(schedule, self.body(ScheduledImportSerializer))
        return self.made(schedule, ScheduledImportSerializer, "api-scheduled-import", task_id, schedule.pk)


class ScheduleDetail(SchedulesView):
    @extend_schema(responses=ScheduledImportSerializer)
    def get(self, request: Request, task_id: UUID, schedule_id: UUID) -> Response:
        """Read a scheduled import: when it runs next, and what became of the last run."""
        return Response(self.shown(ScheduledImportSerializer, self.schedule(task_id, schedule_id)))

    @extend_schema(request=ScheduledImportSerializer, responses=ScheduledImportSerializer)
    def patch(self, request: Request, task_id: UUID, schedule_id: UUID) -> Response:
        """Change a scheduled import, or switch it off and on with `is_active`. Its next run is reckoned anew."""
        schedule = self.schedule(task_id, schedule_id)
        self.save(schedule, self.body(ScheduledImportSerializer, partial=True))
        return Response(self.shown(ScheduledImportSerializer, schedule))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, task_id: UUID, schedule_id: UUID) -> Response:
        """Delete a scheduled import. What it brought stays."""
        schedules.delete(self.schedule(task_id, schedule_id))
        return Response(status=204)


class ScheduleRun(SchedulesView):
    @extend_schema(request=None, responses={202: ScheduledImportSerializer})
    def post(self, request: Request, task_id: UUID, schedule_id: UUID) -> Response:
        """Run a scheduled import now, also one that is switched off."""
        schedule = self.schedule(task_id, schedule_id)
        schedules.want_now(schedule)
        jobs.enqueue_scheduled(self.tenant.pk, schedule.pk)
        schedule.refresh_from_db(fields=["wanted_at"])
        return Response(self.shown(ScheduledImportSerializer, schedule), status=202)


class DecisionView(TenantView):
    """Base of the decisions on an import that is held."""

    resource = "imports"
    tag = "imports"

    def decided(self, batch_id: UUID, decide: Callable[[ImportBatch], None]) -> ImportBatch:
        """Decide on one of the tenant's imports, or raise Http404, or ValidationError (not_held)."""
        batch = get_object_or_404(self.tenant.imports.select_related("task"), pk=batch_id)
        decide(batch)
        return batch


class ImportApprove(DecisionView):
    @extend_schema(request=None, responses=ImportSerializer)
    def post(self, request: Request, batch_id: UUID) -> Response:
        """Let an import that waits for approval go on."""
        batch = self.decided(batch_id, approval.approve)
        jobs.enqueue(batch)
        return Response(self.shown(ImportSerializer, batch))


class ImportDiscard(DecisionView):
    @extend_schema(request=None, responses=ImportSerializer)
    def post(self, request: Request, batch_id: UUID) -> Response:
        """End an import that waits for approval. Its content is not taken again."""
        return Response(self.shown(ImportSerializer, self.decided(batch_id, approval.discard)))
