"""Where the REST views of the system administration stand, below /api/v1/."""

from django.urls import path

from .api import parameters, spaces, trustlist

TRUSTLIST = "system/address-trustlist/"
SPACE = "system/tenants/<uuid:space_id>/"

urlpatterns = [
    path("system/tenants/", spaces.SpaceList.as_view(), name="api-system-tenants"),
    path(SPACE, spaces.SpaceDetail.as_view(), name="api-system-tenant"),
    path(SPACE + "features/", spaces.SpaceFeatures.as_view(), name="api-system-tenant-features"),
    path("system/parameters/", parameters.SystemParameterView.as_view(), name="api-system-parameters"),
    path(TRUSTLIST, trustlist.TrustedAddressList.as_view(), name="api-system-trusted-list"),
    path(TRUSTLIST + "<uuid:trusted_id>/", trustlist.TrustedAddressDetail.as_view(), name="api-system-trusted"),
]
