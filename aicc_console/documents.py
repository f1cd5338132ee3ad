"""Documents that are written from the code, so that they cannot contradict it; a test fails when one is stale."""

import pkgutil
from abc import abstractmethod
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override

APPS = ("tenants", "marketing", "importer", "aicc_console.administration")


class DocumentCommand(BaseCommand):
    """Base of commands that write a document, or with --check only say whether it is stale."""

    requires_system_checks = []
    path: str  # below the checkout

    @abstractmethod
    def text(self, old: str) -> str:
        """Return what the document should hold, given what it holds."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when the document is stale")

    def handle(self, *args: Any, **options: Any) -> None:
        document = Path(settings.BASE_DIR, self.path)
        old = document.read_text(encoding="utf-8") if document.exists() else ""
        with override("en"):
            new = self.text(old)
        if options["check"] and new != old:
            name = type(self).__module__.rpartition(".")[2]
            raise CommandError(f"{self.path} is stale: run manage.py {name}.")
        if new != old:
            document.write_text(new, encoding="utf-8")


def import_all() -> None:
    """Import every module of the apps, so that all of their refusals are declared."""
    for app in APPS:
        for module in pkgutil.walk_packages(import_module(app).__path__, f"{app}."):
            if ".migrations" not in module.name and ".management" not in module.name:
                import_module(module.name)
