"""`translations`: bring locale/ in line with what the code and the templates say.

A message that is not translated yet is shown in English; how many there are is told, and is no failure.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from aicc_console import catalogue


class Command(BaseCommand):
    help = "Writes locale/zh_Hans: new messages are added, gone ones dropped, translations kept, django.mo compiled."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing, fail where the files are stale")

    def handle(self, *args: Any, **options: Any) -> None:
        current = catalogue.current()
        if options["check"]:
            self._check(current)
            return
        catalogue.FOLDER.mkdir(parents=True, exist_ok=True)
        catalogue.PO.write_bytes(catalogue.as_po(current))
        catalogue.MO.write_bytes(catalogue.as_mo(catalogue.stored()))
        self.stdout.write(f"{len(current)} messages, {len(list(catalogue.faults(current)))} to be translated")

    def _check(self, current: Any) -> None:
        faults = [fault for fault in catalogue.faults(current) if fault.startswith("other")]
        if catalogue.PO.read_bytes() != catalogue.as_po(current):
            faults.append("django.po is stale: run manage.py translations")
        if catalogue.MO.read_bytes() != catalogue.as_mo(catalogue.stored()):
            faults.append("django.mo is stale: run manage.py translations")
        if faults:
            raise CommandError("\n".join(faults))
