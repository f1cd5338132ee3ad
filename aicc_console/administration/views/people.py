"""Call Center > Tenant Management: the administrators and viewers of a tenant space."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from aicc_console.administration.forms import UserForm
from tenants import people
from tenants.access import system_administrator
from tenants.models import Tenant, User
from tenants.operation_log import record
from tenants.questions import Question, answer
from tenants.sign_in import unlock

from .spaces import first_password_page


@require_http_methods(["GET", "POST"])
@system_administrator
def person_add(request: Any, space_id: UUID) -> HttpResponse:
    space = get_object_or_404(Tenant, pk=space_id)
    form = UserForm(request.POST or None)
    if form.is_valid():
        try:
            person, password = people.create_person(space, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            return first_password_page(request, space, person, password, title=_("User added"))
    return render(request, "administration/person_form.html", {"form": form, "space": space})


@require_http_methods(["GET", "POST"])
@system_administrator
def person_disable(request: Any, space_id: UUID, person_id: int) -> HttpResponse:
    space, person = _person(space_id, person_id)
    if request.method == "GET":
        question = Question(
            title=_("Disable the user “%(name)s”?") % {"name": person.username},
            text=_("The person is signed out at the next request and cannot sign in until you enable the user again."),
            verb=_("Disable user"),
            keep=_("Keep"),
            action=request.path,
            back=_back(space),
            icon="user-off",
        )
        return answer(request, question)
    people.set_person_active(person, False)
    messages.success(request, _("The user “%(name)s” is disabled.") % {"name": person.username})
    return redirect(_back(space))


@require_POST
@system_administrator
def person_enable(request: Any, space_id: UUID, person_id: int) -> HttpResponse:
    space, person = _person(space_id, person_id)
    people.set_person_active(person, True)
    messages.success(request, _("The user “%(name)s” is enabled.") % {"name": person.username})
    return redirect(_back(space))


@require_http_methods(["GET", "POST"])
@system_administrator
def person_first_password(request: Any, space_id: UUID, person_id: int) -> HttpResponse:
    space, person = _person(space_id, person_id)
    if request.method == "GET":
        question = Question(
            title=_("Reset the password of “%(name)s”?") % {"name": person.username},
            text=_(
                "The old password stops working and the person is signed out everywhere. You are shown a new one, "
                "once; the person must choose another at the next sign-in."
            ),
            verb=_("Reset password"),
            keep=_("Keep"),
            action=request.path,
            back=_back(space),
            icon="key",
        )
        return answer(request, question)
    password = people.give_first_password(person)
    unlock(request, person)
    return first_password_page(request, space, person, password, title=_("Password reset"))


@require_POST
@system_administrator
def person_unlock(request: Any, space_id: UUID, person_id: int) -> HttpResponse:
    space, person = _person(space_id, person_id)
    unlock(request, person)
    record("person.unlock", person, name=person.username)
    messages.success(request, _("The user “%(name)s” can try to sign in again.") % {"name": person.username})
    return redirect(_back(space))


def _person(space_id: UUID, person_id: int) -> tuple[Tenant, User]:
    space = get_object_or_404(Tenant, pk=space_id)
    return space, get_object_or_404(User, pk=person_id, tenant=space, role__in=people.PERSONS)


def _back(space: Tenant) -> str:
    return reverse("administration:space", args=[space.pk])
