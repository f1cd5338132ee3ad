"""API clients: the programs of other systems, and the tokens with which they call REST.

A token is shown once, when it is issued; afterwards the console has its digest alone. People make tokens, tokens
never do: this is the one thing of a tenant space that REST does not offer.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .access import Scope
from .models import ApiToken, Role, Tenant, User
from .operation_log import declare_actions, record
from .refusals import declare, refusal

MAX_DAYS = 365
MAX_NETWORKS = 20
MAX_OVERLAP = timedelta(days=30)
MAX_TOKENS = 20  # of one client, expired ones included
NAME_LENGTH = 100  # characters
KEPT_EXPIRED = timedelta(days=30)  # so long the page shows a token that has expired

declare(
    {
        "client_name": _("Write a name of 1 to %(high)s characters, without control characters."),
        "client_name_taken": _("There is an API client “%(name)s” already. Choose another name."),
        "client_disabled": _("This API client is disabled. Enable it before it gets a token."),
        "token_scopes": _("Choose at least one scope; a token without one opens nothing."),
        "token_scope_unknown": _("There is no scope “%(scope)s”."),
        "token_days": _("A token lives for 1 to %(high)s days."),
        "token_network": _("“%(text)s” is neither an IP address nor a network such as 10.1.0.0/16."),
        "token_networks": _("At most %(high)s addresses and networks are taken; these are %(n)s."),
        "token_overlap": _("The old token can live on for 0 to %(high)s days."),
        "token_count": _("This client has %(high)s tokens. Revoke one that is not needed any more."),
    }
)
declare_actions(
    {
        "client.create": _("Create API client"),
        "client.rename": _("Rename API client"),
        "client.enable": _("Enable API client"),
        "client.disable": _("Disable API client"),
        "client.delete": _("Delete API client"),
        "token.issue": _("Issue API token"),
        "token.rotate": _("Rotate API token"),
        "token.revoke": _("Revoke API token"),
    }
)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token is given: scopes, days until it expires, and from where it works; no networks: from anywhere."""

    scopes: Sequence[str]
    days: int = 90
    networks: Sequence[str] = ()

    def cleaned(self) -> "Grant":
        """Return it as it is kept; ValidationError keyed by field."""
        faults: dict[str, ValidationError] = {}
        unknown = [scope for scope in self.scopes if scope not in Scope.values]
        if unknown or not self.scopes:
            faults["scopes"] = refusal("token_scope_unknown", scope=unknown[0]) if unknown else refusal("token_scopes")
        if not 1 <= self.days <= MAX_DAYS:
            faults["days"] = refusal("token_days", high=MAX_DAYS)
        networks: list[str] = []
        try:
            networks = _networks(self.networks)
        except ValidationError as refused:
            faults["networks"] = refused
        if faults:
            raise ValidationError(faults)
        return Grant([scope for scope in Scope.values if scope in self.scopes], self.days, networks)


def create(tenant: Tenant, name: str, grant: Grant) -> tuple[User, str]:
    """Return a new client of `tenant` and the text of its first token; ValidationError keyed by field."""
    faults: dict[str, ValidationError] = {}
    try:
        name = _free_name(tenant, name)
    except ValidationError as refused:
        faults["name"] = refused
    try:
        grant = grant.cleaned()
    except ValidationError as refused:
        faults |= refused.error_dict  # type: ignore[arg-type]
    if faults:
        raise ValidationError(faults)
    client = _new_client(name)
    record("client.create", client, name=name)
    return client, issue(client, grant)[1]


def issue(client: User, grant: Grant) -> tuple[ApiToken, str]:
    """Return a new token of `client`, and its text, which nobody can read again."""
    grant = grant.cleaned()
    if not client.is_active:
        raise refusal("client_disabled")
    token, text = _new_token(client, grant)
    record("token.issue", client, name=client.get_full_name(), **_told(token, grant))
    return token, text


