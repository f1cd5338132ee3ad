"""Every refusal has one code and one sentence, in one table; forms, REST and files all speak it.

A key is a code, or code.variant where one fact needs two sentences: "duplicate" and "duplicate.source".
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.utils.formats import number_format
from django.utils.functional import Promise

# What sentences count; a port, a status, a row and a day are no counts.
COUNTS = frozenset({"n", "low", "high", "total", "mean", "advised", "limit"})

_sentences: dict[str, Any] = {}


def declare(sentences: Mapping[str, Any]) -> None:
    """Add an app's own sentences; a key that stands already with another sentence is a mistake in the code."""
    for key, text in sentences.items():
        if _sentences.setdefault(key, text) is not text:
            raise ImproperlyConfigured(f"The refusal {key} is declared twice.")


def refusal(key: str, /, **params: Any) -> ValidationError:
    """Return the ValidationError of `key`: message (lazy), code, and the params its sentence names."""
    code, _, variant = key.partition(".")
    if variant:
        params["variant"] = variant
    return ValidationError(_sentences[key], code=code, params=params)


@contextmanager
def renaming(names: Mapping[str, str]) -> Iterator[None]:
    """Name the fields of a refusal as a caller does: {"rule": "mapping_rule"}."""
    try:
        yield
    except ValidationError as refused:
        if not hasattr(refused, "error_dict"):
            raise
        raise ValidationError({names.get(name, name): faults for name, faults in refused.error_dict.items()}) from None


def sentence(code: str, params: Mapping[str, Any]) -> str:
    """Return the sentence of a stored refusal in the reader's language."""
    key = f"{code}.{params['variant']}" if "variant" in params else code
    return str(_sentences[key]) % {
        name: _Count(value) if name in COUNTS and isinstance(value, int) else value for name, value in params.items()
    }


class _Count(int):
    """A number whose digits are grouped as the reader's language does."""

    def __str__(self) -> str:
        return number_format(int(self))


def declared() -> Iterator[tuple[str, Promise | str]]:
    """Yield every key with its sentence, sorted: for the documentation and its test."""
    yield from sorted(_sentences.items())
