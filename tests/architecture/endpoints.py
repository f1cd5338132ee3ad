"""Every URL of the console, with what each of its arguments is filled with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
OBJECTS = {  # argument of a URL: the object of a tenant made by `made` that it names
    "task_id": lambda tenant: tenant.task.pk,
    "batch_id": lambda tenant: tenant.batch.pk,
    "recipient_id": lambda tenant: tenant.recipient.pk,
    "rule_id": lambda tenant: tenant.rule.pk,
    "opt_out_id": lambda tenant: tenant.opt_out.pk,
    "template_id": lambda tenant: tenant.task.template_id,
    "space_id": lambda tenant: tenant.pk,
    "trusted_id": lambda tenant: tenant.trusted.pk,
    "person_id": lambda tenant: tenant.viewer.pk,
    "client_id": lambda tenant: tenant.client.pk,
    "token_key": lambda tenant: tenant.client.token_key,
    "care_task_id": lambda tenant: tenant.care_task.pk,
    "day_id": lambda tenant: tenant.care_day.pk,
    "certificate_id": lambda tenant: tenant.certificate.pk,
    "file_server_id": lambda tenant: tenant.file_server.pk,
    "schedule_id": lambda tenant: tenant.schedule.pk,
    "webhook_id": lambda tenant: tenant.webhook.pk,
    "delivery_id": lambda tenant: tenant.delivery.pk,
}
UNKNOWN = SimpleNamespace(  # owns what does not exist
    task=SimpleNamespace(pk=uuid4(), template_id=uuid4()),
    batch=SimpleNamespace(pk=uuid4()),
    recipient=SimpleNamespace(pk=10**30),
    rule=SimpleNamespace(pk=uuid4()),
    opt_out=SimpleNamespace(pk=10**30),
    client=SimpleNamespace(pk=10**30, token_key="aicc_0000000000"),
    care_task=SimpleNamespace(pk=uuid4()),
    care_day=SimpleNamespace(pk=uuid4()),
    certificate=SimpleNamespace(pk=uuid4()),
    file_server=SimpleNamespace(pk=uuid4()),
    schedule=SimpleNamespace(pk=uuid4()),
    webhook=SimpleNamespace(pk=uuid4()),
    delivery=SimpleNamespace(pk=uuid4()),
)
WORDS = {"outcome": "failed", "file_type": "csv", "feature": "smartcare"}  # arguments that name no object


@dataclass(frozen=True)
class Endpoint:
    """One URL pattern. `arguments`: their names, in the order of the URL."""

    name: str
    arguments: tuple[str, ...]

    @property
    def objects(self) -> tuple[str, ...]:
        return tuple(name for name in self.arguments if name not in WORDS)

    @property
    def is_rest(self) -> bool:
        return self.name.startswith("api-")

    @property
    def is_system(self) -> bool:
        """Of the system administration: no tenant gets in, and test_system.py calls it."""
        return self.name.startswith(("administration:", "api-system-"))

    def url(self, *tenants: Any) -> str:
        """Return its address; `tenants` own the object of each argument, the last one all that follow."""
        owners = [*tenants, *[tenants[-1] for _ in self.objects]] if tenants else []
        values = {name: OBJECTS[name](owner) for name, owner in zip(self.objects, owners, strict=False)}
        words = {name: WORDS[name] for name in self.arguments if name in WORDS}
        return reverse(self.name, kwargs=words | values)


def endpoints() -> list[Endpoint]:
    return list(_flat(get_resolver().url_patterns, (), ()))


def guarded() -> list[Endpoint]:
    """Return those that a caller must be let into, but for the system administration's."""
    return [endpoint for endpoint in endpoints() if endpoint.name not in OPEN_TO_ALL and not endpoint.is_system]


def routes(patterns: Sequence[Any], before: str = "") -> Iterator[str]:
    """Return every URL as it is written down, with its converters."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        yield from [route] if isinstance(pattern, URLPattern) else routes(pattern.url_patterns, route)


def _flat(patterns: Sequence[Any], namespaces: tuple[str, ...], arguments: tuple[str, ...]) -> Iterator[Endpoint]:
    for pattern in patterns:
        assert isinstance(pattern, URLPattern | URLResolver)
        own = arguments + tuple(pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLPattern):
            assert pattern.name, f"{pattern.pattern} has no name, so no test can call it."
            yield Endpoint(":".join([*namespaces, pattern.name]), own)
        else:
            yield from _flat(pattern.url_patterns, (*namespaces, *filter(None, [pattern.namespace])), own)


OPEN_TO_ALL = {  # URL: why nobody needs to be known there
    "account_login": "sign-in",
    "account_logout": "only redirects",
    "account_inactive": "tells that the account is switched off",
    "account_signup": "tells that nobody signs up",
    "set_language": "a cookie",
    "api-schema": "says what the API is, not what is in it",
    "api-docs": "reads the schema",
    "healthz": "ok or nothing",
    "readyz": "ok or failed, without a reason",
}
SIGN_IN = settings.LOGIN_URL
