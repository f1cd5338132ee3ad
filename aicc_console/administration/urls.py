"""Where the pages of the system administrator stand, after the guide's menu paths."""

from django.urls import path

from .views import home, operation_log, parameters, people, spaces, trustlist

app_name = "administration"
CALL_CENTER = "call-center/"
SPACES = CALL_CENTER + "tenant-management/"
SPACE = SPACES + "<uuid:space_id>/"
PERSON = SPACE + "users/<int:person_id>/"
TRUSTLIST = CALL_CENTER + "address-trustlist/"
TRUSTED = TRUSTLIST + "<uuid:trusted_id>/"
PARAMETERS = CALL_CENTER + "system-parameter/"
LOG = CALL_CENTER + "operation-log/"

urlpatterns = [
    path(LOG, operation_log.operation_log, name="operation-log"),
    path(LOG + "export.csv", operation_log.operation_log_export, name="operation-log-export"),
    path(CALL_CENTER + "health/", home.health_now, name="health"),
    path(SPACES, spaces.space_list, name="spaces"),
    path(SPACES + "create/", spaces.space_create, name="space-create"),
    path(SPACE, spaces.space_detail, name="space"),
    path(SPACE + "edit/", spaces.space_edit, name="space-edit"),
    path(SPACE + "disable/", spaces.space_disable, name="space-disable"),
    path(SPACE + "enable/", spaces.space_enable, name="space-enable"),
    path(SPACE + "features/<str:feature>/", spaces.space_feature, name="space-feature"),
    path(SPACE + "users/add/", people.person_add, name="person-add"),
    path(PERSON + "disable/", people.person_disable, name="person-disable"),
    path(PERSON + "enable/", people.person_enable, name="person-enable"),
    path(PERSON + "reset-password/", people.person_first_password, name="person-first-password"),
    path(PERSON + "unlock/", people.person_unlock, name="person-unlock"),
    path(PARAMETERS, parameters.parameters, name="parameters"),
    path(PARAMETERS + "save/", parameters.parameters_save, name="parameters-save"),
    path(TRUSTLIST, trustlist.trustlist, name="trustlist"),
    path(TRUSTLIST + "add/", trustlist.trusted_add, name="trusted-add"),
    path(TRUSTED + "edit/", trustlist.trusted_edit, name="trusted-edit"),
    path(TRUSTED + "delete/", trustlist.trusted_delete, name="trusted-delete"),
]
