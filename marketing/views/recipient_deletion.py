"""Deleting recipients on the pages: one, those that were ticked, or all that a search found."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from marketing import intake
from marketing.models import MarketingTask
from marketing.operations import view_name
from marketing.search import LATEST, Found
from marketing.tasks import refusal_of
from tenants.access import TenantRequest, tenant_administrator
from tenants.questions import Question, answer, is_confirmed, ticked

from .named import task_of
from .recipients import gone, refused_page
from .searching import FIELDS, found_by, search_form

EXAMPLES = 3  # of the recipients that a question is about
Carried = Sequence[tuple[str, str]]


@require_http_methods(["GET", "POST"])
@tenant_administrator
def recipient_delete(request: TenantRequest, task_id: UUID, recipient_id: int) -> HttpResponse:
    task = task_of(request, task_id)
    chosen = task.recipients.filter(pk=recipient_id)
    if not chosen:
        return gone(request, task)
    return _delete(request, task, Found(chosen, (), LATEST), carried=())


@sensitive_post_parameters()
@require_POST
@tenant_administrator
def recipients_delete(request: TenantRequest, task_id: UUID) -> HttpResponse:
    """Ask about, then delete, the recipients that were ticked, or all that the search found."""
    task = task_of(request, task_id)
    if request.POST.get("all_found"):
        found = found_by(search_form(request, task), task)
        return _delete(request, task, found, [(name, request.POST.get(name, "")) for name in ("all_found", *FIELDS)])
    keys = ticked(request)
    found = Found(task.recipients.filter(pk__in=keys), (), LATEST)
    return _delete(request, task, found, [("recipient", key) for key in keys])


def _delete(request: TenantRequest, task: MarketingTask, found: Found, carried: Carried) -> HttpResponse:
    if refused := refusal_of("change", task, request.user):
        return refused_page(request, task, refused)
    count = found.all().count()
    if not count:
        messages.info(request, _("No recipient was selected."))
        return redirect(view_name(task), task.pk)
    if request.method != "POST" or not is_confirmed(request, count):
        return answer(request, _question(request, task, found, count, carried))
    with intake.lock(task.pk) as locked:
        deleted = intake.remove(locked, found.all())
    said = ngettext("%(count)s recipient is deleted.", "%(count)s recipients are deleted.", deleted)
    messages.success(request, said % {"count": f"{deleted:,}"})
    return redirect(view_name(task), task.pk)


def _question(request: TenantRequest, task: MarketingTask, found: Found, count: int, carried: Carried) -> Question:
    words = {"count": f"{count:,}", "task": task.name}
    return Question(
        title=ngettext("Delete %(count)s recipient?", "Delete %(count)s recipients?", count) % words,
        text=ngettext(
            "It gets no message from “%(task)s”. This cannot be undone.",
            "They get no message from “%(task)s”. This cannot be undone.",
            count,
        )
        % words,
        verb=ngettext("Delete %(count)s recipient", "Delete %(count)s recipients", count) % words,
        keep=_("Keep"),
        action=request.path,
        back=reverse(view_name(task), args=[task.pk]),
        icon="trash",
        examples=_examples(task, found),
        carried=carried,
        count=count,
    )


def _examples(task: MarketingTask, found: Found) -> list[str]:
    """Return the addresses of the first few, each with its first value."""
    names = [variable.name for variable in task.template.variable_list()[:1]]
    return [", ".join([one.address, *(one.variables.get(name, "") for name in names)]) for one in found.first(EXAMPLES)]
