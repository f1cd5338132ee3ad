"""A bearer token is known by its digest; it dies with its time, its client and itself, and works from where it may."""

import re
from datetime import timedelta
from hmac import compare_digest
from ipaddress import ip_address, ip_network
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.settings import CONSTANTS
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied

from .callers import address_of
from .models import ApiToken, User
from .refusals import declare, sentence

USED_EVERY = timedelta(minutes=1)  # at most so often the last use is written down
TOKEN = re.compile(rb"[0-9A-Za-z_]{1,100}")

declare(
    {
        "token_unknown": _("This token is not known: it was revoked, or copied in part."),
        "token_expired": _("This token has expired. Rotate it on the page of its API client before it does."),
        "token_client": _("The API client of this token is disabled."),
        "token_address": _("This token may not be used from the address %(address)s."),
    }
)


class BearerTokens(TokenAuthentication):
    """Returns (API client, token) of `Authorization: Bearer ...`, or None without one, or raises the refusal."""

    def authenticate(self, request: Any) -> tuple[User, ApiToken] | None:
        found = super().authenticate(request)
        if found:
            _require_allowed(found[1], address_of(request))
            _note_use(found[1])
        return found

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        """Unlike knox, keep the expired: "expired" is said, and who owns them sees which."""
        text = token.decode() if TOKEN.fullmatch(token) else ""
        begun = ApiToken.objects.filter(token_key=text[: CONSTANTS.TOKEN_KEY_LENGTH]).select_related("user__tenant")
        for kept in begun:
            if compare_digest(hash_token(text), kept.digest):
                return self.validate_user(kept)
        raise _unauthenticated("token_unknown")

    def validate_user(self, auth_token: ApiToken) -> tuple[User, ApiToken]:
        if auth_token.has_expired:
            raise _unauthenticated("token_expired")
        if not auth_token.user.is_active:
            raise _unauthenticated("token_client")
        return auth_token.user, auth_token


def is_within(address: str, networks: list[str]) -> bool:
    """Tell whether `address` is in one of `networks`; an IPv4 address written as IPv6 is the IPv4 address."""
    ip = ip_address(address)
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return any(ip in ip_network(network) for network in networks)


def _require_allowed(token: ApiToken, address: str) -> None:
    if token.networks and not is_within(address, token.networks):
        raise PermissionDenied(sentence("token_address", {"address": address}), "token_address")


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - USED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _unauthenticated(code: str) -> AuthenticationFailed:
    return AuthenticationFailed(sentence(code, {}), code)
