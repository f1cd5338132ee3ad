"""Every hostile file is refused with its code: quickly, in little memory, and without harm to this process."""

import resource
import time

import pytest

from .hostile_containers import CONTAINER
from .hostile_contents import GRID, STRINGS, XML

SECONDS = 5


@pytest.mark.parametrize(("code", "content", "name"), [*CONTAINER, *XML, *GRID, *STRINGS])
def test_it_is_refused(code_of, code, content, name):
    source = content()
    begun = time.monotonic()

    assert code_of(source, name) == code

    assert time.monotonic() - begun < SECONDS


def test_no_child_needed_much_memory():
    """Runs last in this file: the figure is that of the largest child so far."""
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 256 * 1024  # KiB
