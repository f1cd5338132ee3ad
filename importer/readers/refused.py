"""The one way in which the child process says no; the parent makes the sentence from `reasons`."""

from typing import Any


class Refused(Exception):  # noqa: N818 - named for the fact, as the house style wants
    """The whole file is refused: `code` is one of `reasons.FILE`, `params` fill its sentence."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params
