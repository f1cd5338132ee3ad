"""Whether the bundled database and the static files were already prepared for exactly this checkout."""

import hashlib
import sysconfig
from pathlib import Path

from .programs import CHECKOUT

DECIDING = ("*/migrations/*.py", "static/**/*", "*/static/**/*", "aicc_console/settings.py", "tenants/owner.py")


class Prepared:
    """What the last successful preparation saw, kept beside the data it prepared.

    It spares every later start the seconds that Django takes to find out that there is nothing to do.
    """

    def __init__(self, home: Path, static: Path) -> None:
        self.stamp, self.static = home / "prepared", static

    def is_current(self) -> bool:
        return self.static.is_dir() and self.stamp.exists() and self.stamp.read_text() == _digest()

    def note(self) -> None:
        self.stamp.write_text(_digest())

    def forget(self) -> None:
        self.stamp.unlink(missing_ok=True)


def _digest() -> str:
    """Return one value for the installed packages, the migrations and the static files."""
    packages = sorted(folder.name for folder in Path(sysconfig.get_path("purelib")).glob("*.dist-info"))
    digest = hashlib.sha256("\n".join(packages).encode())
    for path in sorted(path for pattern in DECIDING for path in CHECKOUT.glob(pattern) if path.is_file()):
        status = path.stat()
        digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
