"""A mapping rule for a file that was chosen: what its first rows let one guess, for a person to check and save."""

from collections.abc import Sequence
from difflib import get_close_matches

from marketing.models import MarketingTask
from marketing.rules import Rules
from marketing.variables import alike

from .layout import RECIPIENT_HEADERS, added_columns, is_address
from .mapping import with_variables
from .models import MappingRule
from .readers.reading import Row

SHOWN_ROWS = 4


def suggested(task: MarketingTask, rows: Sequence[Row]) -> MappingRule:
    """Return an unsaved rule for `task`; a column that nothing tells of is None. `rows`: the file's first, or none."""
    rules = Rules.of(task)
    cells = cells_of(rows)
    if not cells:
        return with_variables(MappingRule(recipient_column=1), rules.variables)
    column = _recipient_column(cells, rules)
    has_header = column is None or not is_address(_cell(cells[0], column), rules)
    found = _columns_named([variable.name for variable in rules.variables], cells[0] if has_header else [], column)
    variables = [{"name": name, "column": at} for name, at in found.items()]
    return MappingRule(recipient_column=column, variables=variables, has_header=has_header)  # type: ignore[misc]


def cells_of(rows: Sequence[Row]) -> list[list[str]]:
    """Return the cells of `rows`, without the columns that a download of rejected rows added."""
    added = added_columns(rows[0].cells) if rows else 0
    return [row.cells[added:] for row in rows]


def grid_of(rows: Sequence[Row]) -> list[list[str]]:
    """Return the first of `rows` as a person sees them, all of one width."""
    shown = cells_of(rows)[:SHOWN_ROWS]
    width = max(map(len, shown), default=0)
    return [cells + [""] * (width - len(cells)) for cells in shown]


def _recipient_column(rows: Sequence[Sequence[str]], rules: Rules) -> int | None:
    """Return the column that is called so, else the one with the most addresses; None: no address anywhere."""
    names = {alike(name) for name in RECIPIENT_HEADERS[rules.medium]}  # type: ignore[index]
    by_name = next((at for at, title in enumerate(rows[0], start=1) if alike(title) in names), None)
    if by_name:
        return by_name
    counts = {
        column: sum(is_address(_cell(cells, column), rules) for cells in rows)
        for column in range(1, max(map(len, rows)) + 1)
    }
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] else None


def _columns_named(names: Sequence[str], header: Sequence[str], taken: int | None) -> dict[str, int | None]:
    """Return {name: the column with this header, or with the nearest that is free}."""
    free = {alike(title): at for at, title in enumerate(header, start=1) if title.strip() and at != taken}
    found: dict[str, int | None] = {name: free.pop(alike(name), None) for name in names}
    for name in (name for name, column in found.items() if column is None):
        near = get_close_matches(alike(name), free, n=1)
        found[name] = free.pop(near[0]) if near else None
    return found


def _cell(cells: Sequence[str], column: int) -> str:
    return cells[column - 1] if column <= len(cells) else ""
