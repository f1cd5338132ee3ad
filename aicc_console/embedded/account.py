"""Whose rights the bundled servers run with, and the folders they may use."""

import os
import pwd
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ELSEWHERE = Path("/var/lib/aicc-console")  # where the servers' data goes when their account cannot reach VAR_DIR


class Account:
    """The user that runs the servers: whoever starts them, but nobody in place of root."""

    def __init__(self) -> None:
        self.is_other = os.geteuid() == 0
        self.user, self.group = _nobody() if self.is_other else (os.geteuid(), os.getegid())

    @property
    def identity(self) -> Mapping[str, Any]:
        """What subprocess needs to become this account."""
        return {"user": self.user, "group": self.group, "extra_groups": []} if self.is_other else {}

    def own(self, folder: Path) -> Path:
        """Make `folder`, for this account and for nobody else."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.is_other:
            os.chown(folder, self.user, self.group)
        folder.chmod(0o700)
        return folder

    def keep(self, path: Path, secret: str) -> None:
        """Write a file that only this account may read."""
        path.touch(mode=0o600)
        path.write_text(secret)
        os.chown(path, self.user, self.group)

    def reaches(self, path: Path) -> bool:
        """Tell whether this account may enter the folder, or run the file, `path`."""
        if not self.is_other:
            return os.access(path, os.X_OK)
        try:
            return subprocess.run(["test", "-x", path], cwd="/", **self.identity).returncode == 0
        except (OSError, ValueError) as refused:  # a container without the user's id
            raise SystemExit(
                f"The database refuses to run as root, and nobody cannot be used here: {refused}"
            ) from None

    def holds(self, folder: Path) -> bool:
        """Tell whether the servers' data can live below `folder`."""
        probe = folder / "probe"
        try:
            return self.reaches(self.own(probe))
        except PermissionError:  # a file system without owners
            return False
        finally:
            probe.rmdir()


def _nobody() -> tuple[int, int]:
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return 65534, 65534
    return nobody.pw_uid, nobody.pw_gid


def home_of_servers(var_dir: Path, account: Account) -> Path:
    """Return the folder of the servers' data: `var_dir`/servers, which is a link where `account` cannot reach it.

    A checkout below a closed home folder is such a case. No folder's rights are widened for it.
    """
    home = var_dir / "servers"
    if home.is_symlink():
        return home.resolve(strict=True)
    home.mkdir(mode=0o711, exist_ok=True)
    home.chmod(0o711)
    if (home / "postgres").exists() or account.holds(home):
        return home
    home.rmdir()
    home.symlink_to(_elsewhere(account, var_dir))
    return home.resolve()


def _elsewhere(account: Account, var_dir: Path) -> Path:
    """Make a folder outside VAR_DIR that `account` reaches; a temporary VAR_DIR gets a temporary one."""
    temporary = Path(tempfile.gettempdir()).resolve()
    place = temporary if var_dir.is_relative_to(temporary) else ELSEWHERE
    try:
        place.mkdir(mode=0o711, parents=True, exist_ok=True)
        home = Path(tempfile.mkdtemp(prefix="aicc-servers-", dir=place))
    except OSError as refused:
        raise SystemExit(_UNREACHABLE.format(reason=refused)) from None
    home.chmod(0o711)
    if not account.holds(home):
        raise SystemExit(_UNREACHABLE.format(reason=f"{home} is closed to it as well"))
    return home


_UNREACHABLE = (
    "The database does not run as root, and the account nobody cannot reach VAR_DIR ({reason}). "
    "Set VAR_DIR to a folder that every user may enter, or start the console as an ordinary user."
)


def short_folder(account: Account) -> Path:
    """Make a new folder for sockets. Their whole path may have 107 bytes, so it does not lie below the checkout."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    places = ["" if account.is_other else runtime, tempfile.gettempdir(), "/tmp", "/var/tmp"]  # noqa: S108
    for place in places:
        if place and len(os.fsencode(place)) < 70 and os.access(place, os.W_OK | os.X_OK):  # bytes
            folder = account.own(Path(tempfile.mkdtemp(prefix="aicc-", dir=place)))
            if account.reaches(folder):
                return folder
            folder.rmdir()
    raise SystemExit("No folder for sockets: none of $XDG_RUNTIME_DIR and the temporary folders is short and writable.")
