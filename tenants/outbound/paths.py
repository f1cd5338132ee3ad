"""Paths below a folder that was set up: plain names only, so that nothing leads out of it."""

from django.utils.translation import gettext_lazy as _

from tenants.refusals import declare, refusal

MAX_PATH = 1_000  # characters

declare(
    {
        "path_absolute": _(
            "“%(path)s” begins at the root of the server. Give a path below the default path, such as 5g/november."
        ),
        "path_dots": _("“%(path)s” holds “.” or “..” as a folder. Give a path that only leads down."),
        "path_characters": _("“%(path)s” holds a backslash or a control character. Folders are parted by “/”."),
        "path_length": _("The path has more than %(high)s characters."),
        "file_name_path": _("“%(path)s” is no name of a file. Give its folder as the path, and its name without “/”."),
    }
)


def parts_of(path: str) -> tuple[str, ...]:
    """Return the folders of a relative path, "5g/november/" -> ("5g", "november"); ValidationError: path_..."""
    shown = path[:100]
    if len(path) > MAX_PATH:
        raise refusal("path_length", high=MAX_PATH)
    if path.startswith("/"):
        raise refusal("path_absolute", path=shown)
    if not is_plain(path):
        raise refusal("path_characters", path=shown)
    parts = tuple(part for part in path.split("/") if part)
    if any(part in (".", "..") for part in parts):
        raise refusal("path_dots", path=shown)
    return parts


def file_parts(path: str, name: str) -> tuple[str, ...]:
    """Return the folders of `path` and the file's name; ValidationError as `parts_of`, or file_name_path."""
    folders = parts_of(path)
    parts = parts_of(name)
    if len(parts) != 1 or parts[0] != name:
        raise refusal("file_name_path", path=name[:100])
    return (*folders, *parts)


def is_plain(text: str) -> bool:
    """Return whether text can be a path: printable, and without the backslash, which parts folders on Windows."""
    return "\\" not in text and all(character.isprintable() for character in text)
