"""File servers as REST shows and takes them: secrets go in and never come out."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from tenants.bodies import Choice, StrictSerializer, Text, WholeNumber, YesOrNo
from tenants.outbound.keys import fingerprint_of

from .server_models import FileServer, ServerType

MAX_LISTED = 1_000


class Secret(Text):
    """A value that is kept and never shown; left out, the kept one stays."""

    def __init__(self, **options: Any) -> None:
        super().__init__(write_only=True, required=False, trim_whitespace=False, **options)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "SFTP",
            {"name": "crm-sftp", "type": "sftp", "host": "sftp.example.com", "port": 22, "default_path": "/outbound",
             "username": "aicc", "password": "…"},
            request_only=True,
        ),
        OpenApiExample(
            "Object storage",
            {"name": "crm-bucket", "type": "object_storage", "endpoint": "https://obs.example.com", "bucket": "crm",
             "prefix": "outbound", "access_key": "AK", "secret_key": "…"},
            request_only=True,
        ),
    ]
)  # fmt: skip
class FileServerSerializer(StrictSerializer):
    """An SFTP host or an object store. Its address must be on the Address Trustlist.

    Secrets are kept encrypted and never shown; `has_...` says which are there. An SFTP server is used only after its
    host key was accepted.
    """

    id = serializers.UUIDField(read_only=True)
    name = Text()
    type = Choice(ServerType.choices, source="server_type")
    host = Text(required=False, allow_blank=True)
    port = WholeNumber(required=False, allow_null=True, help_text="Of an SFTP server, often 22.")
    default_path = Text(required=False, help_text="The folder that nothing leads out of, such as /outbound.")
    username = Text(required=False, allow_blank=True)
    password = Secret()
    private_key = Secret(help_text="Instead of a password: the whole file, as OpenSSH or PEM.")
    passphrase = Secret(help_text="Of the private key.")
    has_password = serializers.SerializerMethodField()
    has_private_key = serializers.SerializerMethodField()
    host_key_fingerprint = serializers.SerializerMethodField()
    endpoint = Text(required=False, allow_blank=True, help_text="https://host or https://host:port")
    bucket = Text(required=False, allow_blank=True)
    prefix = Text(required=False, allow_blank=True, help_text="What the keys begin with: outbound")
    region = Text(required=False, allow_blank=True)
    path_style = YesOrNo(required=False, help_text="The bucket stands in the path, not in the host name.")
    access_key = Text(required=False, allow_blank=True)
    secret_key = Secret()
    has_secret_key = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def get_has_password(self, server: FileServer) -> bool:
        """Return whether a password is kept."""
        return bool(server.password)

    def get_has_private_key(self, server: FileServer) -> bool:
        """Return whether a private key is kept."""
        return bool(server.private_key)

    def get_has_secret_key(self, server: FileServer) -> bool:
        """Return whether a secret key is kept."""
        return bool(server.secret_key)

    def get_host_key_fingerprint(self, server: FileServer) -> str:
        """Return the accepted host key as people compare it; empty: none was accepted yet."""
        return fingerprint_of(server.host_key)


class ServerFileSerializer(serializers.Serializer):
    """A file or a folder on a server."""

    name = serializers.CharField()
    type = serializers.SerializerMethodField()
    size = serializers.IntegerField(help_text="In bytes.")
    changed_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field({"type": "string", "enum": ["file", "folder"]})
    def get_type(self, entry: Any) -> str:
        """Return file or folder."""
        return "folder" if entry.is_folder else "file"


class FolderSerializer(serializers.Serializer):
    """What lies in a folder: regular files and folders, at most 1,000 of them; `is_cut`: there is more."""

    entries = ServerFileSerializer(many=True)
    is_cut = serializers.BooleanField()


class FolderQuery(StrictSerializer):
    """Which folder is looked into."""

    path = Text(required=False, allow_blank=True, help_text="Below the default path: 5g/november")


class TestRefusal(serializers.Serializer):
    """Why a server cannot be used."""

    code = serializers.CharField()
    detail = serializers.SerializerMethodField()

    def get_detail(self, refused: Any) -> str:
        """Return the sentence."""
        return str(refused.messages[0])


class ServerTestSerializer(serializers.Serializer):
    """What a test of the connection found. `refused` null: it can be used."""

    refused = TestRefusal(allow_null=True)
    files = serializers.IntegerField(
        source="importable", help_text="Files in the default path that end in .xlsx or .csv."
    )
    milliseconds = serializers.IntegerField()
    new_host_key_fingerprint = serializers.SerializerMethodField()

    def get_new_host_key_fingerprint(self, found: Any) -> str:
        """Return the host key that the server shows and nobody accepted yet; or empty."""
        return fingerprint_of(found.new_host_key)


class HostKeyBody(StrictSerializer):
    """The host key to accept, as the test showed it and whoever runs the server confirmed it."""

    fingerprint = Text(help_text="SHA256:…")
