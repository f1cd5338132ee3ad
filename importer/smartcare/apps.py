"""Care tasks fill themselves from SmartCare; a client of importer and marketing."""

from django.apps import AppConfig


class SmartcareConfig(AppConfig):
    name = "importer.smartcare"

    def ready(self) -> None:
        from . import attention, origins  # noqa: F401  they register themselves where the apps below ask
