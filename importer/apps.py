"""Bringing many rows; a client of marketing.intake."""

from django.apps import AppConfig


class ImporterConfig(AppConfig):
    name = "importer"
