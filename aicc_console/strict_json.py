"""JSON without what Python accepts beyond the standard: NaN, NUL, lone surrogates, repeated keys, depth, any size."""

import json
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from tenants.bodies import require_plain

from .api import TooLarge

MAX_DEPTH = 20  # levels of a body


class StrictJSONParser(JSONParser):
    """Takes bodies of up to DATA_UPLOAD_MAX_MEMORY_SIZE; DRF itself reads any size."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        require_plain((parser_context or {})["request"])
        raw = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(raw) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge
        try:
            return _plain(json.loads(raw.decode("utf-8"), **HOOKS))
        except UnicodeDecodeError:
            raise ParseError(_("The body is not UTF-8.")) from None
        except (ValueError, RecursionError) as error:
            text = _("The body is not JSON as it is taken here: %(why)s.") % {"why": _why(error)}
            raise ParseError(text) from None


def _why(error: Exception) -> str:
    """Return it in the reader's language; Python's own words are English."""
    if isinstance(error, json.JSONDecodeError):
        place = {"line": error.lineno, "column": error.colno}
        return str(_("it cannot be read at line %(line)s, column %(column)s") % place)
    if isinstance(error, RecursionError):
        return _too_deep()
    return str(error)[:100]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(_("a key stands twice in one object"))
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(_("%(name)s is not a JSON number") % {"name": name})


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:  # thousands of digits
        raise ValueError(_("a number is too large")) from None


HOOKS: dict[str, Any] = {"object_pairs_hook": _once, "parse_constant": _refuse_constant, "parse_int": _whole}


def _too_deep() -> str:
    return str(_("more than %(levels)d levels") % {"levels": MAX_DEPTH})


def _plain(value: Any, depth: int = 0) -> Any:
    if depth > MAX_DEPTH:
        raise ValueError(_too_deep())
    if isinstance(value, str):
        _require_text(value)
    elif isinstance(value, dict):
        for name, inner in value.items():
            _require_text(name)
            _plain(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _plain(inner, depth + 1)
    elif isinstance(value, float) and value in (float("inf"), float("-inf")):
        raise ValueError(_("a number is too large"))
    return value


def _require_text(text: str) -> None:
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError(_("a text has a NUL or half a surrogate pair"))
