"""Where the pages of the system administrator stand, after the guide's menu paths."""

from django.urls import path

from .views import operation_log, parameters

app_name = "administration"
CALL_CENTER = "call-center/"
PARAMETERS = CALL_CENTER + "system-parameter/"
LOG = CALL_CENTER + "operation-log/"

urlpatterns = [
    path(LOG, operation_log.operation_log, name="operation-log"),
    path(LOG + "export.csv", operation_log.operation_log_export, name="operation-log-export"),
    path(PARAMETERS, parameters.parameters, name="parameters"),
    path(PARAMETERS + "save/", parameters.parameters_save, name="parameters-save"),
]
