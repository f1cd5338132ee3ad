"""Reading bytes as a file with a name, in the real child process."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from importer.limits import Limits
from importer.readers.reading import Reading, Row, read, rows_of

Reads = Callable[..., tuple[list[Row], Reading]]
CodeOf = Callable[..., str]


@pytest.fixture
def reads(tmp_path: Path) -> Reads:
    """Return a function: content, name -> rows and what is known of them."""

    def reads_bytes(content: bytes, name: str = "a.xlsx", limits: Limits | None = None) -> tuple[list[Row], Reading]:
        source, into = tmp_path / "source", tmp_path / "chunks"
        source.write_bytes(content)
        into.mkdir()
        reading = read(source, name=name, into=into, limits=limits or Limits.by_file())
        return [row for chunk in sorted(into.iterdir()) for row in rows_of(chunk)], reading

    return reads_bytes


@pytest.fixture
def code_of(reads: Reads) -> CodeOf:
    """Return a function: content, name -> the code with which it is refused."""

    def code_of_bytes(content: bytes, name: str = "a.xlsx", limits: Limits | None = None) -> str:
        with pytest.raises(ValidationError) as refused:
            reads(content, name, limits)
        assert refused.value.messages[0]  # the sentence has all it names
        return refused.value.code

    return code_of_bytes
