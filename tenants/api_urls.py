"""Where the REST views of tenants stand, below /api/v1/."""

from django.urls import path

from .api import TenantParameterView
from .log_api import OperationLogView

urlpatterns = [
    path("tenant-parameters/", TenantParameterView.as_view(), name="api-tenant-parameters"),
    path("operation-log/", OperationLogView.as_view(), name="api-operation-log"),
]
