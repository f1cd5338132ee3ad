"""REST: webhooks, their secret, a test, and the log of their deliveries."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.rest import TenantView

from . import subscriptions
from .models import Webhook, WebhookDelivery
from .serializers import (
    DeliveryDetailSerializer,
    DeliveryQuery,
    DeliverySerializer,
    RotationBody,
    WebhookSecretSerializer,
    WebhookSerializer,
)


class WebhooksView(TenantView):
    """Base of what is about webhooks. Like their pages, they are not for viewers: an address may hold a secret."""

    resource = "webhooks"
    tag = "webhooks"
    full_addresses = True

    def webhook(self, webhook_id: UUID) -> Webhook:
        """Return one of the tenant's webhooks, or raise Http404."""
        return get_object_or_404(self.tenant.webhooks, pk=webhook_id)

    def delivery(self, webhook_id: UUID, delivery_id: UUID) -> WebhookDelivery:
        """Return one of the webhook's deliveries, or raise Http404."""
        found = self.webhook(webhook_id).deliveries.select_related("webhook")
        return get_object_or_404(found, pk=delivery_id)


class WebhookList(WebhooksView):
    @extend_schema(responses=WebhookSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the webhooks, the latest first."""
        return self.page(self.tenant.webhooks.all(), WebhookSerializer)

    @extend_schema(request=WebhookSerializer, responses={201: WebhookSecretSerializer})
    def post(self, request: Request) -> Response:
        """Create a webhook; its secret stands in this answer alone. Nothing is connected to; test it next."""
        values = self.body(WebhookSerializer)
        webhook, _secret = subscriptions.create(self.tenant, values)
        _switch(webhook, values)
        return self.made(webhook, WebhookSecretSerializer, "api-webhook", webhook.pk)


class WebhookDetail(WebhooksView):
    @extend_schema(responses=WebhookSerializer)
    def get(self, request: Request, webhook_id: UUID) -> Response:
        """Read a webhook; its secret is never shown."""
        return Response(self.shown(WebhookSerializer, self.webhook(webhook_id)))

    @extend_schema(request=WebhookSerializer, responses=WebhookSerializer)
    def patch(self, request: Request, webhook_id: UUID) -> Response:
        """Change a webhook, enable or disable it. What waits goes to its new address."""
        webhook, values = self.webhook(webhook_id), self.body(WebhookSerializer, partial=True)
        if {*values} - {"is_active"}:
            subscriptions.save(webhook, values)
        _switch(webhook, values)
        return Response(self.shown(WebhookSerializer, webhook))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, webhook_id: UUID) -> Response:
        """Delete a webhook with the log of its deliveries."""
        subscriptions.delete(self.webhook(webhook_id))
        return Response(status=204)


class WebhookRotate(WebhooksView):
    @extend_schema(request=RotationBody, responses=WebhookSecretSerializer)
    def post(self, request: Request, webhook_id: UUID) -> Response:
        """Make a new secret, which stands in this answer alone; the old one signs along for a while."""
        webhook, hours = self.webhook(webhook_id), self.body(RotationBody)["overlap_hours"]
        subscriptions.rotate(webhook, overlap=timedelta(hours=hours))
        return Response(self.shown(WebhookSecretSerializer, webhook))


class WebhookTest(WebhooksView):
    refusals = (429,)

    @extend_schema(request=None, responses=DeliveryDetailSerializer)
    def post(self, request: Request, webhook_id: UUID) -> Response:
        """Send webhook.test now, once, and answer what came of it; ten seconds at most."""
        return Response(self.shown(DeliveryDetailSerializer, subscriptions.test(self.webhook(webhook_id))))


class DeliveryList(WebhooksView):
    @extend_schema(parameters=[DeliveryQuery], responses=DeliverySerializer(many=True))
    def get(self, request: Request, webhook_id: UUID) -> Response:
        """List the deliveries of the last 30 days, the latest first."""
        chosen = self.query(DeliveryQuery)
        return self.page(self.webhook(webhook_id).deliveries.filter(**chosen), DeliverySerializer)


class DeliveryDetail(WebhooksView):
    @extend_schema(responses=DeliveryDetailSerializer)
    def get(self, request: Request, webhook_id: UUID, delivery_id: UUID) -> Response:
        """Read a delivery: what is sent, each attempt, and how the last answer began."""
        return Response(self.shown(DeliveryDetailSerializer, self.delivery(webhook_id, delivery_id)))


class DeliveryRedeliver(WebhooksView):
    @extend_schema(request=None, responses={202: DeliverySerializer})
    def post(self, request: Request, webhook_id: UUID, delivery_id: UUID) -> Response:
        """Deliver an event again, with the same id, for another 24 hours."""
        delivery = self.delivery(webhook_id, delivery_id)
        subscriptions.redeliver(delivery)
        return Response(self.shown(DeliverySerializer, delivery), 202)


def _switch(webhook: Webhook, values: dict[str, Any]) -> None:
    if values.get("is_active", webhook.is_active) != webhook.is_active:
        subscriptions.set_active(webhook, values["is_active"])
