"""Where each app's pages and REST views hang."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("marketing.urls")),
    path("", include("tenants.urls")),
    path("", include("importer.urls")),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", include("tenants.api_urls")),
    path("api/v1/", include("marketing.api_urls")),
    path("api/v1/", include("importer.api_urls")),
    path("api/schema/", SpectacularJSONAPIView.as_view(), name="api-schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
]
handler400 = "aicc_console.errors.bad_request"
handler403 = "aicc_console.errors.forbidden"
handler404 = "aicc_console.errors.not_found"
handler500 = "aicc_console.errors.server_error"
