"""Who may do what: decorators of pages, the permission of REST views, and what viewers may see."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import TextChoices
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django_htmx.http import HttpResponseClientRefresh
from django_htmx.middleware import HtmxDetails
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from .models import Role, Tenant, User
from .people import PERSONS

View = Callable[..., HttpResponseBase]


class Scope(TextChoices):
    """What an API client's token may be given."""

    TASKS_READ = "tasks:read", _("Read tasks and templates")
    TASKS_WRITE = "tasks:write", _("Create, change, publish and delete tasks and templates")
    IMPORTS_READ = "imports:read", _("Follow imports, and read the rows that failed")
    IMPORTS_WRITE = "imports:write", _("Import files, and cancel imports")
    RECIPIENTS_READ = "recipients:read", _("Read recipients with their whole addresses")
    RECIPIENTS_WRITE = "recipients:write", _("Add, change and delete recipients")
    PARAMETERS_READ = "parameters:read", _("Read the tenant parameters")
    PARAMETERS_WRITE = "parameters:write", _("Change the tenant parameters")
    LOG_READ = "log:read", _("Read the operation log")
    OPT_OUTS_READ = "opt_outs:read", _("Read the opt-out list")
    OPT_OUTS_WRITE = "opt_outs:write", _("Add to and delete from the opt-out list")
    WEBHOOKS_READ = "webhooks:read", _("Read webhooks and what they delivered")
    WEBHOOKS_WRITE = "webhooks:write", _("Create, change, test and delete webhooks, and redeliver")


class TenantRequest(HttpRequest):
    """A request inside a tenant space, as the decorators below hand it to a view."""

    tenant: Tenant
    user: User
    htmx: HtmxDetails


def _page(may_enter: Callable[[Any], bool]) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            if not may_enter(request):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def _to_sign_in(request: Any) -> HttpResponseBase:
    """Lead to sign-in and back again; a fragment's page is loaded anew. What was sent is lost, and that is said."""
    if request.method not in SAFE_METHODS:
        messages.warning(
            request, _("You were signed out meanwhile. What you sent was not done: sign in and do it again.")
        )
    return HttpResponseClientRefresh() if request.htmx else redirect_to_login(request.get_full_path())


signed_in = _page(lambda _request: True)
tenant_member = _page(lambda request: request.tenant is not None and request.user.role in PERSONS)
tenant_administrator = _page(
    lambda request: request.tenant is not None and request.user.role == Role.TENANT_ADMINISTRATOR
)
system_administrator = _page(lambda request: request.user.role == Role.SYSTEM_ADMINISTRATOR)


class ApiAccess(BasePermission):
    """Lets in the tenant's administrators, its viewers to read, and its API clients as far as their scopes go.

    A view says `resource = "imports"` (scopes imports:read and imports:write), and `full_addresses = True`
    where it answers with addresses that viewers must not see.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        user: Any = request.user
        if not _is_let_in(user) or request._request.tenant is None:  # type: ignore[attr-defined]
            return False
        if user.role == Role.API_CLIENT:
            return scope_of(view.resource, request.method) in getattr(request.auth, "scopes", [])
        if user.role == Role.TENANT_VIEWER:
            return request.method in SAFE_METHODS and not getattr(view, "full_addresses", False)
        return user.role == Role.TENANT_ADMINISTRATOR


class SystemAccess(BasePermission):
    """Lets in system administrators alone."""

    def has_permission(self, request: Request, view: Any) -> bool:
        user: Any = request.user
        return _is_let_in(user) and user.role == Role.SYSTEM_ADMINISTRATOR


def _is_let_in(user: Any) -> bool:
    """Return whether the caller is known, and chose the own password."""
    return user.is_authenticated and not user.must_change_password


def scope_of(resource: str, method: str | None) -> str:
    """Return the scope that a token needs: ("imports", "POST") -> "imports:write"."""
    return f"{resource}:{'read' if method in SAFE_METHODS else 'write'}"


def mask_address(address: str) -> str:
    """Hide the middle of an address: "+8613800001201" -> "+86138****1201", "ann@b.co" -> "a**@b.co"."""
    name, at, domain = address.partition("@")
    if at:
        return f"{name[:1]}{'*' * max(2, len(name) - 1)}@{domain}"
    head, tail = address[:-8], address[-4:]
    return f"{head}****{tail}" if len(address) > 8 else "****" + address[-2:]
