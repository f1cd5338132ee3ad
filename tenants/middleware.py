"""The caller is known before the view, so the tenant is too; DRF only reads what was found here."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from knox.auth import TokenAuthentication
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from .callers import acting_as, actor_of
from .models import Tenant
from .scoping import act_for


class TenancyMiddleware:
    """Sets `request.tenant` and `request.bearer`, and answers the request acting for that tenant."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.tenant = self._tenant_of(request)
        with acting_as(actor_of(request)):
            return self._answer(request)

    def _answer(self, request: Any) -> HttpResponse:
        if request.tenant is None:  # anonymous, system administrator: no scope, so tenant-owned tables raise
            return self.get_response(request)
        with act_for(request.tenant), timezone.override(request.tenant.time_zone):
            return self.get_response(request)  # around all of it: TemplateResponse is rendered after the view

    def _tenant_of(self, request: Any) -> Tenant | None:
        try:
            request.bearer = TokenAuthentication().authenticate(request)
        except AuthenticationFailed as refusal:
            request.bearer = refusal
            return None
        if request.bearer:
            request.user = request.bearer[0]  # whole: never one caller's tenant with another's role
        user = request.user
        if not user.is_authenticated or user.tenant is None or not user.tenant.is_active:
            return None
        return user.tenant


class BearerAuthentication(BaseAuthentication):
    """Hands over what the middleware found, or its refusal (401 with WWW-Authenticate: Bearer)."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        bearer = getattr(request._request, "bearer", None)
        if isinstance(bearer, AuthenticationFailed):
            raise bearer
        return bearer

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
