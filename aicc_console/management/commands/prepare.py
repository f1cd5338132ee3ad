"""manage.py prepare: bring the database and the static files up to this version, where they are not."""

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from tenants.owner import require_plain_role


class Command(BaseCommand):
    help = "Migrate and collect static files where something changed."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            require_plain_role()
            self._migrate()
        except OperationalError as refused:
            raise CommandError(f"The database that DATABASE_URL names does not answer: {refused}") from None
        except ImproperlyConfigured as refused:
            raise CommandError(str(refused)) from None
        self._collect_static()

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        unapplied = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if not unapplied:
            return
        if settings.DATABASE_OWNER is None:
            raise CommandError(
                f"The database lacks {unapplied} migrations, and only the owner of its tables may apply them. "
                "Give DATABASE_OWNER_URL as well, or run manage.py migrate with it first."
            )
        self.stdout.write(f"Migrating the database ({unapplied} steps) ...")
        call_command("migrate", interactive=False, verbosity=0)

    def _collect_static(self) -> None:
        digest, stamp = _static_digest(), Path(settings.VAR_DIR) / "static.digest"
        if stamp.exists() and stamp.read_text() == digest:
            return
        self.stdout.write("Collecting static files ...")
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(digest)


def _static_digest() -> str:
    """Return one value for all static files of all apps: changed by another name, size or time of change."""
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
