"""`migrate`, as the owner of the tables."""

from typing import Any

from django.core.management.commands import migrate

from tenants.owner import as_owner, unforced


class Command(migrate.Command):
    help = "Django's migrate, as the owner of the tables; then row-level security and grants."

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check_unapplied"] or options["plan"]:  # reading is the application's own right, at start-up
            super().handle(*args, **options)
            return
        with as_owner(options["database"]), unforced(options["database"]):
            super().handle(*args, **options)
