"""REST: the Address Trustlist."""

from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.bodies import Choice, StrictSerializer, Text, WholeNumber, YesOrNo
from tenants.models import AddressType, TrustedAddress
from tenants.rest import SystemView
from tenants.trustlist import delete_trusted, save_trusted


class TrustedAddressSerializer(StrictSerializer):
    """A line of the trustlist: where the console may connect to, and for what."""

    id = serializers.UUIDField(read_only=True)
    address_type = Choice(choices=AddressType.choices)
    host = Text(max_length=255, help_text="A name, an IP address, or a network such as 10.1.0.0/16.")
    port = WholeNumber(min_value=1, max_value=65535)
    allows_http = YesOrNo(default=False, help_text="Without TLS; inside your own network only.")
    remark = Text(max_length=200, allow_blank=True, default="")
    created_at = serializers.DateTimeField(read_only=True)


class TrustlistQuery(StrictSerializer):
    """Filters of the list."""

    address_type = Choice(choices=AddressType.choices, required=False)


class TrustlistView(SystemView):
    """Base of what is about the trustlist."""

    tag = "address trustlist"

    def entry(self, trusted_id: UUID) -> TrustedAddress:
        """Return a line, or raise Http404."""
        return get_object_or_404(TrustedAddress, pk=trusted_id)


class TrustedAddressList(TrustlistView):
    @extend_schema(
        operation_id="system_trustlist_list",
        parameters=[TrustlistQuery],
        responses=TrustedAddressSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List the lines, the latest first."""
        return self.page(TrustedAddress.objects.filter(**self.query(TrustlistQuery)), TrustedAddressSerializer)

    @extend_schema(
        operation_id="system_trustlist_create",
        request=TrustedAddressSerializer,
        responses={201: TrustedAddressSerializer},
    )
    def post(self, request: Request) -> Response:
        """Add a line. An address that the console never connects to is refused."""
        entry = save_trusted(TrustedAddress(), **self.body(TrustedAddressSerializer))
        return self.made(entry, TrustedAddressSerializer, "api-system-trusted", entry.pk)


class TrustedAddressDetail(TrustlistView):
    @extend_schema(operation_id="system_trustlist_read", responses=TrustedAddressSerializer)
    def get(self, request: Request, trusted_id: UUID) -> Response:
        """Read a line."""
        return Response(self.shown(TrustedAddressSerializer, self.entry(trusted_id)))

    @extend_schema(
        operation_id="system_trustlist_update",
        request=TrustedAddressSerializer(partial=True),
        responses=TrustedAddressSerializer,
    )
    def patch(self, request: Request, trusted_id: UUID) -> Response:
        """Change what is named of a line."""
        entry = save_trusted(self.entry(trusted_id), **self.body(TrustedAddressSerializer, partial=True))
        return Response(self.shown(TrustedAddressSerializer, entry))

    @extend_schema(operation_id="system_trustlist_delete", responses={204: None})
    def delete(self, request: Request, trusted_id: UUID) -> Response:
        """Take a line off the list: from the next call on nothing goes there."""
        delete_trusted(self.entry(trusted_id))
        return Response(status=204)
