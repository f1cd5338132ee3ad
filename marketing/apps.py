"""Tasks and recipients; complete without any importer."""

from django.apps import AppConfig


class MarketingConfig(AppConfig):
    name = "marketing"

    def ready(self) -> None:
        from . import attention  # noqa: F401  it registers itself
