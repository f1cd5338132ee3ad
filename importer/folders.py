"""A folder of a file server as pages show it: its entries, and the way up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from tenants.outbound.paths import parts_of
from tenants.outbound.stores import Stored
from tenants.parameters import system_parameter

from . import file_servers
from .server_models import FileServer
from .submission import FILE_TYPES

ROW, PACKED_ROW = 30, 12  # bytes of a short row, as text and in a workbook


@dataclass(frozen=True, slots=True)
class Line:
    """A file or folder. `path`: of a folder, below the default path."""

    name: str
    path: str
    size: int
    changed_at: datetime | None
    is_folder: bool
    is_importable: bool

    @property
    def is_large(self) -> bool:
        """Return whether so many bytes may well be more rows than are advised at a time."""
        is_packed = self.name.lower().endswith(".xlsx")
        return self.size > system_parameter("advised_rows") * (PACKED_ROW if is_packed else ROW)


def folder_context(server: FileServer, path: str) -> dict[str, Any]:
    """Return what a page says of the folder `path`, or `refused`: why it cannot be seen."""
    try:
        folder = file_servers.browse(server, path)
    except ValidationError as refused:
        return {"refused": refused.messages[0], "path": path, "is_looked_into": True}
    parts = parts_of(path)
    return {
        "lines": [_line(one, parts) for one in folder.entries],
        "is_cut": folder.is_cut,
        "path": "/".join(parts),
        "above": "/".join(parts[:-1]),
        "is_looked_into": True,
    }


def _line(stored: Stored, parts: tuple[str, ...]) -> Line:
    is_importable = not stored.is_folder and stored.name.lower().endswith(FILE_TYPES)
    path = "/".join((*parts, stored.name)) if stored.is_folder else "/".join(parts)
    return Line(stored.name, path, stored.size, stored.changed_at, stored.is_folder, is_importable)
