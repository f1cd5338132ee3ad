"""Where the pages of tenant administration stand, after the guide's menu paths."""

from django.urls import path

from .views import api_clients, operation_log, parameters

app_name = "tenants"
PARAMETERS = "configuration-center/tenant-parameter/"
LOG = "configuration-center/operation-log/"
CLIENTS = "configuration-center/api-clients/"
CLIENT = CLIENTS + "<int:client_id>/"
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
]
