"""The lines of a page of parameters, tenant or system: what is typed, what is saved, what is at fault."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from django.core.exceptions import ValidationError

from .parameter_kinds import Parameter
from .refusals import refusal

SEEN = "seen:"  # begins the name of each field that holds the value which the page showed
RESET = "reset"  # the button whose value is the parameter that goes back to its default, not saved yet


def typed_in(posted: Mapping[str, str], catalogue: Mapping[str, Parameter]) -> dict[str, str]:
    """Return {key: text} of what was changed on the page, a parameter to be reset at its default."""
    typed = {key: posted[key] for key in catalogue if key in posted and posted[key].strip() != posted.get(SEEN + key)}
    reset = catalogue.get(posted.get(RESET, ""))
    return typed | {reset.key: reset.default} if reset else typed


def require_unchanged(
    typed: Mapping[str, str],
    posted: Mapping[str, str],
    saved: Mapping[str, str],
    catalogue: Mapping[str, Parameter],
) -> None:
    """Raise ValidationError, keyed by parameter, where `typed` would replace what somebody else saved meanwhile."""
    unseen = [key for key, text in typed.items() if saved[key] not in (posted.get(SEEN + key, saved[key]), text)]
    if unseen:
        faults = {key: refusal("parameter_changed", value=catalogue[key].shown(saved[key])) for key in unseen}
        raise ValidationError(faults)


def lines_of(
    catalogue: Mapping[str, Parameter],
    values: Mapping[str, str],
    saved: Mapping[str, str],
    faults: Mapping[str, list[str]],
) -> list[dict[str, Any]]:
    """Return a line for each parameter; `values` as typed, `faults` the sentences of those that do not fit."""
    return [
        {
            "parameter": parameter,
            "value": values[key],
            "saved": saved[key],
            "default": parameter.shown(parameter.default),
            "fault": (faults.get(key) or [""])[0],
        }
        for key, parameter in catalogue.items()
    ]


def grouped(lines: Iterable[dict[str, Any]]) -> list[tuple[Any, list[dict[str, Any]]]]:
    """Return [(group, its lines)]; the lines of a group stand together in the catalogue."""
    return [(group, list(found)) for group, found in groupby(lines, key=lambda line: line["parameter"].group)]
