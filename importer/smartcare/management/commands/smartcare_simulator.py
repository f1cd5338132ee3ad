"""`smartcare_simulator`: a SmartCare on this machine, with made-up customers and faults on demand."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from importer.smartcare.simulator.authority import Authority
from importer.smartcare.simulator.customers import Customers
from importer.smartcare.simulator.faults import FAULTS
from importer.smartcare.simulator.server import Simulator


class Command(BaseCommand):
    help = "Serves docs/smartcare-interface.md over HTTPS. SIMULATOR_APP_SECRET names the secret; else it is random."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8143)
        folder = settings.VAR_DIR / "simulator"
        parser.add_argument(
            "--folder", type=Path, default=folder, help="where its authority is kept: ca.pem, ca-key.pem"
        )
        parser.add_argument("--app-id", default="console")
        parser.add_argument("--voice", type=int, default=560, help="customers a day with bad calls")
        parser.add_argument("--data", type=int, default=480, help="customers a day with bad data")
        parser.add_argument("--fault", action="append", default=[], choices=["", *FAULTS], help="for the next query")
        parser.add_argument("--always", default="", choices=["", *FAULTS], help="for all queries after those")
        parser.add_argument("--http", action="store_true", help="without TLS")

    def handle(self, *args: Any, **options: Any) -> None:
        simulator = Simulator(
            Customers(voice=options["voice"], data=options["data"]),
            port=options["port"],
            app_id=options["app_id"],
            app_secret=os.environ.get("SIMULATOR_APP_SECRET", ""),
            authority=Authority.kept_in(options["folder"]),
            uses_tls=not options["http"],
        )
        simulator.script(options["fault"], always=options["always"])
        self.stdout.write(f"SmartCare simulator: {simulator.url}   CA certificate: {options['folder'] / 'ca.pem'}")
        if "SIMULATOR_APP_SECRET" not in os.environ:
            self.stdout.write(f"AppId: {simulator.app_id}   AppSecret: {simulator.app_secret}")
        self.stdout.flush()
        try:
            simulator.serve()
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
