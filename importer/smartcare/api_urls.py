"""Where the REST views of SmartCare stand, below /api/v1/."""

from django.urls import path

from . import api

DAYS = "marketing-tasks/<uuid:care_task_id>/care-days/"

urlpatterns = [
    path("smartcare-integration/", api.IntegrationView.as_view(), name="api-smartcare-integration"),
    path("smartcare-integration/test/", api.ConnectionTest.as_view(), name="api-smartcare-test"),
    path("smartcare-integration/run/", api.CareRun.as_view(), name="api-smartcare-run"),
    path("certificates/", api.CertificateList.as_view(), name="api-certificates"),
    path("certificates/<uuid:certificate_id>/", api.CertificateDetail.as_view(), name="api-certificate"),
    path(DAYS, api.CareDayList.as_view(), name="api-care-days"),
    path(DAYS + "<uuid:day_id>/rows/", api.CareRowList.as_view(), name="api-care-rows"),
]
