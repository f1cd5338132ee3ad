"""REST wiring: errors as problem+json, strict JSON, keyset pages."""

import json
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as Refusal
from django.db import transaction
from django.http import Http404, JsonResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import JSONParser
from rest_framework.views import exception_handler

from .errors import problem

MAX_DEPTH = 20  # levels of a JSON body


class KeysetPagination(CursorPagination):
    """{results, next, previous}: pages by key, so that row 500,000 costs what row 1 does."""

    page_size = 50
    max_page_size = 100
    page_size_query_param = "limit"
    ordering = "-id"


class StrictJSONParser(JSONParser):
    """JSON without what Python accepts beyond the standard: NaN, NUL, lone surrogates, repeated keys, depth."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            text = stream.read().decode("utf-8")
            return _plain(json.loads(text, object_pairs_hook=_once, parse_constant=_refuse_constant))
        except UnicodeDecodeError:
            raise exceptions.ParseError(_("The body is not UTF-8.")) from None
        except (ValueError, RecursionError) as error:
            raise exceptions.ParseError(_("The body is not JSON as we take it: %s.") % str(error)[:100]) from None


def problem_response(error: Exception, context: Any) -> JsonResponse | None:
    """Answer an error of a REST view; our own bugs (None) go on to Django's handler."""
    if isinstance(error, Refusal):
        transaction.set_rollback(True)
        return _refused(error)
    answer = exception_handler(error, context)
    if answer is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        made = problem(
            400, code="validation", detail=str(_("Some values are wrong.")), errors=_details(error.get_full_details())
        )
    else:
        made = problem(answer.status_code, code=_code_of(error), detail=_detail_of(error))
    for name in ("WWW-Authenticate", "Allow", "Retry-After"):
        if name in answer.headers:
            made[name] = answer.headers[name]
    return made


def _refused(error: Refusal) -> JsonResponse:
    if not hasattr(error, "error_dict"):
        first = error.error_list[0]
        status = 409 if first.code in CONFLICTS or str(first.code).startswith("action_") else 400
        return problem(status, code=first.code or "refused", detail=first.messages[0])
    errors = {
        "non_field_errors" if name == NON_FIELD_ERRORS else name: [
            {"code": one.code or "refused", "detail": text} for one in faults for text in one.messages
        ]
        for name, faults in error.error_dict.items()
    }
    first_code, first_detail = next((e["code"], e["detail"]) for e in next(iter(errors.values())))
    return problem(400, code=str(first_code), detail=str(first_detail), errors=errors)


CONFLICTS = frozenset(
    {"wrong_state", "task_state", "care_task", "care_published", "no_recipients", "period_over", "feature_off",
     "template_used", "too_many_imports", "action_state", "import_ended"}
)  # fmt: skip


def _code_of(error: Exception) -> str:
    if isinstance(error, Http404):
        return "not_found"
    return str(getattr(error, "default_code", "error"))


def _detail_of(error: Exception) -> str:
    if isinstance(error, Http404):
        return str(_("There is nothing here, or it is not yours."))
    return str(getattr(error, "detail", error))


def _details(full: Any) -> Any:
    """Turn DRF's {message, code} leaves into {code, detail}."""
    if isinstance(full, Mapping) and full.keys() == {"message", "code"}:
        return {"code": str(full["code"]), "detail": str(full["message"])}
    if isinstance(full, Mapping):
        return {str(name): _details(value) for name, value in full.items()}
    return [_details(one) for one in full]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _plain(value: Any, depth: int = 0) -> Any:
    if depth > MAX_DEPTH:
        raise ValueError(f"more than {MAX_DEPTH} levels")
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
        raise ValueError("a number is too large")
    return value


def _require_text(text: str) -> None:
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("a text has a NUL or half a surrogate pair")
