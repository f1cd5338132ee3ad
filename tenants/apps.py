"""The floor: whose row, who asks, what the tenant allows."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "tenants"

    def ready(self) -> None:
        from . import checks, ending_tokens, sign_in  # noqa: F401  they register themselves, sign_in its actions
        from .webhooks import attention  # noqa: F401  registers what it knows
