"""Fills a running console's database with what a large tenant has after a year, or with one of each."""

import json
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import timedelta
from typing import Any

import psycopg
from django.db import connections
from django.utils import timezone

from importer.layout import Layout
from importer.models import ImportBatch
from importer.states import ImportState
from marketing.models import MarketingTask
from marketing.rules import Rules
from tenants.models import Tenant
from tenants.scoping import act_for
from tests import make
from tests.consoles import RunningConsole

BODY = "Dear ${name}, your plan ${plan} ends on ${last_day}."
ADD_RECIPIENTS = """
    INSERT INTO marketing_recipient (tenant_id, task_id, address, variables, origin, origin_row, created_at)
    SELECT %(tenant)s, %(task)s, '+86' || 13000000000 + (number::bigint * 48271) %% 1000000000,
        jsonb_build_object('name', 'Wang ' || number, 'plan', 'Fun 59', 'last_day', '31 Dec'),
        %(origin)s, number, now()
    FROM generate_series(%(first)s::int, %(last)s::int) AS number"""
ADD_REJECTED = """
    INSERT INTO importer_rejectedrow (tenant_id, batch_id, row, outcome, code, params, cells)
    SELECT %(tenant)s, %(batch)s, number,
        CASE WHEN number %% 3 = 0 THEN 'duplicate' ELSE 'failed' END,
        (ARRAY['duplicate', 'number_length', 'variable_missing'])[number %% 3 + 1],
        '{"n": 3, "low": 11, "high": 11, "name": "plan"}',
        jsonb_build_array('138' || number, 'Wang', 'Fun 59', '31 Dec')
    FROM generate_series(1, %(rows)s) AS number"""

COUNT_REJECTED = """
    UPDATE importer_importbatch SET reasons = counted.reasons, failed = counted.failed, duplicate = counted.duplicate,
        total = total + counted.failed + counted.duplicate
    FROM (SELECT jsonb_object_agg(outcome, codes) AS reasons,
                 coalesce(sum(rows) FILTER (WHERE outcome = 'failed'), 0) AS failed,
                 coalesce(sum(rows) FILTER (WHERE outcome = 'duplicate'), 0) AS duplicate
          FROM (SELECT outcome, jsonb_object_agg(code, rows) AS codes, sum(rows) AS rows
                FROM (SELECT outcome, code, count(*) AS rows FROM importer_rejectedrow
                      WHERE batch_id = %(batch)s GROUP BY 1, 2) AS by_code GROUP BY 1) AS by_outcome) AS counted
    WHERE id = %(batch)s"""
COUNT_RECIPIENTS = """
    UPDATE marketing_marketingtask SET recipient_count = (
        SELECT count(*) FROM marketing_recipient WHERE task_id = marketing_marketingtask.id)
    WHERE tenant_id = %(tenant)s"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything: `in_one` recipients and `rejected` rows belong to the largest task."""

    recipients: int
    in_one: int
    tasks: int
    imports: int
    rejected: int

    def divided(self, by: int) -> "Size":
        """Return a `by`-th of it."""
        return Size(*(-(-count // by) for count in astuple(self)))


ONE_OF_EACH = Size(recipients=1, in_one=1, tasks=1, imports=1, rejected=1)
LARGE = Size(recipients=5_000_000, in_one=500_000, tasks=200, imports=2_000, rejected=300_000)


def fill(console: RunningConsole, name: str, size: Size) -> Any:
    """Make a tenant of `size`; return it with its largest task, and of that an import, a recipient and so on."""
    tenant = make.tenant(name)
    with act_for(tenant):
        template = make.template(BODY, defaults={"last_day": "31 Dec"})
        tasks = [make.task(name=f"Offer {number:03}", template=template) for number in range(size.tasks)]
        batches = _imports(tasks, size)
    _load(console, tenant, tasks, batches, size)
    with act_for(tenant):
        tenant.task, tenant.batch = tasks[0], batches[0]
        tenant.recipient = tenant.task.recipients.order_by("id")[0]
        tenant.rule, tenant.file_server = make.mapping_rule(), make.file_server()
    connections.close_all()
    return tenant


def _imports(tasks: list[MarketingTask], size: Size) -> list[ImportBatch]:
    """Return the imports, each task's in turn: number 1 of every task comes first."""
    rules = Rules.of(tasks[0])
    header = ["Recipient number", *(variable.name for variable in rules.variables)]
    layout = Layout(0, {name: column for column, name in enumerate(header) if column}, header)
    moment = timezone.now()
    return ImportBatch.objects.bulk_create(
        ImportBatch(
            task=tasks[index % len(tasks)],
            number=index // len(tasks) + 1,
            state=ImportState.COMPLETE,
            source_name=f"customers-{index}.xlsx",
            operator_name=f"Person {index % 40}",
            rules=rules.to_json(),
            layout=layout.to_json(),
            begun_at=moment - timedelta(hours=index),
            ended_at=moment - timedelta(hours=index),
        )
        for index in range(size.imports)
    )


def _load(console: RunningConsole, tenant: Tenant, tasks: Any, batches: Any, size: Size) -> None:
    """Load rows past all rules, as the superuser; half of the largest task first, the other half last."""
    with psycopg.connect(_url(console), autocommit=True) as database:
        database.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        for task, batch, first, last in _portions(tasks, batches, size):
            part = {"tenant": tenant.pk, "task": task.pk, "first": first, "last": last}
            database.execute(ADD_RECIPIENTS, part | {"origin": batch.pk if batch else None})
            if batch:
                counted = "UPDATE importer_importbatch SET created = created + %s, total = total + %s WHERE id = %s"
                database.execute(counted, [last - first + 1, last - first + 1, batch.pk])
        database.execute(ADD_REJECTED, {"tenant": tenant.pk, "batch": batches[0].pk, "rows": size.rejected})
        database.execute(COUNT_REJECTED, {"batch": batches[0].pk})
        database.execute(COUNT_RECIPIENTS, {"tenant": tenant.pk})
        database.execute("ANALYZE")


def _portions(tasks: Any, batches: Any, size: Size) -> Iterator[tuple[Any, Any, int, int]]:
    """Yield (task, import or None, first, last) of what is loaded at a time; a hundredth was added one by one."""
    half, by_person = size.in_one // 2, size.in_one // 100
    of_largest = [batch for batch in batches if batch.task_id == tasks[0].pk]
    yield tasks[0], of_largest[0], 1, half or 1
    each = (size.recipients - size.in_one) // max(1, len(tasks) - 1)
    for index, task in enumerate(tasks[1:], start=1):
        yield task, batches[index], 1, each
    if half:
        yield tasks[0], of_largest[-1], half + 1, size.in_one - by_person
        yield tasks[0], None, size.in_one - by_person + 1, size.in_one


def _url(console: RunningConsole) -> str:
    passwords = json.loads((console.folder / "servers" / "passwords.json").read_text())
    return f"postgresql://postgres:{passwords['postgres']}@/aicc?host={console.state['sockets']}"
