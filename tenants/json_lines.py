"""What a command prints for programs as well as people: JSON, one object a line, as soon as it is known."""

import os
from collections.abc import Iterable
from typing import Any

# Within a text they are characters like others, but some programs end a line at them.
LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}


def write_lines(output: Any, lines: Iterable[str]) -> None:
    """Write each of `lines` of JSON to a command's `output`, in UTF-8, whatever the terminal speaks."""
    if hasattr(output, "reconfigure"):  # a real stream
        output.reconfigure(encoding="utf-8", line_buffering=True)
    try:
        for line in lines:
            output.write(line.translate(LINE_ENDS))
        output.flush()
    except BrokenPipeError:  # the reader, such as `head`, has seen enough; Python would complain at its end again
        os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())
