"""Call Center > Address Trustlist."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms.models import model_to_dict
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from aicc_console.administration.forms import TrustedAddressForm, TrustlistFilterForm
from tenants.access import system_administrator
from tenants.models import TrustedAddress
from tenants.paging import page_of
from tenants.questions import Question, answer
from tenants.trustlist import delete_trusted, save_trusted


@require_GET
@system_administrator
def trustlist(request: Any) -> HttpResponse:
    form = TrustlistFilterForm(request.GET)
    chosen = form.chosen()
    entries = TrustedAddress.objects.filter(**chosen)
    page = page_of(entries, order=("host", "port", "id"), cursor=request.GET.get("cursor", ""))
    count = entries.count()
    context = {
        "form": form,
        "is_filtered": bool(chosen),
        "entries": page.rows,
        "text": ngettext("%(count)s address", "%(count)s addresses", count) % {"count": f"{count:,}"},
        "previous": f"?{urlencode(chosen | {'cursor': page.previous})}" if page.previous else "",
        "next": f"?{urlencode(chosen | {'cursor': page.next})}" if page.next else "",
    }
    return render(request, "administration/trustlist.html", context)


@require_http_methods(["GET", "POST"])
@system_administrator
def trusted_add(request: Any) -> HttpResponse:
    form = TrustedAddressForm(request.POST or None, initial={"port": 22})
    return _form_page(request, form, TrustedAddress(), title=_("Add address"))


@require_http_methods(["GET", "POST"])
@system_administrator
def trusted_edit(request: Any, trusted_id: UUID) -> HttpResponse:
    entry = get_object_or_404(TrustedAddress, pk=trusted_id)
    form = TrustedAddressForm(request.POST or None, initial=model_to_dict(entry))
    return _form_page(request, form, entry, title=_("Edit address"))


@require_http_methods(["GET", "POST"])
@system_administrator
def trusted_delete(request: Any, trusted_id: UUID) -> HttpResponse:
    entry = get_object_or_404(TrustedAddress, pk=trusted_id)
    if request.method == "GET":
        question = Question(
            title=_("Delete “%(address)s” from the trustlist?") % {"address": entry},
            text=_(
                "From the next call on the console does not connect there for this purpose. What tenant spaces have "
                "configured stays, and fails until the address is on the list again."
            ),
            verb=_("Delete address"),
            keep=_("Keep"),
            action=request.path,
            back=reverse("administration:trustlist"),
            icon="trash",
        )
        return answer(request, question)
    delete_trusted(entry)
    messages.success(request, _("“%(name)s” is deleted.") % {"name": entry})
    return redirect("administration:trustlist")


def _form_page(request: Any, form: TrustedAddressForm, entry: TrustedAddress, *, title: str) -> HttpResponse:
    if form.is_valid():
        try:
            save_trusted(entry, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("“%(name)s” is saved.") % {"name": entry})
            return redirect("administration:trustlist")
    return render(request, "administration/trusted_form.html", {"form": form, "title": title})
