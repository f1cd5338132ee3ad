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
from tenants.parameter_lines import grouped, lines_of
from tenants.system_parameters import SYSTEM_PARAMETERS, Setting, set_system_parameters, system_settings


@require_GET
@system_administrator
def parameters(request: Any) -> HttpResponse:
    return _page(request, {}, {})


@require_POST
@system_administrator
def parameters_save(request: Any) -> HttpResponse:
    typed = {key: request.POST[key] for key in SYSTEM_PARAMETERS if key in request.POST}
    try:
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
    saved = {key: _asked_for(setting) for key, setting in settings.items()}
    lines = lines_of(SYSTEM_PARAMETERS, saved | dict(typed), saved, faults)
    for line in lines:
        line["setting"] = settings[line["parameter"].key]
    context = {"groups": grouped(lines), "faults": faults, "may_change": True}
    return render(request, "administration/parameters.html", context)


def _asked_for(setting: Setting) -> str:
    return setting.pending if setting.effective_at else setting.value
