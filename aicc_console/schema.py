"""What the OpenAPI schema says beyond the views: the bearer token, its scopes, and the refusals."""

import re
from functools import cache
from typing import Any, cast

from django.utils import translation
from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from tenants.access import scope_of
from tenants.bodies import StrictSerializer
from tenants.rest import ASKING, RestView, SystemView, TenantView

SESSION = "cookieAuth"  # as drf-spectacular names it
VERB = re.compile(r"_(publish|suspend|resume|complete|cancel|batch)_create$")
REFUSALS = {
    400: "A value is refused; `errors` says which and why.",
    401: "No token, or one that is not valid any more.",
    403: "The caller may not do this.",
    404: "There is nothing here, or it is another tenant's.",
    409: "Not possible in the present state.",
    410: "It was kept for a time, which is over.",
    413: "The body is too large.",
    415: "The body is in a format that is not taken here.",
    429: "The caller asked too often; Retry-After says when to go on.",
    502: "The machine that is to be asked cannot be reached, or does not let the console in.",
    503: "The console is busy; nothing was changed. Retry-After says when to send it again.",
    504: "The machine that is to be asked does not answer in time.",
}
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    OpenApiParameter.HEADER,
    description="Any text of your own, new for each request: sent again with it, a request has no second effect.",
)


class MadeOnce(SchemaGenerator):
    """The schema in English, made once by each process: it takes a second, and anybody may ask for it."""

    def get_schema(self, request: Any = None, public: bool = False) -> dict[str, Any]:
        return _made(public)


@cache
def _made(public: bool) -> dict[str, Any]:
    with translation.override("en"):
        return SchemaGenerator().get_schema(request=None, public=public)


class PersonScheme(SessionScheme):
    """The cookie of a session."""

    target_class = "tenants.middleware.PersonAuthentication"


class BearerScheme(OpenApiAuthenticationExtension):
    """`Authorization: Bearer <token>`."""

    target_class = "tenants.middleware.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """Return the scheme."""
        return {"type": "http", "scheme": "bearer", "description": "The token of an API client."}


class FaultOfValue(serializers.Serializer):
    """Why one value was refused."""

    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer):
    """A refusal after RFC 9457. `code` is for programs, `detail` for people, in the language of Accept-Language."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]
        child=FaultOfValue(many=True), required=False, help_text="{path of the value: its faults}"
    )


class ConsoleSchema(AutoSchema):
    """Adds tag, scope and the problems that every operation can answer.

    What webhooks are told is described as calls that others answer: it has none of these.
    """

    @property
    def _is_ours(self) -> bool:
        return isinstance(self.view, RestView)

    def get_tags(self) -> list[str]:
        return [cast(RestView, self.view).tag] if self._is_ours else ["webhooks"]

    def get_override_parameters(self) -> list[Any]:
        return [*super().get_override_parameters(), *self._headers()]

    def _headers(self) -> list[OpenApiParameter]:
        return [IDEMPOTENCY_KEY] if self.method == "POST" else []

    def get_operation_id(self) -> str:
        return VERB.sub(r"_\1", super().get_operation_id())

    def get_description(self) -> str:  # type: ignore[override]
        said = super().get_description()
        return f"{said}\n\n{self._who()}".strip() if self._is_ours else said

    def get_auth(self) -> list[dict[str, Any]]:
        """Return the one way in: a token into a tenant space, a session into the system administration."""
        name = SESSION if isinstance(self.view, SystemView) else BearerScheme.name
        return [one for one in super().get_auth() if name in one]

    def _who(self) -> str:
        if isinstance(self.view, SystemView):
            return "For system administrators, by their session."
        return f"Scope: `{scope_of(cast(TenantView, self.view).resource, self.method)}`"

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        made = super()._map_basic_serializer(serializer, direction)
        is_strict = direction == "request" and isinstance(serializer, StrictSerializer)
        return made | ({"additionalProperties": False} if is_strict else {})

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        for status in self._statuses() if self._is_ours else ():
            made = self._get_response_for_code(Problem, str(status), ["application/problem+json"], direction)
            bodies.setdefault(str(status), made | {"description": REFUSALS[status]})
        return bodies

    def _statuses(self) -> list[int]:
        has_body, has_id = self.method in ("POST", "PUT", "PATCH"), "{" in self.path
        left_out = (set() if has_body else {413, 415}) | (set() if has_id else {404}) | {410, *ASKING}
        left_out |= {409} if self.method == "GET" else set()
        own = set(cast(RestView, self.view).refusals)
        return [status for status in REFUSALS if status not in left_out - own]
