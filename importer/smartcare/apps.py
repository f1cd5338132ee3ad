"""Care tasks fill themselves from SmartCare; a client of importer and marketing."""

from django.apps import AppConfig


class SmartcareConfig(AppConfig):
    name = "importer.smartcare"
