"""Configuration Center > Expansion and Integration > API Clients."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tenants import api_clients
from tenants.access import TenantRequest, tenant_administrator
from tenants.models import ApiToken, Role, User
from tenants.questions import Question, answer, ask_to_delete
from tenants.token_forms import ClientForm, ClientNameForm, RotationForm, TokenForm

ENDS_SOON = timedelta(days=14)


@require_GET
@tenant_administrator
def client_list(request: TenantRequest) -> HttpResponse:
    alive = Q(auth_token_set__expiry__gt=timezone.now()) | Q(
        auth_token_set__isnull=False, auth_token_set__expiry__isnull=True
    )
    clients = request.tenant.users.filter(role=Role.API_CLIENT).annotate(
        token_count=Count("auth_token_set", filter=alive),
        last_used_at=Max("auth_token_set__last_used_at"),
        expires_at=Max("auth_token_set__expiry", filter=alive),
    )
    return render(request, "tenants/api_clients.html", {"clients": clients.order_by("full_name", "pk")})


@require_GET
@tenant_administrator
def client_detail(request: TenantRequest, client_id: int) -> HttpResponse:
    client = _client(request, client_id)
    tokens = client.auth_token_set.order_by("-created")
    return render(request, "tenants/api_client.html", {"client": client, "tokens": [_line(one) for one in tokens]})


@require_http_methods(["GET", "POST"])
@tenant_administrator
def client_create(request: TenantRequest) -> HttpResponse:
    form = ClientForm(request.POST or None)

    def create() -> tuple[User, str]:
        return api_clients.create(request.tenant, form.cleaned_data["name"], form.grant())

    title, verb = _("Create API client"), _("Create client")
    return _issued(request, form, create) or _form_page(request, form, title=title, verb=verb)


@require_http_methods(["GET", "POST"])
@tenant_administrator
def client_rename(request: TenantRequest, client_id: int) -> HttpResponse:
    client = _client(request, client_id)
    form = ClientNameForm(request.POST or None, initial={"name": client.full_name})
    if form.is_valid() and _is_renamed(request, client, form):
        messages.success(request, _("The API client is called “%(name)s” now.") % {"name": client.full_name})
        return redirect("tenants:api-client", client.pk)
    context = {"form": form, "client": client, "title": _("Rename API client")}
    return render(request, "tenants/api_client_name.html", context)


@require_http_methods(["GET", "POST"])
@tenant_administrator
def token_create(request: TenantRequest, client_id: int) -> HttpResponse:
    client = _client(request, client_id)
    form = TokenForm(request.POST or None)

    def issue() -> tuple[User, str]:
        return client, api_clients.issue(client, form.grant())[1]

    title, verb = _("Issue a token"), _("Issue token")
    return _issued(request, form, issue) or _form_page(request, form, title=title, verb=verb, client=client)


@require_http_methods(["GET", "POST"])
@tenant_administrator
def token_rotate(request: TenantRequest, client_id: int, token_key: str) -> HttpResponse:
    client = _client(request, client_id)
    token = get_object_or_404(client.auth_token_set, token_key=token_key)
    form = RotationForm(request.POST or None, token=token)

    def rotate() -> tuple[User, str]:
        return client, api_clients.rotate(token, form.grant(), overlap=form.overlap_time())[1]

    title, verb = _("Rotate the token %(begin)s…") % {"begin": token.token_key}, _("Rotate token")
    return _issued(request, form, rotate) or _form_page(request, form, title=title, verb=verb, client=client)


@require_http_methods(["GET", "POST"])
@tenant_administrator
def token_revoke(request: TenantRequest, client_id: int, token_key: str) -> HttpResponse:
    client = _client(request, client_id)
    token = get_object_or_404(client.auth_token_set, token_key=token_key)
    back = reverse("tenants:api-client", args=[client.pk])
    if request.method == "POST":
        api_clients.revoke(token)
        messages.success(request, _("The token %(begin)s… is revoked.") % {"begin": token_key})
        return redirect(back)
    question = Question(
        title=_("Revoke the token %(begin)s…?") % {"begin": token_key},
        text=_("The next request with it is refused. This cannot be undone. To change it without a gap, rotate it."),
        verb=_("Revoke token"),
        keep=_("Keep"),
        action=request.path,
        back=back,
        icon="key-off",
    )
    return answer(request, question)


@require_POST
@tenant_administrator
def client_enable(request: TenantRequest, client_id: int) -> HttpResponse:
    return _switch(request, client_id, True)


@require_POST
@tenant_administrator
def client_disable(request: TenantRequest, client_id: int) -> HttpResponse:
    return _switch(request, client_id, False)


@require_http_methods(["GET", "POST"])
@tenant_administrator
def client_delete(request: TenantRequest, client_id: int) -> HttpResponse:
    client = _client(request, client_id)
    name, back = client.get_full_name(), reverse("tenants:api-clients")
    if request.method == "POST":
        api_clients.delete(client)
        messages.success(request, _("“%(name)s” is deleted.") % {"name": name})
        return redirect(back)
    text = _("Its tokens stop working at once. What it imported stays. This cannot be undone.")
    return ask_to_delete(request, name, text=text, verb=_("Delete client"), back=back)


def _is_renamed(request: TenantRequest, client: User, form: ClientNameForm) -> bool:
    try:
        api_clients.rename(request.tenant, client, form.cleaned_data["name"])
    except ValidationError as refused:
        form.add_error(None, refused)
    return not form.errors


def _client(request: TenantRequest, client_id: int) -> User:
    return get_object_or_404(request.tenant.users.filter(role=Role.API_CLIENT), pk=client_id)


def _line(token: ApiToken) -> dict[str, Any]:
    ends_soon = token.expiry is not None and token.expiry < timezone.now() + ENDS_SOON
    return {"token": token, "ends_soon": ends_soon and not token.has_expired}


def _switch(request: TenantRequest, client_id: int, is_active: bool) -> HttpResponse:
    client = _client(request, client_id)
    api_clients.set_active(client, is_active)
    said = _("“%(name)s” is enabled.") if is_active else _("“%(name)s” is disabled. Its tokens are refused.")
    messages.success(request, said % {"name": client.get_full_name()})
    return redirect("tenants:api-client", client.pk)


def _issued(request: TenantRequest, form: TokenForm, make: Callable[[], tuple[User, str]]) -> HttpResponse | None:
    """Answer the page that shows the new token, this once; None while the form is not right."""
    if not form.is_valid():
        return None
    try:
        client, token = make()
    except ValidationError as refused:
        form.add_error(None, refused)
        return None
    return render(request, "tenants/api_token.html", {"client": client, "token": token})


def _form_page(
    request: TenantRequest, form: TokenForm, *, title: str, verb: str, client: User | None = None
) -> HttpResponse:
    context = {"form": form, "title": title, "verb": verb, "client": client}
    return render(request, "tenants/api_client_form.html", context)
