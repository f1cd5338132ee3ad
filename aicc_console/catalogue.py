"""The message catalogue: what the code and the templates say, in English and in Chinese.

Babel does the work, so that no gettext program is needed: templates go through Django's own `templatize` first.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

FOLDER = settings.BASE_DIR / "locale" / "zh_Hans" / "LC_MESSAGES"
PO, MO = FOLDER / "django.po", FOLDER / "django.mo"
CODE = ("tenants", "marketing", "importer", "aicc_console")
KEYWORDS: dict[str, Any] = {
    "_": None,
    "_p": ((1, "c"), 2),
    **{name + lazy: None for name in ("gettext",) for lazy in ("", "_lazy", "_noop")},
    **{name + lazy: (1, 2) for name in ("ngettext",) for lazy in ("", "_lazy", "_noop")},
    **{name + lazy: ((1, "c"), 2) for name in ("pgettext",) for lazy in ("", "_lazy")},
    **{name + lazy: ((1, "c"), 2, 3) for name in ("npgettext",) for lazy in ("", "_lazy")},
}
HEADER = b"""msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""
BORROWED = (  # said by Django in words that its own Chinese catalogue lacks
    (
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
)
UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd%]|\{\w*\}")


def current() -> Catalog:
    """Return the catalogue of what is said now, with the translations that are kept; nothing is guessed."""
    kept, made = stored(), Catalog(locale="zh_Hans", charset="utf-8", fuzzy=False)
    for message, context in sorted(_messages(), key=str):
        known = kept.get(message, context=context)
        made.add(message, known.string if known else None, context=context)
    return made


def stored() -> Catalog:
    """Return the catalogue as it lies in the repository, empty where there is none."""
    if not PO.exists():
        return Catalog(locale="zh_Hans")
    with PO.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def as_po(catalogue: Catalog) -> bytes:
    """Return the text of django.po: without places and dates, so that it changes with words only."""
    file = BytesIO()
    write_po(file, catalogue, no_location=True, omit_header=True, width=120)
    return HEADER + file.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    """Return what Django reads: the same bytes for the same words."""
    catalogue.creation_date = catalogue.revision_date = UNDATED
    file = BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def faults(catalogue: Catalog) -> Iterator[str]:
    """Yield what is not translated, and what lost a placeholder on the way."""
    for message in catalogue:
        if not message.id:
            continue
        source, translated = _texts(message.id), _texts(message.string)
        if not all(translated):
            yield f"not translated: {source[-1]}"
        elif placeholders(source[-1]) != placeholders(translated[-1]):
            yield f"other placeholders: {source[-1]}"


def placeholders(text: str) -> set[str]:
    """Return what is put into `text` when it is said: `%(name)s`, `%d`, `{name}`."""
    return set(PLACEHOLDER.findall(text))


def _messages() -> set[tuple[Any, str | None]]:
    found = {(message, context) for content in _sources() for _line, message, _comments, context in _extracted(content)}
    return found | {(message, None) for message in BORROWED}


def _extracted(content: bytes) -> Any:
    return extract("python", BytesIO(content), keywords=KEYWORDS)


def _sources() -> Iterator[bytes]:
    for app in CODE:
        for path in sorted((settings.BASE_DIR / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.read_bytes()
    for path in sorted((settings.BASE_DIR / "templates").rglob("*.*")):
        yield _templatized(path).encode()


def _templatized(path: Path) -> str:
    code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    return re.sub(r"(?m)^[ \t]+", "", code)  # it keeps the template's indentation, which is none of Python's


def _texts(said: Any) -> list[str]:
    return list(said) if isinstance(said, list | tuple) else [said or ""]
