"""Where the REST views of tenants stand, below /api/v1/."""

from django.urls import path

from .api import NumberTry, TenantParameterView
from .log_api import OperationLogExport, OperationLogView
from .webhooks import api as webhooks

WEBHOOK = "webhooks/<uuid:webhook_id>/"
DELIVERY = f"{WEBHOOK}deliveries/<uuid:delivery_id>/"

urlpatterns = [
    path("tenant-parameters/", TenantParameterView.as_view(), name="api-tenant-parameters"),
    path("tenant-parameters/try/", NumberTry.as_view(), name="api-number-try"),
    path("operation-log/", OperationLogView.as_view(), name="api-operation-log"),
    path("operation-log/export/", OperationLogExport.as_view(), name="api-operation-log-export"),
    path("webhooks/", webhooks.WebhookList.as_view(), name="api-webhooks"),
    path(WEBHOOK, webhooks.WebhookDetail.as_view(), name="api-webhook"),
    path(f"{WEBHOOK}rotate/", webhooks.WebhookRotate.as_view(), name="api-webhook-rotate"),
    path(f"{WEBHOOK}test/", webhooks.WebhookTest.as_view(), name="api-webhook-test"),
    path(f"{WEBHOOK}deliveries/", webhooks.DeliveryList.as_view(), name="api-webhook-deliveries"),
    path(DELIVERY, webhooks.DeliveryDetail.as_view(), name="api-webhook-delivery"),
    path(f"{DELIVERY}redeliver/", webhooks.DeliveryRedeliver.as_view(), name="api-webhook-redeliver"),
]
