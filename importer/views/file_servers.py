"""The pages under Call Config > File Server."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from importer import file_servers
from importer.folders import folder_context
from importer.server_forms import FileServerForm
from importer.server_models import SECRETS, FileServer
from tenants.access import TenantRequest, tenant_administrator, tenant_member
from tenants.outbound.keys import fingerprint_of
from tenants.paging import page_of
from tenants.questions import ask_to_delete


@require_GET
@tenant_member
def server_list(request: TenantRequest) -> HttpResponse:
    page = page_of(request.tenant.file_servers.all(), order=("name",), cursor=request.GET.get("cursor", ""))
    count = request.tenant.file_servers.count()
    text = ngettext("%(count)s file server", "%(count)s file servers", count) % {"count": f"{count:,}"}
    context = {
        "servers": page.rows,
        "previous": f"?cursor={page.previous}" if page.previous else "",
        "next": f"?cursor={page.next}" if page.next else "",
        "text": text,
        "may_change": request.user.is_tenant_administrator,
    }
    return render(request, "importer/file_servers.html", context)


@require_GET
@tenant_member
def server_detail(request: TenantRequest, file_server_id: UUID) -> HttpResponse:
    return _page(request, _server(request, file_server_id))


@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "POST"])
@tenant_administrator
def server_create(request: TenantRequest) -> HttpResponse:
    return _form_page(request, FileServer(tenant=request.tenant, port=22), _("Add file server"))


@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "POST"])
@tenant_administrator
def server_edit(request: TenantRequest, file_server_id: UUID) -> HttpResponse:
    return _form_page(request, _server(request, file_server_id), _("Edit file server"))


@require_http_methods(["GET", "POST"])
@tenant_administrator
def server_delete(request: TenantRequest, file_server_id: UUID) -> HttpResponse:
    server = _server(request, file_server_id)
    if request.method == "POST":
        return _deleted(request, server)
    text = _(
        "Imports that came from this server keep their rows. Its password and keys are forgotten. "
        "This cannot be undone."
    )
    back = reverse("importer:file-servers")
    return ask_to_delete(request, server.name, text=text, verb=_("Delete file server"), back=back)


@require_POST
@tenant_administrator
def server_test(request: TenantRequest, file_server_id: UUID) -> HttpResponse:
    """Test connection: say what was found, in the page or as a page."""
    server = _server(request, file_server_id)
    try:
        context = tested(server)
    except ValidationError as refused:
        context = {"busy": refused.messages[0]}
    if request.htmx:
        return render(request, "importer/_server_tested.html", context | {"server": server})
    return _page(request, server, **context)


@require_POST
@tenant_administrator
def server_host_key(request: TenantRequest, file_server_id: UUID) -> HttpResponse:
    """Accept the host key whose fingerprint the administrator has seen."""
    server = _server(request, file_server_id)
    try:
        file_servers.accept_host_key(server, request.POST.get("fingerprint", ""))
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, _("The host key is accepted. Test the connection now."))
    return redirect("importer:file-server", server.pk)


@require_GET
@tenant_administrator
def server_files(request: TenantRequest, file_server_id: UUID) -> HttpResponse:
    """Show what lies in a folder of the server."""
    server = _server(request, file_server_id)
    context = folder_context(server, request.GET.get("path", ""))
    if request.htmx:
        return render(request, "importer/_server_folder.html", context | {"server": server})
    return _page(request, server, **context)


def tested(server: FileServer) -> dict[str, Any]:
    """Return what the page says of a test."""
    found = file_servers.test(server)
    return {"tested": found, "shown": fingerprint_of(found.new_host_key), "accepted": fingerprint_of(server.host_key)}


def _page(request: TenantRequest, server: FileServer, **context: Any) -> HttpResponse:
    facts = {
        "server": server,
        "accepted": fingerprint_of(server.host_key),
        "may_change": request.user.is_tenant_administrator,
    }
    return render(request, "importer/file_server.html", facts | context)


def _form_page(request: TenantRequest, server: FileServer, title: str) -> HttpResponse:
    form = FileServerForm(request.POST or None, server=server)
    if form.is_saved():
        messages.success(request, _("“%(name)s” is saved. Test the connection now.") % {"name": server.name})
        return redirect("importer:file-server", server.pk)
    return render(request, "importer/file_server_form.html", {"form": form, "title": title})


def _deleted(request: TenantRequest, server: FileServer) -> HttpResponse:
    try:
        file_servers.delete(server)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, _("“%(name)s” is deleted.") % {"name": server.name})
    return redirect("importer:file-servers")


def _server(request: TenantRequest, file_server_id: UUID) -> FileServer:
    return get_object_or_404(request.tenant.file_servers, pk=file_server_id)
