"""A task's recipients as a file: what the search found, in the shape of the template, so that it can be imported."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from importer import downloads
from marketing.views.named import task_of
from marketing.views.searching import found_by, search_form
from tenants.access import TenantRequest, tenant_administrator


@sensitive_post_parameters()
@require_POST
@tenant_administrator
def recipients_export(request: TenantRequest, task_id: UUID, file_type: str) -> HttpResponseBase:
    task = task_of(request, task_id)
    if file_type not in downloads.FILE_TYPES:
        raise Http404
    try:
        return downloads.recipients_file(task, found_by(search_form(request, task), task).all(), file_type)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
        return redirect("marketing:recipients", task.pk)
