"""Where a scheduled import looks: folders and a name, with the day in them, and wildcards in the name."""

import re
from datetime import date

from django.utils.translation import gettext_lazy as _

from tenants.outbound.paths import file_parts, is_plain
from tenants.refusals import declare, refusal

from .submission import FILE_TYPES

DATE = re.compile(r"\{date:((?:%[Yymdj]|[-_. ])+)\}")
SAMPLE = date(2025, 1, 23)

declare(
    {
        "pattern_date": _(
            "“%(path)s” holds braces that are no date. A date is written as in {date:%%Y%%m%%d}; "
            "%%Y, %%y, %%m, %%d and %%j are allowed, with “-”, “_”, “.” and blanks between them."
        ),
        "pattern_folder": _("“%(path)s” holds “*” or “?” in a folder. They are allowed in the file's name only."),
    }
)


def check_pattern(pattern: str) -> None:
    """Raise ValidationError (pattern_..., path_..., file_name_path, server_file_type) unless files can be found so."""
    if "{" in (bare := DATE.sub("", pattern)) or "}" in bare:
        raise refusal("pattern_date", path=pattern[:100])
    if not is_plain(pattern):
        raise refusal("path_characters", path=pattern[:100])
    folder, _slash, name = pattern.rpartition("/")
    if has_wildcards(folder):
        raise refusal("pattern_folder", path=pattern[:100])
    file_parts(*_split(_on(pattern, SAMPLE)))
    if not name.lower().endswith(FILE_TYPES):
        raise refusal("server_file_type", path=pattern[:100])


def parts_on(pattern: str, day: date) -> tuple[str, ...]:
    """Return the folders and the name that are looked for on `day` of the tenant's time zone."""
    return file_parts(*_split(_on(pattern, day)))


def has_wildcards(text: str) -> bool:
    return "*" in text or "?" in text


def matches(name: str, wanted: str) -> bool:
    """Return whether a file's name is one that is `wanted`: "*" is any text, "?" any character; case counts."""
    begin, *others = map(_expression, wanted.split("*"))
    if not others:
        return bool(re.fullmatch(begin, name, re.DOTALL))
    *middle, end = others
    # Each piece where it comes first, and never again elsewhere: a few "*" would keep a worker busy for minutes.
    pieces = "".join(f"(?>.*?{piece})" for piece in middle)
    return bool(re.fullmatch(f"{begin}{pieces}.*{end}", name, re.DOTALL))


def _expression(piece: str) -> str:
    return "".join("." if character == "?" else re.escape(character) for character in piece)


def _on(pattern: str, day: date) -> str:
    return DATE.sub(lambda found: day.strftime(found[1]), pattern)


def _split(path: str) -> tuple[str, str]:
    folder, slash, name = path.rpartition("/")
    return folder + slash, name
