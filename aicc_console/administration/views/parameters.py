"""Call Center > System Parameter."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tenants.access import system_administrator
from tenants.parameter_lines import RESET, grouped, lines_of, require_unchanged, typed_in
from tenants.system_parameters import SYSTEM_PARAMETERS, Setting, set_system_parameters, system_settings


@require_GET
@system_administrator
def parameters(request: Any) -> HttpResponse:
    return _page(request, {}, {})


@require_POST
@system_administrator
def parameters_save(request: Any) -> HttpResponse:
    typed = typed_in(request.POST, SYSTEM_PARAMETERS)
    if RESET in request.POST:
        return _page(request, typed, {})
    try:
        require_unchanged(typed, request.POST, _saved(system_settings()), SYSTEM_PARAMETERS)
        changed = set_system_parameters(typed)
    except ValidationError as refused:
        return _page(request, typed, refused.message_dict)
    if any(SYSTEM_PARAMETERS[key].delay for key in changed):
        messages.success(request, _("The parameters are saved. The page says below what takes effect later, and when."))
    else:
        messages.success(request, _("The parameters are saved. They hold for all tenant spaces from now on."))
    return redirect("administration:parameters")


def _page(request: Any, typed: Mapping[str, str], faults: Mapping[str, list[str]]) -> HttpResponse:
    settings = system_settings()
    saved = _saved(settings)
    lines = lines_of(SYSTEM_PARAMETERS, saved | dict(typed), saved, faults)
    for line in lines:
        parameter, setting = line["parameter"], settings[line["parameter"].key]
        line |= {
            "setting": setting,
            "in_force": parameter.shown(setting.value),
            "pending": parameter.shown(setting.pending),
        }
    context = {"groups": grouped(lines), "faults": faults, "is_reset": RESET in request.POST, "may_change": True}
    return render(request, "administration/parameters.html", context)


def _saved(settings: Mapping[str, Setting]) -> dict[str, str]:
    """Return {key: the value that was asked for last}, in force or not yet."""
    return {key: one.pending if one.effective_at else one.value for key, one in settings.items()}
