"""REST: file servers, a test of their connection, their host key, and what lies in their folders."""

from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from marketing.serializers import NoQuery
from tenants.rest import ASKING, TenantView

from . import file_servers
from .server_models import FileServer
from .server_serializers import (
    FileServerSerializer,
    FolderQuery,
    FolderSerializer,
    HostKeyBody,
    ServerTestSerializer,
)


class FileServersView(TenantView):
    """Base of what is about file servers."""

    resource = "imports"
    tag = "file servers"

    def file_server(self, file_server_id: UUID) -> FileServer:
        """Return one of the tenant's file servers, or raise Http404."""
        return get_object_or_404(self.tenant.file_servers, pk=file_server_id)


class FileServerList(FileServersView):
    @extend_schema(responses=FileServerSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the file servers, the latest first."""
        self.query(NoQuery)
        return self.page(self.tenant.file_servers.all(), FileServerSerializer)

    @extend_schema(request=FileServerSerializer, responses={201: FileServerSerializer})
    def post(self, request: Request) -> Response:
        """Create a file server. Nothing is connected to; test it next."""
        server = file_servers.save(FileServer(tenant=self.tenant), self.body(FileServerSerializer))
        return self.made(server, FileServerSerializer, "api-file-server", server.pk)


class FileServerDetail(FileServersView):
    @extend_schema(responses=FileServerSerializer)
    def get(self, request: Request, file_server_id: UUID) -> Response:
        """Read a file server; its secrets are never shown."""
        return Response(self.shown(FileServerSerializer, self.file_server(file_server_id)))

    @extend_schema(request=FileServerSerializer, responses=FileServerSerializer)
    def patch(self, request: Request, file_server_id: UUID) -> Response:
        """Change a file server. Secrets that are left out stay, unless its address changes."""
        server = file_servers.save(self.file_server(file_server_id), self.body(FileServerSerializer, partial=True))
        return Response(self.shown(FileServerSerializer, server))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, file_server_id: UUID) -> Response:
        """Delete a file server from which nothing is being fetched."""
        file_servers.delete(self.file_server(file_server_id))
        return Response(status=204)


class FileServerTest(FileServersView):
    @extend_schema(request=None, responses=ServerTestSerializer)
    def post(self, request: Request, file_server_id: UUID) -> Response:
        """Test the connection: sign in and count the files of the default path; ten seconds at most."""
        found = file_servers.test(self.file_server(file_server_id))
        return Response(self.shown(ServerTestSerializer, found))


class FileServerHostKey(FileServersView):
    refusals = ASKING

    @extend_schema(request=HostKeyBody, responses=FileServerSerializer)
    def post(self, request: Request, file_server_id: UUID) -> Response:
        """Accept the host key that the server shows now, if it has this fingerprint."""
        server = self.file_server(file_server_id)
        file_servers.accept_host_key(server, self.body(HostKeyBody)["fingerprint"])
        return Response(self.shown(FileServerSerializer, server))


class FileServerFiles(FileServersView):
    refusals = ASKING

    @extend_schema(parameters=[FolderQuery], responses=FolderSerializer)
    def get(self, request: Request, file_server_id: UUID) -> Response:
        """List a folder of the server, below its default path."""
        path = self.query(FolderQuery).get("path", "")
        return Response(self.shown(FolderSerializer, file_servers.browse(self.file_server(file_server_id), path)))
