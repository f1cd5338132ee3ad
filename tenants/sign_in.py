"""Signing in and out is django-allauth's; here is what differs, what is written down of it, and what becomes of a
password that others know.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from django.contrib.auth.backends import ModelBackend
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .callers import acting_as, actor_of, address_of
from .models import User
from .operation_log import declare_actions, record
from .refusals import declare, refusal
from .scoping import act_for

declare(
    {
        "password_same": _("This is the password that you were given. Choose another one."),
        "sign_in_failed": _("The user name or the password was not right."),
    }
)
declare_actions(
    {
        "person.sign_in": _("Sign in"),
        "person.sign_out": _("Sign out"),
        "person.password": _("Change password"),
    }
)

LIMIT = {"app": "allauth.account", "action": "login_failed"}
OPEN_WITH_FIRST_PASSWORD = ("account_change_password", "account_logout", "account_reauthenticate", "set_language")


class Backend(ModelBackend):
    """Nobody of a disabled tenant space signs in, and who was signed in is not any more."""

    def user_can_authenticate(self, user: Any) -> bool:
        return super().user_can_authenticate(user) and (user.tenant is None or user.tenant.is_active)


class Adapter(DefaultAccountAdapter):
    """Nobody signs up: tenants and their administrators are made by the system administrator."""

    def is_open_for_signup(self, request: Any) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return whom wrong passwords are counted under; behind our own proxy that is not the proxy."""
        return address_of(request)

    def clean_password(self, password: str, user: Any = None) -> str:
        """Refuse the very password that was given for the first sign-in."""
        if user is not None and user.must_change_password and user.check_password(password):
            raise refusal("password_same")
        return super().clean_password(password, user)

    def set_password(self, user: Any, password: str) -> None:
        """Set what the person chose: nobody else knows it."""
        user.must_change_password = False
        super().set_password(user, password)
        record("person.password", user)

    def login(self, request: Any, user: Any) -> None:
        super().login(request, user)
        with _in_space_of(user), acting_as(actor_of(request)):
            record("person.sign_in", user)

    def authentication_failed(self, request: Any, **credentials: Any) -> None:
        """Write it down where the user belongs; who is nobody's user is not named."""
        super().authentication_failed(request, **credentials)
        user = User.objects.filter(username=credentials.get("username", "")).first()
        with _in_space_of(user):
            record("person.sign_in", user, refused="sign_in_failed")

    def logout(self, request: Any) -> None:
        if request.user.is_authenticated:
            record("person.sign_out", request.user)
        super().logout(request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("importer:home")

    def failed_tries_key(self, request: HttpRequest, user: User) -> str:
        """Return what wrong passwords for `user` are counted under."""
        return self._get_login_attempts_cache_key(request, username=user.username)


class FirstPassword:
    """Who still has the password that somebody else gave is sent to choose another one, wherever they go."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Redirect before the view is called; REST refuses (tenants.access), it has no page to go to."""
        is_bound = request.user.is_authenticated and request.user.must_change_password
        if not is_bound or request.resolver_match.view_name in OPEN_WITH_FIRST_PASSWORD:
            return None
        return None if request.path.startswith("/api/") else redirect("account_change_password")


@contextmanager
def _in_space_of(user: User | None) -> Iterator[None]:
    """Act for the tenant of `user`; a system administrator, and nobody, have none."""
    tenant_id = user.tenant_id if user else None
    with act_for(tenant_id) if tenant_id else nullcontext():
        yield


def is_locked(request: HttpRequest, user: User) -> bool:
    """Return whether too many wrong passwords keep `user` out for now."""
    return any(
        not ratelimit.apply_rate(cache.get(key, []), time.time(), rate, dry_run=True)[0]
        for rate, key in _counters(request, user)
    )


def unlock(request: HttpRequest, user: User) -> None:
    """Forget the wrong passwords that were tried for `user`."""
    cache.delete_many([key for _rate, key in _counters(request, user)])


def _counters(request: HttpRequest, user: User) -> list[tuple[ratelimit.Rate, str]]:
    """Return the limits that count by user name, each with its place in the cache."""
    counted_by = Adapter(request).failed_tries_key(request, user)
    rates = [rate for rate in ratelimit.get_rates(**LIMIT) if rate.per == "key"]
    return [(rate, ratelimit.get_cache_key(request, **LIMIT, rate=rate, key=counted_by)) for rate in rates]
