"""The bases of REST views: inside a tenant space, and of the system administration."""

from typing import Any, TypeVar, cast

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rest_framework.fields import empty
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, Serializer
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from . import idempotency
from .access import SystemAccess, TenantRequest, scope_of
from .models import KeptAnswer, Role, Tenant, User
from .rates import CallerRate

Kind = TypeVar("Kind", bound=Serializer)
ASKING = (502, 504)  # `refusals` of views that ask another machine


class RestView(APIView):
    """What every REST view does. Its POSTs know Idempotency-Key.

    `tag` is its place in the schema; `ordering`: of its pages, unique; `refusals`: statuses that the schema names
    beside those that every view has.
    """

    tag = ""
    refusals: tuple[int, ...] = ()
    ordering: tuple[str, ...] = ("-created_at", "-id")
    pagination_class: Any = api_settings.DEFAULT_PAGINATION_CLASS
    throttle_classes: Any = (CallerRate,)
    claimed: KeptAnswer | None = None

    @property
    def caller(self) -> User:
        """Return who asks: the permission let nobody else in."""
        return cast(User, self.request.user)

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Add that no cache keeps what a caller was told."""
        return super().default_response_headers | {"Cache-Control": "no-store"}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let the caller in; a POST that was answered before with its Idempotency-Key gets that answer."""
        super().initial(request, *args, **kwargs)
        key = request.headers.get(idempotency.HEADER)
        if request.method != "POST" or key is None:
            return
        found = idempotency.claim(request, self.caller, key)
        if found.status:
            self.post = lambda *_args, **_kwargs: idempotency.answer_again(found)
        else:
            self.claimed = found

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Keep the answer if the request may be sent again."""
        if self.claimed and response.status_code < 400:
            idempotency.keep(self.claimed, response)
        return super().finalize_response(request, response, *args, **kwargs)

    def body(self, kind: type[Serializer], *, partial: bool = False) -> dict[str, Any]:
        """Return the body's values as `kind` reads them; `partial`: only those that are there.

        DRF's own `partial` reaches into lists too, where each entry must be whole.
        """
        given = kind(data=self.request.data)
        for field in given.fields.values() if partial else ():
            field.required, field.default = False, empty
        given.is_valid(raise_exception=True)
        return given.validated_data

    def query(self, kind: type[Serializer]) -> dict[str, Any]:
        """Return the filters of the address as `kind` reads them; those of paging stand beside them."""
        return self.asked(kind).validated_data

    def asked(self, kind: type[Kind]) -> Kind:
        """Return `kind` with the filters of the address, which are right."""
        paging = set()
        if self.pagination_class:
            self.pagination_class().get_page_size(self.request)  # also where a file is wanted, which has no pages
            paging = {"cursor", "limit"}
        given = kind(data={name: text for name, text in self.request.query_params.items() if name not in paging})
        given.is_valid(raise_exception=True)
        return given

    def page(self, rows: QuerySet[Any], kind: type[BaseSerializer]) -> Response:
        """Answer {results, next, previous}."""
        paginator = self.pagination_class()
        found = paginator.paginate_queryset(rows, self.request, view=self)
        return paginator.get_paginated_response(self.shown(kind, found, many=True))

    def shown(self, kind: type[BaseSerializer], rows: Any, *, many: bool = False) -> Any:
        """Return `rows` as this caller may see them."""
        return kind(rows, many=many, context={"request": self.request}).data

    def made(self, row: Model, kind: type[BaseSerializer], *address: Any, status: int = 201) -> Response:
        """Answer a new row and where it stands; `address`: URL name and its arguments."""
        name, *arguments = address
        location = self.request.build_absolute_uri(reverse(name, args=arguments))
        return Response(self.shown(kind, row), status, headers={"Location": location})


class TenantView(RestView):
    """A view of one tenant's rows. `resource` names the scopes that a token needs.

    `full_addresses`: the answer cannot be masked, so viewers do not get it.
    """

    resource = ""
    full_addresses = False

    @property
    def tenant(self) -> Tenant:
        return cast(TenantRequest, self.request._request).tenant

    def permission_denied(self, request: Request, message: str | None = None, code: str | None = None) -> Any:
        """Name the scope that a token lacks."""
        if request.user.is_authenticated and self.caller.role == Role.API_CLIENT and self.tenant:
            scope = scope_of(self.resource, request.method)
            message, code = _("The token lacks the scope %(scope)s.") % {"scope": scope}, "scope_missing"
        super().permission_denied(request, message, code)


class SystemView(RestView):
    """A view of the system administration: for system administrators, by their session; tokens belong to tenants."""

    permission_classes: Any = [SystemAccess]
