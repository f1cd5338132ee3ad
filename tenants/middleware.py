"""The caller is known before the view, so the tenant is too; DRF only reads what was found here."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import APIException, PermissionDenied
from rest_framework.request import Request

from .callers import acting_as, actor_of
from .counting import count
from .models import Tenant
from .operation_log import declare_actions, noting_refused, record, record_refused
from .refusals import declare
from .scoping import act_for
from .tokens import BearerTokens

REFUSED_AGAIN_AFTER = 60  # seconds: or a program that does not give up would fill the log

declare_actions({"access.refuse": _("Refuse access")})
declare(
    {
        "access_denied": _("The role, or the scopes of the token, do not allow this."),
        "form_expired": _("The form was older than the last sign-in, or was not the console's own."),
    }
)


class TenancyMiddleware:
    """Sets `request.tenant` and `request.bearer`, and answers the request acting for that tenant.

    What was refused is logged here, after the view's transaction was rolled back.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.tenant = self._tenant_of(request)
        with acting_as(actor_of(request)):
            return self._answer(request)

    def _answer(self, request: Any) -> HttpResponse:
        if request.tenant is None:  # anonymous, system administrator: no scope, so tenant-owned tables raise
            return self._logged(request)
        with act_for(request.tenant), timezone.override(request.tenant.time_zone):
            return self._logged(request)  # around all of it: TemplateResponse is rendered after the view

    def _logged(self, request: Any) -> HttpResponse:
        with noting_refused() as noted:
            response = self.get_response(request)
        for refused in noted:
            record_refused(refused)
        if response.status_code == 403 and request.user.is_authenticated and not noted:
            _record_no_access(request)
        return response

    def _tenant_of(self, request: Any) -> Tenant | None:
        try:
            request.bearer = BearerTokens().authenticate(request)
        except APIException as refusal:
            request.bearer = refusal
            return None
        if request.bearer:
            request.user = request.bearer[0]  # whole: never one caller's tenant with another's role
        user = request.user
        if not user.is_authenticated or user.tenant is None or not user.tenant.is_active:
            return None
        return user.tenant


def _record_no_access(request: Any) -> None:
    """Write down who was let in nowhere, by the page's name: what stands in an address may be anything."""
    page = request.resolver_match.view_name if request.resolver_match else ""
    if count(f"refused:{request.user.pk}:{request.method}:{page}", REFUSED_AGAIN_AFTER) == 1:
        why = getattr(request, "refused_as", "access_denied")
        record("access.refuse", name=page, refused=why, method=request.method)


class BearerAuthentication(BaseAuthentication):
    """Hands over what the middleware found, or its refusal (401 with WWW-Authenticate: Bearer, or 403)."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        bearer = getattr(request._request, "bearer", None)
        if isinstance(bearer, APIException):
            raise bearer
        return bearer

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class PersonAuthentication(SessionAuthentication):
    """A person who is signed in; DRF itself says in English only that the token of the page is missing."""

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied:
            raise PermissionDenied(
                _("With a session, changes need the token of a page in X-CSRFToken. Programs send an API token.")
            ) from None
