"""The lines of a page of parameters, tenant or system: what is typed, what is saved, what is at fault."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from .parameter_kinds import Parameter


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
            "default": dict(parameter.choices).get(parameter.default, parameter.default),
            "fault": (faults.get(key) or [""])[0],
        }
        for key, parameter in catalogue.items()
    ]


def grouped(lines: Iterable[dict[str, Any]]) -> list[tuple[Any, list[dict[str, Any]]]]:
    """Return [(group, its lines)]; the lines of a group stand together in the catalogue."""
    return [(group, list(found)) for group, found in groupby(lines, key=lambda line: line["parameter"].group)]
