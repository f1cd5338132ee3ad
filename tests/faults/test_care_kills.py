"""Two clocks at once, and kill -9 of the workers in mid-collection: every customer has one outcome, all are there."""

import time
from collections import Counter
from pathlib import Path
from uuid import uuid4

import pytest

from aicc_console import programs
from aicc_console.processes import Child
from importer.smartcare import jobs, run
from importer.smartcare.models import CareDay, CareRow
from importer.smartcare.simulator.customers import Customers
from importer.smartcare.simulator.server import Simulator
from marketing.models import Recipient
from tenants.scoping import act_for
from tests import beside, care, make

CUSTOMERS, PAGE = 300, 10
KILLED_AFTER = 6  # pages of 30


class Slow(Simulator):
    """Takes its time for each page, so that there is a middle to be killed in."""

    def next_fault(self) -> str:
        time.sleep(0.1)
        return super().next_fault()


@pytest.fixture
def simulator():
    with Slow(Customers(voice=CUSTOMERS, data=0, regulars=0)) as smartcare:
        yield smartcare


@pytest.fixture
def tenant(db, simulator, settings):
    made = make.tenant("Demo Telecom", smartcare=True)
    care.trust(simulator, settings)
    care.integrate(made, simulator)
    with act_for(made):
        made.care_task = care.task("voice")
    return made


@pytest.fixture
def processes(tmp_path: Path, simulator, settings):
    """Two clocks and two workers that look for the same work, on short leases."""
    settings.QUEUE_PREFIX = f"{uuid4()}-"
    short = {"SMARTCARE_LEASE_SECONDS": "2", "SMARTCARE_PAGE_ROWS": str(PAGE), "CHUNK_ROWS": "20"}
    given = beside.environment(
        tmp_path, LOOPBACK_PORTS=str(simulator.port), QUEUE_PREFIX=settings.QUEUE_PREFIX, **short
    )
    clocks = [Child(programs.beat(given, tmp_path)) for _number in range(2)]
    workers = [Child(programs.worker(queues, given, tmp_path)) for queues in ("bulk,interactive", "interactive,bulk")]
    for child in clocks + workers:
        child.start()
    yield clocks, workers
    for child in clocks + workers:
        child.kill()


@pytest.mark.django_db(transaction=True)
def test_a_collection_whose_workers_are_killed_ends_whole(tenant, simulator, processes, tmp_path):
    clocks, workers = processes

    def states() -> set[str]:
        with act_for(tenant):
            return set(CareDay.objects.exclude(state="waiting").values_list("state", flat=True))

    with act_for(tenant):
        run.run_now(tenant)
        jobs.enqueue(tenant)
    beside.wait_for(lambda: len(simulator.asked) >= KILLED_AFTER, tmp_path)
    for worker in workers:
        worker.kill()
    asked = len(simulator.asked)
    assert states() == {"fetching"}
    for worker in workers:
        worker.start()
    beside.wait_for(lambda: states() == {"complete"}, tmp_path)

    assert all(clock.is_running for clock in clocks)
    assert asked < CUSTOMERS / PAGE <= len(simulator.asked) <= CUSTOMERS / PAGE + 2  # one page was lost with each
    with act_for(tenant):
        (day,) = CareDay.objects.exclude(state="waiting")
        assert care.counts_of(day) == {"fetched": CUSTOMERS, "created": CUSTOMERS}
        rows = CareRow.objects.filter(day=day)
        assert Counter(rows.values_list("outcome", flat=True)) == {"created": CUSTOMERS}
        assert sorted(rows.values_list("row", flat=True)) == list(range(1, CUSTOMERS + 1))
        recipients = Recipient.objects.filter(task=tenant.care_task)
        assert recipients.count() == recipients.values("address").distinct().count() == CUSTOMERS
