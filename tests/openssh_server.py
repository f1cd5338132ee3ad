"""Debian's OpenSSH server on loopback, run by an ordinary user, for as long as a test needs it.

Only root's sshd can check passwords and lock an account into a folder; this one lets in, by its key, the user who runs
it: the one who runs the tests, but nobody in place of root. Passwords are tested against sftp_server.py.
"""

import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncssh
import psutil

from aicc_console.embedded.account import Account, short_folder
from aicc_console.welcome import free_port

PLACES = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/lib/openssh"
START_SECONDS = 20
CONFIGURATION = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
AuthenticationMethods publickey
StrictModes no
UsePAM yes
PidFile none
PrintMotd no
AllowTcpForwarding no
Subsystem sftp internal-sftp
ForceCommand internal-sftp
"""


class OpenSshServer:
    """Serves `root` by SFTP on a port of its own. `user`: who may sign in, with `private_key`."""

    def __init__(self, folder: Path, account: Account, port: int) -> None:
        self.folder, self.root = folder, folder / "root"
        self.port, self.user = port, _name_of(account)
        self._account = account
        client_key = asyncssh.generate_private_key("ssh-ed25519")
        self.private_key = client_key.export_private_key().decode()
        account.own(self.root)
        (folder / "authorized_keys").write_bytes(client_key.export_public_key())
        (folder / "sshd_config").write_text(CONFIGURATION.format(port=self.port, folder=folder))
        self._make_host_key()
        self._start()

    def show_another_host_key(self) -> None:
        self.stop()
        self._make_host_key()
        self._start()

    def cut(self) -> None:
        """Kill whoever serves a connection now, and see them gone; the server itself goes on listening."""
        sessions = psutil.Process(self._process.pid).children(recursive=True)
        for session in sessions:
            session.kill()
        assert not psutil.wait_procs(sessions, 10)[1]

    def stop(self) -> None:
        self.cut()
        self._process.terminate()
        self._process.wait(10)

    def _make_host_key(self) -> None:
        key = asyncssh.generate_private_key("ssh-ed25519")
        self.host_key = key.export_public_key("openssh").decode().strip()
        self._account.keep(self.folder / "host_key", key.export_private_key().decode())

    def _start(self) -> None:
        command = [_sshd(), "-D", "-e", "-f", str(self.folder / "sshd_config")]
        log = self.folder / "log"
        with log.open("ab") as said:
            self._process = subprocess.Popen(command, cwd="/", stdout=said, stderr=said, **self._account.identity)
        until = time.monotonic() + START_SECONDS
        while not _listens(self.port):
            if self._process.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"sshd did not start: {log.read_text(errors='replace')[-2_000:]}")
            time.sleep(0.05)


@contextmanager
def serving(port: int = 0) -> Iterator[OpenSshServer]:
    """Start a server on `port`, or on a free one."""
    account = Account()
    folder = short_folder(account)
    try:
        server = OpenSshServer(folder, account, port or free_port())
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def _sshd() -> str:
    """Return the whole path of sshd, without which it does not run."""
    found = shutil.which("sshd", path=PLACES) or shutil.which("sshd")
    if found is None:
        raise AssertionError("These tests need OpenSSH's server: apt-get install openssh-server, then run them again.")
    return found


def _name_of(account: Account) -> str:
    try:
        return pwd.getpwuid(account.user).pw_name
    except KeyError:
        raise AssertionError(f"sshd needs a user with a name; the number {account.user} has none here.") from None


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
