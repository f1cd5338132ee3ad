"""Call Center > Tenant Management: the list of tenant spaces, one of them, and what is done with it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aicc_console.administration.figures import Figures, figures_of, with_administrators, with_figures
from aicc_console.administration.forms import PersonForm, SpaceFilterForm, SpaceForm
from aicc_console.administration.switches import question_of, switches_of
from aicc_console.administration.switching import switch_feature, switch_space
from marketing.switching import names_of_needing
from tenants.access import system_administrator
from tenants.features import Feature
from tenants.models import Tenant, User
from tenants.paging import page_of
from tenants.people import PERSONS
from tenants.questions import Question, answer
from tenants.sign_in import is_locked
from tenants.spaces import create_space, edit_space


@require_GET
@system_administrator
def space_list(request: Any) -> HttpResponse:
    form = SpaceFilterForm(request.GET)
    chosen = form.chosen()
    spaces = form.narrow(Tenant.objects.all())
    page = page_of(with_administrators(spaces), order=("name",), cursor=request.GET.get("cursor", ""))
    count = spaces.count()
    context = {
        "form": form,
        "is_filtered": bool(chosen),
        "features": list(Feature),
        "spaces": [_row(space, figures) for space, figures in with_figures(page.rows)],
        "text": ngettext("%(count)s tenant space", "%(count)s tenant spaces", count) % {"count": f"{count:,}"},
        "previous": f"?{urlencode(chosen | {'cursor': page.previous})}" if page.previous else "",
        "next": f"?{urlencode(chosen | {'cursor': page.next})}" if page.next else "",
    }
    return render(request, "administration/spaces.html", context)


@require_http_methods(["GET", "POST"])
@system_administrator
def space_create(request: Any) -> HttpResponse:
    space_form, person_form = SpaceForm(request.POST or None), PersonForm(request.POST or None)
    if space_form.is_valid() and person_form.is_valid():
        try:
            space, person, password = create_space(**space_form.cleaned_data, administrator=person_form.cleaned_data)
        except ValidationError as refused:
            for name, faults in refused.error_dict.items():
                (space_form if name in space_form.fields else person_form).add_error(name, faults)
        else:
            return first_password_page(request, space, person, password, title=_("Tenant space created"))
    context = {"form": space_form, "person_form": person_form, "title": _("Create tenant space")}
    return render(request, "administration/space_form.html", context)


@require_GET
@system_administrator
def space_detail(request: Any, space_id: UUID) -> HttpResponse:
    space = get_object_or_404(with_administrators(Tenant.objects.all()), pk=space_id)
    people = User.objects.filter(tenant=space, role__in=PERSONS).order_by("role", "username")
    context = _row(space, figures_of(space)) | {
        "people": [{"person": person, "is_locked": is_locked(request, person)} for person in people]
    }
    return render(request, "administration/space.html", context)


@require_http_methods(["GET", "POST"])
@system_administrator
def space_edit(request: Any, space_id: UUID) -> HttpResponse:
    space = get_object_or_404(Tenant, pk=space_id)
    name = space.name
    form = SpaceForm(request.POST or None, initial={"name": space.name, "time_zone": space.time_zone})
    if form.is_valid():
        try:
            edit_space(space, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("“%(name)s” is saved.") % {"name": space.name})
            return redirect("administration:space", space.pk)
    context = {"form": form, "space_id": space.pk, "name": name, "title": _("Edit tenant space")}
    return render(request, "administration/space_form.html", context)


@require_http_methods(["GET", "POST"])
@system_administrator
def space_disable(request: Any, space_id: UUID) -> HttpResponse:
    space = get_object_or_404(Tenant, pk=space_id)
    if request.method == "GET":
        return answer(request, _question_of_disabling(request, space))
    switch_space(space, is_on=False)
    messages.success(request, _("“%(name)s” is disabled.") % {"name": space.name})
    return redirect("administration:space", space.pk)


@require_POST
@system_administrator
def space_enable(request: Any, space_id: UUID) -> HttpResponse:
    space = get_object_or_404(Tenant, pk=space_id)
    switch_space(space, is_on=True)
    messages.success(request, _("“%(name)s” is in use again.") % {"name": space.name})
    return redirect("administration:space", space.pk)


@require_POST
@system_administrator
def space_feature(request: Any, space_id: UUID, feature: str) -> HttpResponse:
    """Switch a feature; a question comes first where published tasks need it."""
    space, chosen = get_object_or_404(Tenant, pk=space_id), _feature(feature)
    is_on, back = request.POST.get("is_on") == "yes", reverse("administration:space", args=[space.pk])
    if not is_on and not request.POST.get("confirmed") and (names := names_of_needing(space, chosen)):
        return answer(request, question_of(space, chosen, names, action=request.path, back=back))
    try:
        suspended = switch_feature(space, chosen, is_on=is_on, may_suspend=bool(request.POST.get("confirmed")))
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, _said(space, chosen, is_on, len(suspended)))
    return HttpResponse(headers={"HX-Refresh": "true"}) if request.htmx else redirect(back)


def first_password_page(request: Any, space: Tenant, person: User, password: str, *, title: str) -> HttpResponse:
    """Show a first password, this once: it is kept nowhere."""
    context = {"space": space, "person": person, "password": password, "title": title}
    return render(request, "administration/first_password.html", context)


def _row(space: Tenant, figures: Figures) -> dict[str, Any]:
    return {"space": space, "figures": figures, "switches": switches_of(space)}


def _feature(name: str) -> Feature:
    if name not in Feature.values:
        raise Http404
    return Feature(name)


def _said(space: Tenant, feature: Feature, is_on: bool, suspended: int) -> str:
    values = {"feature": feature.label, "name": space.name, "count": suspended}
    if is_on:
        return _("“%(feature)s” is switched on for “%(name)s”.") % values
    if not suspended:
        return _("“%(feature)s” is switched off for “%(name)s”.") % values
    return (
        ngettext(
            "“%(feature)s” is switched off for “%(name)s”; %(count)s task is suspended.",
            "“%(feature)s” is switched off for “%(name)s”; %(count)s tasks are suspended.",
            suspended,
        )
        % values
    )


def _question_of_disabling(request: Any, space: Tenant) -> Question:
    running = figures_of(space).running_imports
    return Question(
        title=_("Disable “%(name)s”?") % {"name": space.name},
        text=_(
            "From the next request on nobody of this tenant space is signed in or can sign in, its API tokens stop "
            "working, and its running imports stop (now: %(count)s). Nothing is deleted: tasks, recipients and users "
            "come back when you enable it."
        )
        % {"count": f"{running:,}"},
        verb=_("Disable tenant space"),
        keep=_("Keep it in use"),
        action=request.path,
        back=reverse("administration:space", args=[space.pk]),
        icon="ban",
    )
