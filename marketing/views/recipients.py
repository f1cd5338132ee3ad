"""The pages of a task's recipients: search, one by one, delete several."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from marketing import intake
from marketing.channels import address_rule
from marketing.forms import RecipientForm, RecipientSearchForm
from marketing.models import MarketingTask, Recipient
from marketing.operations import operation
from marketing.tasks import refusal_of
from tenants.access import TenantRequest, tenant_administrator, tenant_member
from tenants.paging import page_of
from tenants.parameters import number_policy
from tenants.questions import Question, answer, is_confirmed

EXAMPLES = 3  # of the recipients that a question is about


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@tenant_member
def recipient_list(request: TenantRequest, task_id: UUID) -> HttpResponse:
    """Show the recipients. A search is posted, so that no digit stands in an address bar or a log."""
    task = _task(request, task_id)
    form = _search(request, task)
    found = form.narrow(task.recipients.all(), request.tenant)
    page = page_of(found, order=("-id",), cursor=form.data.get("cursor", ""))
    context = _task_context(request, task) | {
        "form": form,
        "page": page,
        "found_count": found.count() if form.is_narrowing() else task.recipient_count,
        "variables": task.template.variable_list(),
        "rows": _rows(task, page.rows),
        "change_refusal": _first(refusal_of("change", task, request.user)),
    }
    return render(request, "marketing/recipients.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@tenant_administrator
def recipient_add(request: TenantRequest, task_id: UUID) -> HttpResponse:
    task = _task(request, task_id)
    if refused := refusal_of("add", task, request.user):
        return _refused(request, task, refused)
    form = RecipientForm(request.POST or None, task=task)
    if form.is_valid() and _admitted(task, form):
        messages.success(request, _("The recipient is added."))
        return _after_saving(request, task)
    return _form_page(request, task, form, title=_("Add a recipient"))


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@tenant_administrator
def recipient_edit(request: TenantRequest, task_id: UUID, recipient_id: int) -> HttpResponse:
    task = _task(request, task_id)
    recipient = get_object_or_404(task.recipients, pk=recipient_id)
    if refused := refusal_of("change", task, request.user):
        return _refused(request, task, refused)
    form = RecipientForm(request.POST, task=task) if request.method == "POST" else RecipientForm.of(recipient, task)
    if form.is_valid() and _changed(task, recipient, form):
        messages.success(request, _("The recipient is saved."))
        return _after_saving(request, task)
    return _form_page(request, task, form, title=_("Edit a recipient"), recipient=recipient)


@sensitive_post_parameters()
@require_POST
@tenant_administrator
def address_judge(request: TenantRequest, task_id: UUID) -> HttpResponse:
    """Say how an address will be stored, or why it will not, while it is typed."""
    task = _task(request, task_id)
    context = {"typed": request.POST.get("address", "").strip()}
    try:
        context["stored"] = address_rule(task.medium, number_policy(request.tenant))(context["typed"])
    except ValidationError as refused:
        context["refused"] = refused.messages[0]
    return render(request, "marketing/_address_judged.html", context)


@require_http_methods(["GET", "POST"])
@tenant_administrator
def recipient_delete(request: TenantRequest, task_id: UUID, recipient_id: int) -> HttpResponse:
    task = _task(request, task_id)
    chosen = task.recipients.filter(pk=get_object_or_404(task.recipients, pk=recipient_id).pk)
    return _delete(request, task, chosen, carried=[])


@require_POST
@tenant_administrator
def recipients_delete(request: TenantRequest, task_id: UUID) -> HttpResponse:
    """Ask about, then delete, the recipients that were ticked, or all that the search found."""
    task = _task(request, task_id)
    if request.POST.get("all_found"):
        chosen = _search(request, task).narrow(task.recipients.all(), request.tenant)
        names = ("all_found", "how", "text", "origin")
        return _delete(request, task, chosen, [(name, request.POST.get(name, "")) for name in names])
    ids = [pk for pk in request.POST.getlist("recipient") if pk.isdecimal()]
    return _delete(request, task, task.recipients.filter(pk__in=ids), [("recipient", pk) for pk in ids])


def _delete(
    request: TenantRequest, task: MarketingTask, chosen: QuerySet[Recipient], carried: list[tuple[str, str]]
) -> HttpResponse:
    if refused := refusal_of("change", task, request.user):
        return _refused(request, task, refused)
    count = chosen.count()
    if not count:
        messages.info(request, _("No recipient was selected."))
        return redirect("marketing:recipients", task.pk)
    if request.method != "POST" or not is_confirmed(request, count):
        return answer(request, _delete_question(request, task, chosen, count, carried))
    with intake.lock(task.pk) as locked:
        deleted = intake.remove(locked, list(chosen.values_list("pk", flat=True)))
    said = ngettext("%(count)s recipient is deleted.", "%(count)s recipients are deleted.", deleted)
    messages.success(request, said % {"count": f"{deleted:,}"})
    return redirect("marketing:recipients", task.pk)


def _delete_question(
    request: TenantRequest,
    task: MarketingTask,
    chosen: QuerySet[Recipient],
    count: int,
    carried: list[tuple[str, str]],
) -> Question:
    words = {"count": f"{count:,}", "task": task.name}
    first_names = [variable.name for variable in task.template.variable_list()[:1]]
    examples = [
        ", ".join([one.address, *(one.variables.get(name, "") for name in first_names)])
        for one in chosen.order_by("-id")[:EXAMPLES]
    ]
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
        back=reverse("marketing:recipients", args=[task.pk]),
        icon="trash",
        examples=examples,
        carried=carried,
        count=count,
    )


def _task(request: TenantRequest, task_id: UUID) -> MarketingTask:
    return get_object_or_404(request.tenant.marketing_tasks.select_related("template"), pk=task_id)


def _search(request: TenantRequest, task: MarketingTask) -> RecipientSearchForm:
    origins = [
        (str(pk), _("Import %(number)s") % {"number": number})
        for pk, number in task.imports.order_by("-number").values_list("pk", "number")
    ]
    data = request.POST if request.method == "POST" else request.GET.dict() | {"text": ""}
    return RecipientSearchForm(data, origins=origins, user=request.user)


def _task_context(request: TenantRequest, task: MarketingTask) -> dict[str, Any]:
    return {
        "task": task,
        "import_count": task.imports.count(),
        "add_operation": operation("add", task, request.user),
        "import_operation": operation("import", task, request.user),
    }


def _rows(task: MarketingTask, recipients: list[Recipient]) -> list[dict[str, Any]]:
    """Return each recipient with its values in the template's order, and the import that brought it."""
    numbers = dict(task.imports.filter(pk__in={r.origin for r in recipients if r.origin}).values_list("pk", "number"))
    variables = task.template.variable_list()
    return [
        {
            "recipient": recipient,
            "values": [(recipient.variables.get(name, ""), default) for name, default in variables],
            "import_number": numbers.get(recipient.origin) if recipient.origin else None,
        }
        for recipient in recipients
    ]


