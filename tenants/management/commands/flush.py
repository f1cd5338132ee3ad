"""`flush`, as the owner of the tables."""

from typing import Any

from django.core.management.commands import flush

from tenants.owner import as_owner


class Command(flush.Command):
    help = "Django's flush, as the owner: the application may not TRUNCATE, which ignores row-level security."

    def handle(self, **options: Any) -> None:
        with as_owner(options["database"]):
            super().handle(**options)
