"""Where the pages of tenant administration stand, after the guide's menu paths."""

from django.urls import path

from .views import api_clients, operation_log, parameters, webhooks

app_name = "tenants"
PARAMETERS = "configuration-center/tenant-parameter/"
LOG = "configuration-center/operation-log/"
CLIENTS = "configuration-center/api-clients/"
CLIENT = CLIENTS + "<int:client_id>/"
WEBHOOKS = "configuration-center/webhooks/"
WEBHOOK = WEBHOOKS + "<uuid:webhook_id>/"
DELIVERY = WEBHOOK + "deliveries/<uuid:delivery_id>/"
TOKEN = CLIENT + "tokens/<slug:token_key>/"

urlpatterns = [
    path(PARAMETERS, parameters.parameters, name="parameters"),
    path(PARAMETERS + "save/", parameters.parameters_save, name="parameters-save"),
    path(LOG, operation_log.operation_log, name="operation-log"),
    path(LOG + "export.csv", operation_log.operation_log_export, name="operation-log-export"),
    path(PARAMETERS + "try/", parameters.number_try, name="number-try"),
    path(CLIENTS, api_clients.client_list, name="api-clients"),
    path(CLIENTS + "create/", api_clients.client_create, name="api-client-create"),
    path(CLIENT, api_clients.client_detail, name="api-client"),
    path(CLIENT + "rename/", api_clients.client_rename, name="api-client-rename"),
    path(CLIENT + "enable/", api_clients.client_enable, name="api-client-enable"),
    path(CLIENT + "disable/", api_clients.client_disable, name="api-client-disable"),
    path(CLIENT + "delete/", api_clients.client_delete, name="api-client-delete"),
    path(CLIENT + "tokens/create/", api_clients.token_create, name="api-token-create"),
    path(TOKEN + "rotate/", api_clients.token_rotate, name="api-token-rotate"),
    path(TOKEN + "revoke/", api_clients.token_revoke, name="api-token-revoke"),
    path(WEBHOOKS, webhooks.webhook_list, name="webhooks"),
    path(WEBHOOKS + "create/", webhooks.webhook_create, name="webhook-create"),
    path(WEBHOOK, webhooks.webhook_detail, name="webhook"),
    path(WEBHOOK + "edit/", webhooks.webhook_edit, name="webhook-edit"),
    path(WEBHOOK + "rotate/", webhooks.webhook_rotate, name="webhook-rotate"),
    path(WEBHOOK + "test/", webhooks.webhook_test, name="webhook-test"),
    path(WEBHOOK + "enable/", webhooks.webhook_enable, name="webhook-enable"),
    path(WEBHOOK + "disable/", webhooks.webhook_disable, name="webhook-disable"),
    path(WEBHOOK + "delete/", webhooks.webhook_delete, name="webhook-delete"),
    path(DELIVERY, webhooks.webhook_delivery, name="webhook-delivery"),
    path(DELIVERY + "redeliver/", webhooks.webhook_redeliver, name="webhook-redeliver"),
]
