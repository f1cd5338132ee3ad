"""Signing in and out is django-allauth's; here is what differs."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter


class Adapter(DefaultAccountAdapter):
    """Nobody signs up: tenants and their administrators are made by the system administrator."""

    def is_open_for_signup(self, request: Any) -> bool:
        return False
