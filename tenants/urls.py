"""Where the pages of tenant administration stand, after the guide's menu paths."""

from django.urls import path

from .views import parameters

app_name = "tenants"
PARAMETERS = "configuration-center/tenant-parameter/"

urlpatterns = [
    path(PARAMETERS, parameters.parameters, name="parameters"),
    path(PARAMETERS + "save/", parameters.parameters_save, name="parameters-save"),
    path(PARAMETERS + "try/", parameters.number_try, name="number-try"),
]
