"""Where the pages of the system administrator stand, after the guide's menu paths."""

from django.urls import path

from .views import parameters

app_name = "administration"
CALL_CENTER = "call-center/"
PARAMETERS = CALL_CENTER + "system-parameter/"

urlpatterns = [
    path(PARAMETERS, parameters.parameters, name="parameters"),
    path(PARAMETERS + "save/", parameters.parameters_save, name="parameters-save"),
]
