"""`python -m aicc_console.sample_server`: an SFTP server on loopback with files to import, for the demo of `make run`.

It lets in one user, reads one folder, changes nothing, and makes its large file after it started for the first time.
"""

import argparse
import asyncio
import csv
import os
import shutil
from pathlib import Path
from typing import Any

import asyncssh

from .run_folder import kept_secret
from .samples import PASSWORD_VARIABLE

CHECKOUT = Path(__file__).resolve().parent.parent
SAMPLE = CHECKOUT / "docs" / "samples" / "recipients-10000.xlsx"
LARGE, LARGE_ROWS = "recipients-500000.csv", 500_000
HEADER = ["Recipient number", "name", "plan", "last_day", "gift"]
USER = "demo"


class ReadOnly(asyncssh.SFTPServer):
    """The files of one folder, to be read."""

    def __init__(self, channel: Any, folder: Path) -> None:
        super().__init__(channel, chroot=os.fsencode(folder))

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> Any:
        if pflags & (asyncssh.FXF_WRITE | asyncssh.FXF_APPEND | asyncssh.FXF_CREAT | asyncssh.FXF_TRUNC):
            raise asyncssh.SFTPPermissionDenied("These files are only read.")
        return super().open(path, pflags, attrs)

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise asyncssh.SFTPPermissionDenied("These files are only read.")

    setstat = lsetstat = fsetstat = remove = mkdir = rmdir = rename = posix_rename = symlink = link = _refuse


class OneUser(asyncssh.SSHServer):
    """Lets in the demo's user with the password of this run."""

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, os.environ[PASSWORD_VARIABLE])


def make_files(folder: Path) -> None:
    """Write the sample files that are not there yet; half a million rows take a second."""
    if not (folder / SAMPLE.name).exists():
        shutil.copyfile(SAMPLE, folder / SAMPLE.name)
    if not (folder / LARGE).exists():
        unfinished = folder.parent / f"{LARGE}.new"
        with unfinished.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(_row(number) for number in range(LARGE_ROWS))
        unfinished.rename(folder / LARGE)


def _row(number: int) -> list[str]:
    """Return a row; one of a hundred has a number that is too short, one of two hundred stands twice."""
    digits = f"139{number - (number % 200 == 199):08}"
    return [digits[:7] if number % 100 == 50 else digits, f"Customer {number}", "Fun 59", "31 Dec", "20"]


def host_key(folder: Path) -> asyncssh.SSHKey:
    """Return the server's key, made where there is none."""
    made = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    return asyncssh.import_private_key(kept_secret(folder / "host_key", made))


def public_host_key(folder: Path) -> str:
    """Return what a client pins."""
    return " ".join(host_key(folder).export_public_key("openssh").decode().split()[:2])


async def serve(folder: Path, port: int, key: asyncssh.SSHKey) -> None:
    """Serve the folder until the process is ended; its files are made meanwhile, each there when it is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    server = await asyncssh.create_server(
        OneUser,
        "127.0.0.1",
        port,
        server_host_keys=[key],
        sftp_factory=lambda channel: ReadOnly(channel, folder),
        allow_pty=False,
    )
    await asyncio.to_thread(make_files, folder)
    await server.wait_closed()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    asyncio.run(serve(options.folder / "files", options.port, host_key(options.folder)))


if __name__ == "__main__":
    main()
