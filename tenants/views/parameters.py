"""Configuration Center > System Management > Tenant Parameter, and its "Try a number"."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from tenants.access import TenantRequest, tenant_administrator, tenant_member
from tenants.parameter_lines import RESET, grouped, lines_of, require_unchanged, typed_in
from tenants.parameters import TENANT_PARAMETERS, parameters_of, policy_as_typed, set_parameters

# The checks of a number in their order: what they look at, and the begin of their codes.
CHECKS = (
    (gettext_lazy("Characters"), ("number_missing", "number_characters")),
    (gettext_lazy("Country"), ("number_country",)),
    (gettext_lazy("Length"), ("number_length",)),
    (gettext_lazy("Begin digits"), ("number_begin",)),
    (gettext_lazy("Number plan"), ("number_not_allowed", "number_impossible", "number_invalid")),
)


@require_GET
@tenant_member
def parameters(request: TenantRequest) -> HttpResponse:
    return _page(request, parameters_of(request.tenant), {})


@require_POST
@tenant_administrator
def parameters_save(request: TenantRequest) -> HttpResponse:
    typed, saved = typed_in(request.POST, TENANT_PARAMETERS), parameters_of(request.tenant)
    if RESET in request.POST:
        return _page(request, saved | typed, {})
    try:
        require_unchanged(typed, request.POST, saved, TENANT_PARAMETERS)
        set_parameters(request.tenant, typed)
    except ValidationError as refused:
        return _page(request, saved | typed, refused.message_dict)
    messages.success(request, _("The parameters are saved. They hold for every recipient added from now on."))
    return redirect("tenants:parameters")


@sensitive_post_parameters()
@require_POST
@tenant_administrator
def number_try(request: TenantRequest) -> HttpResponse:
    """Judge a number by the values on the page, saved or not; nothing is stored."""
    saved = parameters_of(request.tenant)
    tried = _tried(request.POST.get("number", ""), saved | request.POST.dict())
    if request.htmx:
        return render(request, "tenants/_tried.html", tried)
    return _page(request, saved, {}, tried)


def _tried(number: str, typed: Mapping[str, str]) -> dict[str, Any]:
    """Return what would become of `number`: how it would be stored, or why it is refused, and each check."""
    context: dict[str, Any] = {"typed": number}
    try:
        policy = policy_as_typed(typed)
    except ValidationError as refused:
        return context | {"unusable": refused.messages[0]}
    try:
        context["stored"] = policy.clean(number)
    except ValidationError as refused:
        context |= {"refused": refused.messages[0], "code": refused.code}
    return context | {"checks": _checks(context.get("code"))}


def _checks(code: str | None) -> list[dict[str, Any]]:
    """Return each check with whether it passed: True, False, or None when it was not reached."""
    refused_at = next((index for index, (_name, codes) in enumerate(CHECKS) if code in codes), len(CHECKS))
    return [
        {"name": name, "passed": True if index < refused_at else False if index == refused_at else None}
        for index, (name, _codes) in enumerate(CHECKS)
    ]


def _page(
    request: TenantRequest,
    values: Mapping[str, str],
    faults: Mapping[str, list[str]],
    tried: Mapping[str, Any] | None = None,
) -> HttpResponse:
    groups = grouped(lines_of(TENANT_PARAMETERS, values, parameters_of(request.tenant), faults))
    context = {
        "groups": groups,
        "faults": faults,
        "is_reset": RESET in request.POST,
        "is_tried": tried is not None,
        "may_change": request.user.is_tenant_administrator,
    }
    return render(request, "tenants/parameters.html", context | dict(tried or {}))
