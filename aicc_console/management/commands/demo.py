"""`demo`: two tenant spaces to try the console with; `make run` calls it once."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from aicc_console import demo


class Command(BaseCommand):
    help = (
        "Makes the demo tenants; users, random passwords and API tokens are written to $VAR_DIR/demo.json (mode 600)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default=settings.PUBLIC_URL, help="address of the console, for demo.json")
        parser.add_argument("--if-missing", action="store_true", help="do nothing when the demo is there already")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_missing"] and demo.exists():
            return
        demo.make(options["url"])
        self.stdout.write(f"Demo tenants made; users and passwords are in {demo.file_of_secrets()}.")
