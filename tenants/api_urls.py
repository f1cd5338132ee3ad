"""Where the REST views of tenants stand, below /api/v1/."""

from django.urls import path

from .api import TenantParameterView

urlpatterns = [path("tenant-parameters/", TenantParameterView.as_view(), name="api-tenant-parameters")]
