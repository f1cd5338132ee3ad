"""What a command prints for programs as well as people: JSON, one object a line, as soon as it is known."""

import os
from collections.abc import Iterable
from typing import Any


def write_lines(output: Any, lines: Iterable[str]) -> None:
    """Write each of `lines` to a command's `output`, in UTF-8, whatever the terminal speaks."""
    if hasattr(output, "reconfigure"):  # a real stream
        output.reconfigure(encoding="utf-8", line_buffering=True)
    try:
        for line in lines:
            output.write(line)
        output.flush()
    except BrokenPipeError:  # the reader, such as `head`, has seen enough; Python would complain at its end again
        os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())
