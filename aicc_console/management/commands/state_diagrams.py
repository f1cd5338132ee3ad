"""manage.py state_diagrams: write docs/states.md from the tables that the code moves by."""

from collections.abc import Iterator, Mapping
from typing import Any

from aicc_console.documents import DocumentCommand
from importer.states import ENDED, ImportState
from importer.states import TRANSITIONS as OF_IMPORTS
from marketing.states import EDITABLE, IMPORTABLE, TaskState
from marketing.states import TRANSITIONS as OF_TASKS
from marketing.tasks import ACTIONS, MOVES, STATES

HEAD = """# States

Written by `manage.py state_diagrams` from the tables of transitions; a test fails when this page is stale.
"""


class Command(DocumentCommand):
    help = "Write the state diagrams from the tables of transitions."
    path = "docs/states.md"

    def text(self, old: str) -> str:
        return "\n".join([HEAD, *_tasks(), *_imports()])


def _tasks() -> Iterator[str]:
    verbs = {(source, target): verb for verb, (sources, target) in MOVES.items() for source in sources}
    allowed = STATES | {"import": IMPORTABLE, "add": IMPORTABLE, "change": EDITABLE}
    yield "## Marketing task\n"
    yield "`marketing/states.py`. A task whose end time passes while it is Running or Suspended completes by itself.\n"
    yield from _diagram(list(TaskState), OF_TASKS, verbs)
    yield "What may be done with a task of type Marketing (import, add and change concern its recipients):\n"
    yield "| | " + " | ".join(str(state.label) for state in TaskState) + " |"
    yield "|---|" + "---|" * len(TaskState)
    for action in ACTIONS:
        cells = ["yes" if state in allowed.get(action, TaskState) else "" for state in TaskState]
        yield f"| {action} | " + " | ".join(cells) + " |"
    yield ""


def _imports() -> Iterator[str]:
    yield "## Import\n"
    yield "`importer/states.py`. " + _ended_sentence() + "\n"
    yield from _diagram(list(ImportState), OF_IMPORTS, {})


def _ended_sentence() -> str:
    names = [str(state.label) for state in ImportState if state in ENDED]
    return f"{', '.join(names[:-1])} and {names[-1]} are ends: nothing follows."


def _diagram(states: list[Any], transitions: Mapping[Any, frozenset[Any]], verbs: Mapping[Any, str]) -> Iterator[str]:
    yield "```mermaid\nstateDiagram-v2"
    yield from (f"    {state.value}: {state.label}" for state in states)
    yield f"    [*] --> {states[0].value}"
    for source in states:
        for target in sorted(transitions[source], key=states.index):
            verb = verbs.get((source, target))
            yield f"    {source.value} --> {target.value}" + (f": {verb}" if verb else "")
        if not transitions[source]:
            yield f"    {source.value} --> [*]"
    yield "```\n"
