"""The source files that the tests of this folder read."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

CHECKOUT = Path(__file__).parents[2]
Node = TypeVar("Node", bound=ast.AST)
APPS = ("tenants", "marketing", "importer", "aicc_console")


@cache
def product() -> list[Path]:
    """Return the product's modules, migrations aside, sorted."""
    files = [path for app in APPS for path in (CHECKOUT / app).rglob("*.py") if "migrations" not in path.parts]
    return sorted(files)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def nodes(kind: type[Node]) -> Iterator[tuple[str, Node]]:
    """Yield (name of the file, node) of every node of `kind` in the product."""
    for path in product():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, kind):
                yield name_of(path), node


def name_of(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()
