"""Outbound Call > Opt-out List: search, add, delete one or several."""

from typing import Any

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

from marketing import opt_outs
from marketing.models import OptOut
from marketing.opt_out_forms import OptOutForm, OptOutSearchForm
from tenants.access import TenantRequest, tenant_administrator, tenant_member
from tenants.paging import page_of
from tenants.questions import Question, answer, is_confirmed, ticked

EXAMPLES = 3  # of the addresses that a question is about


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@tenant_member
def opt_out_list(request: TenantRequest) -> HttpResponse:
    """Show the list. A search is posted, so that no digit stands in an address bar or a log."""
    form = _search(request)
    found = form.narrow(request.tenant.opt_outs.select_related("created_by"), request.tenant)
    page = page_of(found, order=("-id",), cursor=form.data.get("cursor", ""))
    total = request.tenant.opt_outs.count()
    context = {
        "form": form,
        "page": page,
        "rows": page.rows,
        "total": total,
        "found_count": found.count() if form.is_narrowing() else total,
        "may_change": request.user.is_tenant_administrator,
    }
    return render(request, "marketing/opt_outs.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@tenant_administrator
def opt_out_add(request: TenantRequest) -> HttpResponse:
    """Show the form, in the drawer or as a page; once added, the list, or the form for another of the same medium."""
    form = OptOutForm(request.POST or None, initial={"medium": request.GET.get("medium", "")})
    if form.is_valid() and _is_added(request, form):
        messages.success(request, _("The address is on the opt-out list."))
        return _after_adding(request, form.cleaned_data["medium"])
    return _form_page(request, form)


@require_http_methods(["GET", "POST"])
@tenant_administrator
def opt_out_delete(request: TenantRequest, opt_out_id: int) -> HttpResponse:
    chosen = request.tenant.opt_outs.filter(pk=get_object_or_404(request.tenant.opt_outs, pk=opt_out_id).pk)
    return _delete(request, chosen, carried=[])


@require_POST
@tenant_administrator
def opt_outs_delete(request: TenantRequest) -> HttpResponse:
    """Ask about, then delete, the addresses that were ticked, or all that the search found."""
    if request.POST.get("all_found"):
        chosen = _search(request).narrow(request.tenant.opt_outs.all(), request.tenant)
        names = ("all_found", "text", "medium")
        return _delete(request, chosen, [(name, request.POST.get(name, "")) for name in names])
    keys = ticked(request)
    return _delete(request, request.tenant.opt_outs.filter(pk__in=keys), [("recipient", key) for key in keys])


def _search(request: TenantRequest) -> OptOutSearchForm:
    return OptOutSearchForm(request.POST if request.method == "POST" else {}, user=request.user)


def _form_page(request: TenantRequest, form: OptOutForm) -> HttpResponse:
    template = "_components/drawer.html" if request.htmx else "marketing/opt_out_form.html"
    context = {
        "form": form,
        "fields": "_components/form_fields.html",
        "title": _("Add an opt-out"),
        "is_new": True,
        "action": request.path,
    }
    return render(request, template, context)


def _after_adding(request: TenantRequest, medium: str) -> HttpResponse:
    if "add_another" not in request.POST:
        address = reverse("marketing:opt-outs")
        return HttpResponseClientRedirect(address) if request.htmx else redirect(address)
    if request.htmx:
        return _form_page(request, OptOutForm(initial={"medium": medium}))
    return redirect(reverse("marketing:opt-out-add", query={"medium": medium}))


def _is_added(request: TenantRequest, form: OptOutForm) -> bool:
    try:
        opt_outs.add(request.tenant, form.wish(), form.origin(request.user))
    except ValidationError as refused:
        form.add_refusal(refused)
    return not form.errors


def _delete(request: TenantRequest, chosen: QuerySet[OptOut], carried: list[tuple[str, str]]) -> HttpResponse:
    count = chosen.count()
    if not count:
        messages.info(request, _("No address was selected."))
        return redirect("marketing:opt-outs")
    if not (request.method == "POST" and is_confirmed(request, count)):
        return answer(request, _delete_question(request, chosen, count, carried))
    deleted = opt_outs.remove(chosen)
    said = ngettext(
        "%(count)s address is off the opt-out list.", "%(count)s addresses are off the opt-out list.", deleted
    )
    messages.success(request, said % {"count": f"{deleted:,}"})
    return redirect("marketing:opt-outs")


def _delete_question(request: TenantRequest, chosen: QuerySet[OptOut], count: int, carried: Any) -> Question:
    words = {"count": f"{count:,}"}
    return Question(
        title=ngettext("Delete %(count)s opt-out?", "Delete %(count)s opt-outs?", count) % words,
        text=_("Whoever is deleted here can be imported and written to again."),
        verb=ngettext("Delete %(count)s opt-out", "Delete %(count)s opt-outs", count) % words,
        keep=_("Keep"),
        action=request.path,
        back=reverse("marketing:opt-outs"),
        icon="trash",
        examples=list(chosen.order_by("-id").values_list("address", flat=True)[:EXAMPLES]),
        carried=carried,
        count=count,
    )
