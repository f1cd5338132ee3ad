"""Where the REST views of the system administration stand, below /api/v1/."""

from django.urls import path

from .api import SystemParameterView

urlpatterns = [path("system/parameters/", SystemParameterView.as_view(), name="api-system-parameters")]
