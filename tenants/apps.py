"""The floor: whose row, who asks, what the tenant allows."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "tenants"

    def ready(self) -> None:
        from . import checks  # noqa: F401  registers itself
