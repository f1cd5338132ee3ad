"""Where the REST views of tenants stand, below /api/v1/."""

from django.urls import path

from .api import NumberTry, TenantParameterView
from .log_api import OperationLogExport, OperationLogView

urlpatterns = [
    path("tenant-parameters/", TenantParameterView.as_view(), name="api-tenant-parameters"),
    path("tenant-parameters/try/", NumberTry.as_view(), name="api-number-try"),
    path("operation-log/", OperationLogView.as_view(), name="api-operation-log"),
    path("operation-log/export/", OperationLogExport.as_view(), name="api-operation-log-export"),
]
