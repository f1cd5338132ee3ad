"""Where each app's pages and REST views hang."""

from allauth.account.urls import urlpatterns as account_urls
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from aicc_console.administration import health
from aicc_console.administration.views.home import home

from .schema import MadeOnce

SIGN_IN = {  # nobody signs up, confirms an address or resets a password by mail: administrators make accounts
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",  # says so
    "account_change_password",
    "account_reauthenticate",
}
urlpatterns: list[URLPattern | URLResolver] = [  # REST first: it is asked most often
    path("api/v1/", include("tenants.api_urls")),
    path("api/v1/", include("marketing.api_urls")),
    path("api/v1/", include("importer.api_urls")),
    path("api/v1/", include("importer.smartcare.api_urls")),
    path("api/v1/", include("aicc_console.administration.api_urls")),
    path("api/schema/", SpectacularJSONAPIView.as_view(generator_class=MadeOnce), name="api-schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    path("", home, name="home"),  # the tenant's own is importer:home, at the same address
    path("", include("marketing.urls")),
    path("", include("tenants.urls")),
    path("", include("importer.urls")),
    path("", include("importer.smartcare.urls")),
    path("", include("aicc_console.administration.urls")),
    path("accounts/", include([one for one in account_urls if one.name in SIGN_IN])),
    path("i18n/", include("django.conf.urls.i18n")),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]
handler400 = "aicc_console.errors.bad_request"
handler403 = "aicc_console.errors.forbidden"
handler404 = "aicc_console.errors.not_found"
handler429 = "aicc_console.errors.too_many"  # allauth looks for it
handler500 = "aicc_console.errors.server_error"
