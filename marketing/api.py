"""REST: marketing tasks and message templates."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.refusals import refusal
from tenants.rest import TenantView

from . import saving, tasks
from .filters import narrowed_tasks, narrowed_templates
from .models import MarketingTask, MessageTemplate
from .schedule import period
from .serializers import MarketingTaskSerializer, MessageTemplateSerializer, TaskQuery, TemplateQuery


class TasksView(TenantView):
    """Base of what is about tasks."""

    resource = "tasks"
    tag = "marketing tasks"

    def tasks(self) -> QuerySet[MarketingTask]:
        """Return the tenant's tasks, each with its template."""
        return self.tenant.marketing_tasks.select_related("template")

    def task(self, task_id: UUID) -> MarketingTask:
        """Return one of them, or raise Http404."""
        return get_object_or_404(self.tasks(), pk=task_id)

    def fields(self, *, partial: bool) -> dict[str, Any]:
        """Return the body's values as the model takes them."""
        values = self.body(MarketingTaskSerializer, partial=partial)
        if "template_id" in values:
            values["template"] = self._template(values.pop("template_id"))
        return values

    def _template(self, template_id: UUID) -> MessageTemplate:
        found = self.tenant.message_templates.filter(pk=template_id).first()
        if found is None:
            raise ValidationError({"template": refusal("template_unknown")})
        return found


class TaskList(TasksView):
    @extend_schema(parameters=[TaskQuery], responses=MarketingTaskSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the tasks, the latest first."""
        return self.page(narrowed_tasks(self.tasks(), self.query(TaskQuery)), MarketingTaskSerializer)

    @extend_schema(request=MarketingTaskSerializer, responses={201: MarketingTaskSerializer})
    def post(self, request: Request) -> Response:
        """Create a task as a Draft."""
        task = MarketingTask(tenant=self.tenant, **self.fields(partial=False))
        task.begin_at, task.end_at = period(task.begin_at, task.end_at)
        saving.create_task(task, self.caller)
        return self.made(task, MarketingTaskSerializer, "api-task", task.pk)


class TaskDetail(TasksView):
    @extend_schema(responses=MarketingTaskSerializer)
    def get(self, request: Request, task_id: UUID) -> Response:
        """Read a task."""
        return Response(self.shown(MarketingTaskSerializer, self.task(task_id)))

    @extend_schema(request=MarketingTaskSerializer, responses=MarketingTaskSerializer)
    def patch(self, request: Request, task_id: UUID) -> Response:
        """Change a task in Draft or Suspended. With recipients, its medium and its variables must stay."""
        task = self.task(task_id)
        seen = saving.version_of(task)
        for name, value in self.fields(partial=True).items():
            setattr(task, name, value)
        saving.edit_task(task, self.caller, seen=seen)
        return Response(self.shown(MarketingTaskSerializer, task))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, task_id: UUID) -> Response:
        """Delete a task in Draft or Completed, with its recipients and imports."""
        tasks.delete(self.task(task_id), self.caller)
        return Response(status=204)


class TaskMove(TasksView):
    """One of the moves between states: publish, suspend, resume, complete."""

    action = ""

    @extend_schema(request=None, responses=MarketingTaskSerializer)
    def post(self, request: Request, task_id: UUID) -> Response:
        """Move the task to its next state."""
        task = self.task(task_id)
        tasks.move(task, self.action, self.caller)
        return Response(self.shown(MarketingTaskSerializer, task))


class TaskCopy(TasksView):
    @extend_schema(request=None, responses={201: MarketingTaskSerializer})
    def post(self, request: Request, task_id: UUID) -> Response:
        """Make a Draft like the task, without its recipients, under a free name."""
        made = tasks.copy(self.task(task_id), self.caller)
        return self.made(made, MarketingTaskSerializer, "api-task", made.pk)


class TemplatesView(TenantView):
    """Base of what is about message templates."""

    resource = "tasks"
    tag = "message templates"

    def template(self, template_id: UUID) -> MessageTemplate:
        """Return one of the tenant's templates, or raise Http404."""
        return get_object_or_404(self.tenant.message_templates, pk=template_id)

    def save(self, template: MessageTemplate, values: dict[str, Any]) -> MessageTemplate:
        """Give `template` the `values` of a body; defaults that are not named stay, if the variable does."""
        given = values.pop("variables", template.variables)
        for name, value in values.items():
            setattr(template, name, value)
        saving.save_template(template, {one["name"]: one["default"] for one in given})
        saving.require_in_text(template, [one["name"] for one in given if given is not template.variables])
        return template


class TemplateList(TemplatesView):
    @extend_schema(parameters=[TemplateQuery], responses=MessageTemplateSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the templates, the latest first."""
        found = narrowed_templates(self.tenant.message_templates.all(), self.query(TemplateQuery))
        return self.page(found, MessageTemplateSerializer)

    @extend_schema(request=MessageTemplateSerializer, responses={201: MessageTemplateSerializer})
    def post(self, request: Request) -> Response:
        """Create a template."""
        template = self.save(MessageTemplate(tenant=self.tenant), self.body(MessageTemplateSerializer))
        return self.made(template, MessageTemplateSerializer, "api-message-template", template.pk)


class TemplateDetail(TemplatesView):
    @extend_schema(responses=MessageTemplateSerializer)
    def get(self, request: Request, template_id: UUID) -> Response:
        """Read a template."""
        return Response(self.shown(MessageTemplateSerializer, self.template(template_id)))

    @extend_schema(request=MessageTemplateSerializer, responses=MessageTemplateSerializer)
    def patch(self, request: Request, template_id: UUID) -> Response:
        """Change a template. The variables must stay while tasks with recipients use it."""
        template = self.save(self.template(template_id), self.body(MessageTemplateSerializer, partial=True))
        return Response(self.shown(MessageTemplateSerializer, template))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, template_id: UUID) -> Response:
        """Delete a template that no task uses."""
        saving.delete_template(self.template(template_id))
        return Response(status=204)


class TemplateCopy(TemplatesView):
    @extend_schema(request=None, responses={201: MessageTemplateSerializer})
    def post(self, request: Request, template_id: UUID) -> Response:
        """Make a template like this one, under a free name."""
        made = saving.copy_template(self.template(template_id))
        return self.made(made, MessageTemplateSerializer, "api-message-template", made.pk)