def _admitted(task: MarketingTask, form: RecipientForm) -> bool:
    try:
        with intake.lock(task.pk) as locked:
            intake.admit(locked, form.draft)
    except ValidationError as refused:
        form.add_refusal(refused)
    return not form.errors


def _changed(task: MarketingTask, recipient: Recipient, form: RecipientForm) -> bool:
    try:
        with intake.lock(task.pk) as locked:
            intake.change(locked, recipient, form.draft)
    except ValidationError as refused:
        form.add_refusal(refused)
    return not form.errors


def _form_page(
    request: TenantRequest, task: MarketingTask, form: RecipientForm, title: str, recipient: Recipient | None = None
) -> HttpResponse:
    template = "marketing/_recipient_drawer.html" if request.htmx else "marketing/recipient_form.html"
    context = {"task": task, "form": form, "title": title, "recipient": recipient, "action": request.path}
    return render(request, template, context)


def _after_saving(request: TenantRequest, task: MarketingTask) -> HttpResponse:
    name = "marketing:recipient-add" if "add_another" in request.POST else "marketing:recipients"
    if request.htmx and name == "marketing:recipient-add":
        return _form_page(request, task, RecipientForm(task=task), title=_("Add a recipient"))
    address = reverse(name, args=[task.pk])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def _refused(request: TenantRequest, task: MarketingTask, refused: ValidationError) -> HttpResponse:
    messages.error(request, refused.messages[0])
    address = reverse("marketing:recipients", args=[task.pk])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def _first(refused: ValidationError | None) -> str:
    return refused.messages[0] if refused else ""
