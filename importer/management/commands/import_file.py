"""`import_file TASK FILE`: bring up to 500,000 records into a task, through the pipeline of uploads."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from importer import jobs, pipeline
from importer.judging import first_of
from importer.models import ImportBatch, MappingRule
from importer.submission import BY_SERVER, submit
from marketing.models import MarketingTask
from tenants.models import Role, Tenant, User
from tenants.scoping import act_for


class Command(BaseCommand):
    help = "Imports FILE (.xlsx or .csv, up to 500,000 records) into the marketing task with the id TASK."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("task", type=UUID, metavar="TASK")
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--rule", metavar="NAME", help="the mapping rule to go by; the template's header otherwise")
        parser.add_argument("--operator", help="user name that Import Result shows; the first administrator otherwise")
        parser.add_argument("--queue", action="store_true", help="leave the rows to the workers and return at once")

    def handle(self, *args: Any, **options: Any) -> None:
        pipeline.tune_process()
        tenant = _tenant_of(options["task"])
        try:
            with options["file"].open("rb") as file, act_for(tenant):
                batch = submit(
                    MarketingTask.objects.get(pk=options["task"]),
                    file,
                    name=options["file"].name,
                    operator=_operator(options["operator"]),
                    origin=BY_SERVER,
                    rule=_rule(options["rule"]),
                )
                if options["queue"]:
                    jobs.enqueue(batch)
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from None
        except ValidationError as refused:
            raise CommandError(f"{first_of(refused).code}: {' '.join(refused.messages)}") from None
        self._report(batch if options["queue"] else pipeline.run_to_the_end(batch))

    def _report(self, batch: ImportBatch) -> None:
        counts = ("total", "created", "duplicate", "failed", "suppressed", "unprocessed")
        shown = "  ".join(f"{name} {getattr(batch, name):,}" for name in counts)
        self.stdout.write(
            f"import {batch.pk}  {batch.state}  {shown}  {batch.seconds:.1f} s  {batch.rows_per_second:,} rows/s"
        )
        for note in batch.note_sentences:
            self.stdout.write(f"note: {note}")
        if batch.error_code:
            raise CommandError(f"{batch.error_code}: {batch.error_sentence}")


def _tenant_of(task_id: UUID) -> Tenant:
    """Find whose task it is: the command acts for no tenant yet, so it asks each."""
    for tenant in Tenant.objects.all():
        with act_for(tenant):
            if MarketingTask.objects.filter(pk=task_id).first():
                return tenant
    raise CommandError(f"There is no marketing task {task_id}.")


def _rule(name: str | None) -> MappingRule | None:
    if name is None:
        return None
    rule: MappingRule | None = MappingRule.objects.filter(name=name).first()
    if rule is None:
        raise CommandError(f"The tenant space has no mapping rule “{name}”.")
    return rule


def _operator(username: str | None) -> User:
    people = User.objects.filter(role=Role.TENANT_ADMINISTRATOR, is_active=True).order_by("pk")
    operator = people.filter(username=username).first() if username else people.first()
    if operator is None:
        raise CommandError(f"The tenant space has no administrator {username or ''}.")
    return operator
