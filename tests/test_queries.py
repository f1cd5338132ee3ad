"""Every list asks the database equally often, whether it holds one row or fifty."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from importer.models import ImportBatch, RejectedRow
from importer.states import ImportState
from marketing import intake
from marketing.intake import Incoming
from marketing.rules import Draft
from tenants.callers import Actor, acting_as
from tenants.scoping import act_for

from . import caller, make
from .pages import Person

MANY = 50
LISTS = [
    ("recipients", {}),
    ("recipients", {"how": "begins", "text": "138"}),
    ("recipients", {"how": "ends", "text": "1"}),
    ("recipients", {"origin": "person"}),
    ("recipients", {"origin": "import"}),
]


@pytest.fixture
def task(tenant):
    """A task with one recipient by a person, one by an import, one rejected row, one import."""
    with act_for(tenant):
        made = make.task()
        add(tenant, made, 1)
    return made


def add(tenant, task, first: int, last: int = 0) -> None:
    """Add what has the numbers from `first` to `last`: recipients of both origins in turn, rejected rows, imports."""
    numbers = range(first, (last or first) + 1)
    ended = {"state": ImportState.COMPLETE, "ended_at": timezone.now()}
    batch = task.imports.first() or make.batch(task, [["1", "Ann"]], **ended)
    with acting_as(Actor(tenant.administrator.pk)), intake.lock(task.pk) as locked:
        for number in numbers:
            for kind, origin in ((0, None), (1, batch.pk)):
                draft = Draft(f"+86138{number:03}{kind}{number:03}1", {"name": "Ann"})
                intake.admit_many(locked, Incoming.of({number: draft}), origin=origin)
    row = {"outcome": "failed", "code": "variable_missing", "params": {"name": "name"}}
    RejectedRow.objects.bulk_create(RejectedRow(batch=batch, row=number, cells=["x"], **row) for number in numbers)
    more = {"task": task, "source_name": "a.csv", "operator_name": "Ann", "layout": batch.layout} | ended
    ImportBatch.objects.bulk_create(ImportBatch(number=number, **more) for number in numbers if number > 1)


def counted(ask) -> int:
    ask()  # what is read once and kept, such as content types
    with CaptureQueriesContext(connection) as queries:
        answer = ask()
    assert answer.status_code == 200
    return len(queries)


def both(tenant, task, ask) -> tuple[int, int]:
    """Return how many queries `ask` takes now, and with fifty of everything."""
    for_one = counted(ask)
    with act_for(tenant):
        add(tenant, task, 2, MANY)
    return for_one, counted(ask)


@pytest.mark.parametrize(("page", "search"), LISTS)
def test_a_page_of_recipients(tenant, task, page, search):
    person = Person(tenant.administrator)
    with act_for(tenant):
        batch = task.imports.get()
    form = search | ({"origin": str(batch.pk)} if search.get("origin") == "import" else {})

    for_one, for_many = both(tenant, task, lambda: person.post(f"marketing:{page}", task.pk, **form))

    assert for_one == for_many


@pytest.mark.parametrize("name", ["imports", "import", "rejected-rows"])
def test_a_page_of_imports(tenant, task, name):
    person = Person(tenant.administrator)
    with act_for(tenant):
        batch = task.imports.get()
    arguments = {"imports": [], "import": [batch.pk], "rejected-rows": [batch.pk, "failed"]}[name]

    for_one, for_many = both(tenant, task, lambda: person.get(f"importer:{name}", task.pk, *arguments))

    assert for_one == for_many


@pytest.mark.parametrize("name", ["api-recipients", "api-imports", "api-failed-rows", "api-tasks"])
def test_a_list_of_rest(tenant, task, name):
    program = caller.of(tenant)
    with act_for(tenant):
        batch = task.imports.get()
    arguments = {"api-recipients": [task.pk], "api-failed-rows": [batch.pk]}.get(name, [])

    for_one, for_many = both(tenant, task, lambda: program.get(name, *arguments))

    assert for_one == for_many
