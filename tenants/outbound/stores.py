"""What a file server looks like to its users, whether it speaks SFTP or S3."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from django.utils.translation import gettext_lazy as _

from tenants.refusals import declare

MAX_ENTRIES = 1_000  # of a folder that are listed
TEST_SECONDS = 10  # for all of a test or a look into a folder, while a person waits
BLOCK = 1 << 20  # bytes asked for at a time
SILENT_SECONDS = 30  # without a block, before a transfer counts as cut
TICK_SECONDS = 2  # after which a transfer without news says so

declare(
    {
        "server_login": _("%(host)s did not let “%(user)s” in. Check the user name, and the password or key."),
        "server_denied": _("%(host)s does not let “%(user)s” read “%(path)s”. Ask whoever runs the server."),
        "server_protocol": _("%(host)s, port %(port)s, answered, but not as this type of server does: %(reason)s."),
        "server_slow": _("%(host)s did not answer in time. Try again later, or ask whoever runs the server."),
        "connection_cut": _("The connection to %(host)s was cut after %(n)s bytes of the file."),
        "server_folder_missing": _("There is no folder “%(path)s” on the server."),
        "server_file_missing": _("There is no file “%(path)s” on the server."),
        "server_link": _("“%(path)s” is a link. Links are not followed; give the file or folder itself."),
        "server_not_regular": _("“%(path)s” is no regular file, so it is not read."),
        "server_not_folder": _("“%(path)s” is no folder."),
        "source_changing": _("“%(path)s” is being written while it is read. Import it when it is whole."),
    }
)
TRANSIENT = frozenset(  # codes of what may be otherwise a moment later
    {
        "address_unknown",
        "address_unreachable",
        "address_closed",
        "server_slow",
        "connection_cut",
        "tls_cut",
        "source_changing",
    }
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A file or folder, as its server tells of it. `stamp`: changes when the file does."""

    name: str
    size: int = 0
    changed_at: datetime | None = None
    stamp: str = ""
    is_folder: bool = False


@dataclass(frozen=True, slots=True)
class Folder:
    """What lies in a folder, folders first; `is_cut`: there is more than is listed."""

    entries: list[Stored]
    is_cut: bool = False

    @classmethod
    def of(cls, found: Sequence[Stored]) -> Self:
        """Sort and cut what was found: `found` may hold one entry more than is listed."""
        listed = sorted(found[:MAX_ENTRIES], key=lambda one: (not one.is_folder, one.name))
        return cls(listed, is_cut=len(found) > MAX_ENTRIES)

    @property
    def files(self) -> list[Stored]:
        return [one for one in self.entries if not one.is_folder]


class Store(Protocol):
    """An open connection to a file server; paths are parts below its default path. Every failure is a refusal."""

    grows: bool  # a file may be seen before it is whole

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def folder(self, parts: Sequence[str]) -> Folder:
        """Return what lies in a folder: regular files and folders, nothing else."""
        ...

    def find(self, parts: Sequence[str]) -> Stored:
        """Return a regular file, or raise ValidationError."""
        ...

    def blocks(self, parts: Sequence[str], stored: Stored, offset: int) -> Iterator[bytes]:
        """Yield the file's bytes from `offset` on; b"" each TICK_SECONDS without news."""
        ...
