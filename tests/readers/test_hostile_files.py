"""Every hostile file is refused with its code: quickly, in little memory, and without harm to this process."""

import time
from dataclasses import replace

import pytest

from importer.limits import MIB, Limits

from .hostile_containers import CONTAINER
from .hostile_contents import GRID, STRINGS, XML

SECONDS = 5
LITTLE_MEMORY = replace(Limits.by_file(), memory_bytes=128 * MIB)  # parse_memory would be another code


@pytest.mark.parametrize(("code", "content", "name"), [*CONTAINER, *XML, *GRID, *STRINGS])
def test_it_is_refused(code_of, code, content, name):
    source = content()
    begun = time.monotonic()

    assert code_of(source, name, LITTLE_MEMORY) == code

    assert time.monotonic() - begun < SECONDS