def rotate(token: ApiToken, grant: Grant, *, overlap: timedelta) -> tuple[ApiToken, str]:
    """Return a token that takes the place of `token`, which lives on for `overlap`, but not beyond its own time."""
    grant = grant.cleaned()
    if not timedelta(0) <= overlap <= MAX_OVERLAP:
        raise ValidationError({"overlap": refusal("token_overlap", high=MAX_OVERLAP.days)})
    if not token.user.is_active:
        raise refusal("client_disabled")
    if not overlap:
        token.delete()
    elif token.expiry is None or token.expiry > timezone.now() + overlap:
        token.expiry = timezone.now() + overlap
        token.save(update_fields=["expiry"])
    made, text = _new_token(token.user, grant)
    record("token.rotate", token.user, name=token.user.get_full_name(), old=token.token_key, **_told(made, grant))
    return made, text


def revoke(token: ApiToken) -> None:
    """Forget `token`: the next request with it is refused."""
    record("token.revoke", token.user, name=token.user.get_full_name(), token=token.token_key)
    token.delete()


def rename(tenant: Tenant, client: User, name: str) -> None:
    """Call a client of `tenant` otherwise; its tokens stay. ValidationError keyed by field."""
    before = client.full_name
    try:
        client.full_name = _free_name(tenant, name, of=client)
    except ValidationError as refused:
        raise ValidationError({"name": refused}) from None
    with _name_free(client.full_name):
        client.save(update_fields=["full_name"])
    record("client.rename", client, name=client.full_name, before=before)


def set_active(client: User, is_active: bool) -> None:
    """Enable or disable `client` with all its tokens."""
    client.is_active = is_active
    client.save(update_fields=["is_active"])
    record("client.enable" if is_active else "client.disable", client, name=client.get_full_name())


def delete(client: User) -> None:
    """Delete `client` with its tokens; what it brought in stays."""
    record("client.delete", client, name=client.get_full_name())
    client.delete()


def forget_expired(tenant: Tenant) -> None:
    """Delete the tokens that expired long ago."""
    tenant.api_tokens.filter(expiry__lt=timezone.now() - KEPT_EXPIRED).delete()


def _free_name(tenant: Tenant, raw: str, *, of: User | None = None) -> str:
    """Return `raw` trimmed, if no client but `of` has it."""
    name = raw.strip()
    if not 1 <= len(name) <= NAME_LENGTH or not name.isprintable():
        raise refusal("client_name", high=NAME_LENGTH)
    holder = tenant.users.filter(role=Role.API_CLIENT, full_name__iexact=name).first()
    if holder and holder != of:
        raise refusal("client_name_taken", name=name)
    return name


def _new_client(name: str) -> User:
    with _name_free(name):
        return User.objects.create_user(f"api-{uuid4()}", role=Role.API_CLIENT, full_name=name)


@contextmanager
def _name_free(name: str) -> Iterator[None]:
    """Refuse `name` where somebody else took it a moment ago."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise ValidationError({"name": refusal("client_name_taken", name=name)}) from None


def _networks(raw: Sequence[str]) -> list[str]:
    if len(raw) > MAX_NETWORKS:
        raise refusal("token_networks", n=len(raw), high=MAX_NETWORKS)
    return list(dict.fromkeys(_network(text) for text in raw))


def _network(text: str) -> str:
    try:
        return str(ip_network(text.strip(), strict=False))
    except ValueError:
        raise refusal("token_network", text=text[:50]) from None


def _new_token(client: User, grant: Grant) -> tuple[ApiToken, str]:
    if client.auth_token_set.count() >= MAX_TOKENS:
        raise refusal("token_count", high=MAX_TOKENS)
    made: tuple[ApiToken, str] = ApiToken.objects.create(
        user=client, expiry=timedelta(days=grant.days), scopes=list(grant.scopes), networks=list(grant.networks)
    )
    return made


def _told(token: ApiToken, grant: Grant) -> dict[str, Any]:
    return {"token": token.token_key, "scopes": grant.scopes, "days": grant.days, "networks": grant.networks}
