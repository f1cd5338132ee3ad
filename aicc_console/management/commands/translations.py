"""`translations`: bring locale/ in line with what the code and the templates say.

A message that is not translated yet is left empty, and Django shows it in English; `--check` names it.
"""

from argparse import ArgumentParser
from typing import Any

from babel.messages.catalog import Catalog
from django.core.management.base import BaseCommand, CommandError

from aicc_console import catalogue


class Command(BaseCommand):
    help = "Writes locale/zh_Hans: new messages are added, gone ones dropped, translations kept, django.mo compiled."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail where a word is missing or a file stale"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        current = catalogue.current()
        if options["check"]:
            self._check(current)
            return
        catalogue.FOLDER.mkdir(parents=True, exist_ok=True)
        catalogue.PO.write_bytes(catalogue.as_po(current))
        catalogue.MO.write_bytes(catalogue.as_mo(catalogue.stored()))
        faults = list(catalogue.faults(current))
        self.stdout.write("\n".join([f"{len(current)} messages, {len(faults)} to be mended", *faults]))

    def _check(self, current: Catalog) -> None:
        faults = list(catalogue.faults(current))
        if catalogue.PO.read_bytes() != catalogue.as_po(current):
            faults.append("django.po is stale: run manage.py translations")
        if catalogue.MO.read_bytes() != catalogue.as_mo(catalogue.stored()):
            faults.append("django.mo is stale: run manage.py translations")
        if faults:
            raise CommandError("\n".join(faults))
