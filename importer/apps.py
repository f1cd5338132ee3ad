"""Bringing many rows; a client of marketing.intake."""

from django.apps import AppConfig


class ImporterConfig(AppConfig):
    name = "importer"

    def ready(self) -> None:
        from . import attention, origins  # noqa: F401  they register themselves where the apps below ask
