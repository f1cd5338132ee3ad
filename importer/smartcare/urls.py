"""Where the pages of SmartCare stand, after the guide's menu paths."""

from django.urls import path

from .views import care, certificates, integration

app_name = "smartcare"
CONFIGURATION = "configuration-center/"
CARE = "outbound-call/mmarketing/<uuid:care_task_id>/care/"

urlpatterns = [
    path(CONFIGURATION + "smartcare-integration/", integration.integration_page, name="integration"),
    path(CONFIGURATION + "smartcare-integration/test/", integration.connection_test, name="connection-test"),
    path(CONFIGURATION + "certificate/", certificates.certificate_list, name="certificates"),
    path(
        CONFIGURATION + "certificate/<uuid:certificate_id>/delete/",
        certificates.certificate_delete,
        name="certificate-delete",
    ),
    path(CARE, care.care_task, name="care-task"),
    path(CARE + "run/", care.care_run, name="care-run"),
    path(CARE + "<uuid:day_id>/<str:outcome>-rows/", care.care_rows, name="care-rows"),
    path(CARE + "<uuid:day_id>/<str:outcome>-rows.<str:file_type>", care.care_rows_download, name="care-rows-download"),
]
