"""Kill -9 of the worker of webhooks while a receiver takes its time: every event arrives, under one id."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone

from aicc_console import programs
from aicc_console.processes import Child
from importer.cancellation import cancel
from tenants.scoping import act_for
from tests import beside, make, receiver
from tests.receiver import Reply

EVENTS = 3


@pytest.fixture
def worker(tmp_path: Path, crm, settings) -> Iterator[Child]:
    settings.QUEUE_PREFIX = f"{uuid4()}-"
    given = beside.environment(tmp_path, LOOPBACK_PORTS=str(crm.port), QUEUE_PREFIX=settings.QUEUE_PREFIX)
    children = [
        Child(programs.worker("webhooks,interactive", given, tmp_path, threads=2)),
        Child(programs.beat(given, tmp_path)),
    ]
    for child in children:
        child.start()
    yield children[0]
    for child in children:
        child.kill()


@pytest.mark.django_db(transaction=True)
def test_an_event_whose_worker_is_killed_arrives_again_under_its_id(tenant, crm, hook, worker, tmp_path):
    def states() -> set[str]:
        return {delivery.state for delivery in receiver.told(hook)}

    crm.replies = [Reply(seconds=5)]
    with act_for(tenant):
        for _event in range(EVENTS):
            cancel(make.batch(make.task(), [["13800000001", "Ann"]]))
    beside.wait_for(lambda: crm.calls, tmp_path)
    worker.kill()
    assert (states(), len(crm.calls)) == ({"waiting"}, 1)
    with act_for(tenant):  # a minute and a half later
        type(hook).objects.filter(pk=hook.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    worker.start()
    beside.wait_for(lambda: states() == {"delivered"}, tmp_path)

    calls = Counter(call.payload["id"] for call in crm.calls)
    assert calls == {str(one.pk): 2 if number == 0 else 1 for number, one in enumerate(receiver.told(hook))}
