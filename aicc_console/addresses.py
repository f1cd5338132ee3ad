"""An address without the slash at its end leads to the one with it, and what was sent goes along."""

from django.http import HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware


class SentOn(HttpResponsePermanentRedirect):
    """308, unlike 301: a POST stays a POST. Else a caller would read a list where it meant to create."""

    status_code = 308


class AddressMiddleware(CommonMiddleware):
    """Django's own, for the slash and for hosts that are not ours."""

    response_redirect_class = SentOn
