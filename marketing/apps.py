"""Tasks and recipients; complete without any importer."""

from django.apps import AppConfig


class MarketingConfig(AppConfig):
    name = "marketing"
