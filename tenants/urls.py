"""Where the pages of tenant administration stand, after the guide's menu paths."""

from django.urls import path

from .views import operation_log, parameters

app_name = "tenants"
PARAMETERS = "configuration-center/tenant-parameter/"
LOG = "configuration-center/operation-log/"

urlpatterns = [
    path(PARAMETERS, parameters.parameters, name="parameters"),
    path(PARAMETERS + "save/", parameters.parameters_save, name="parameters-save"),
    path(LOG, operation_log.operation_log, name="operation-log"),
    path(LOG + "export.csv", operation_log.operation_log_export, name="operation-log-export"),
    path(PARAMETERS + "try/", parameters.number_try, name="number-try"),
]
