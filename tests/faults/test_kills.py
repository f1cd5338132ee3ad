"""Kill -9 of a worker, the database or the broker at random moments: the result is that of an undisturbed run."""

import random
import time
from pathlib import Path

import psycopg
import pytest

from tests import consoles
from tests.consoles import RunningConsole

SAMPLE = consoles.CHECKOUT / "docs" / "samples" / "recipients-10000.xlsx"
VICTIMS = ["worker-bulk", "worker-interactive", "postgres", "valkey", "beat"]
FINISHED_WITHIN = 30  # seconds after the last kill
RECIPIENTS = """
    SELECT count(*), md5(string_agg(concat_ws('|', origin_row, address, variables), E'\n' ORDER BY origin_row))
    FROM marketing_recipient WHERE origin = %s"""
REJECTED = """
    SELECT count(*), md5(string_agg(concat_ws('|', row, outcome, code, params, cells), E'\n' ORDER BY row))
    FROM importer_rejectedrow WHERE batch_id = %s"""
STRAY = """
    SELECT count(*) FROM marketing_marketingtask t
    WHERE recipient_count <> (SELECT count(*) FROM marketing_recipient r WHERE r.task_id = t.id)"""


@pytest.fixture(scope="module")
def console():
    with consoles.open_folder() as folder, consoles.running(folder, CHUNK_ROWS="500") as running:
        yield running  # 21 chunks: more moments to be killed at


def result_of(console: RunningConsole, batch: str) -> list[tuple[object, ...]]:
    """The rows that came of an import, as counts and digests."""
    with psycopg.connect(console.state["environment"]["DATABASE_URL"], autocommit=True) as connection:
        tenant = connection.execute("SELECT id FROM tenants_tenant WHERE name = 'Demo Telecom'").fetchone()
        connection.execute("SELECT set_config('app.tenant', %s, false)", [str(tenant[0])])
        return [connection.execute(query, [batch]).fetchone() for query in (RECIPIENTS, REJECTED)] + [
            connection.execute(STRAY).fetchone()
        ]


def harass(console: RunningConsole, kills: int, chance: random.Random) -> list[str]:
    """Start an import before each kill, at a random moment of which one process is killed; return the imports."""
    batches = []
    for _kill in range(kills):
        batches.append(_started(console))
        time.sleep(chance.uniform(0, 1.5))
        console.kill(chance.choice(VICTIMS))
    return batches


def _started(console: RunningConsole) -> str:
    """Start an import; a console whose database was killed a moment ago is asked again."""
    until = time.monotonic() + 20
    while True:
        try:
            return console.start_import(console.new_task("5G upgrade offer"), SAMPLE)
        except (AssertionError, OSError, KeyError, TypeError):
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


@pytest.mark.parametrize("kills", [12, pytest.param(100, marks=pytest.mark.soak)])
def test_every_import_ends_as_if_nothing_had_happened(console, kills):
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed={seed}")
    undisturbed = console.start_import(console.new_task("5G upgrade offer"), SAMPLE)
    assert console.wait_for(undisturbed, seconds=FINISHED_WITHIN)["status"] == "complete"
    expected = result_of(console, undisturbed)

    batches = harass(console, kills, random.Random(seed))
    since = time.monotonic()
    ended = [console.wait_for(batch, seconds=FINISHED_WITHIN - (time.monotonic() - since)) for batch in batches]

    assert {one["status"] for one in ended} == {"complete"}
    assert [result_of(console, batch) for batch in batches] == [expected] * kills
    assert expected[2] == (0,)


def test_killing_the_whole_console_loses_nothing():
    with consoles.open_folder() as folder:
        batch = _killed_in_the_middle(folder)
        with consoles.running(folder, CHUNK_ROWS="500") as again:
            ended = again.wait_for(batch, seconds=FINISHED_WITHIN)

    assert (ended["status"], ended["counts"]["unprocessed"]) == ("complete", 0)


def _killed_in_the_middle(folder: Path) -> str:
    """Start a console and an import, kill every process of it at once, and return the import."""
    with consoles.running(folder, CHUNK_ROWS="500") as first:
        batch = first.start_import(first.new_task("5G upgrade offer"), SAMPLE)
        time.sleep(0.3)
        for child in ("worker-bulk", "worker-interactive", "web", "beat", "postgres", "valkey"):
            first.kill(child)
        first.process.kill()
        first.process.wait()
    return batch
