"""What the address of a page names."""

from uuid import UUID

from django.shortcuts import get_object_or_404

from marketing.models import MarketingTask
from tenants.access import TenantRequest


def task_of(request: TenantRequest, task_id: UUID) -> MarketingTask:
    """Return the task with its template, or raise Http404."""
    return get_object_or_404(request.tenant.marketing_tasks.select_related("template"), pk=task_id)
