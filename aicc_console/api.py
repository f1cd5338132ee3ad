"""REST wiring: errors as problem+json, keyset pages, and one format of answers."""

import logging
import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as Refusal
from django.db.utils import OperationalError
from django.http import Http404, JsonResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.metadata import BaseMetadata
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.pagination import CursorPagination
from rest_framework.views import exception_handler, set_rollback

from .errors import BUSY_SECONDS, SENTENCES, is_full, problem

logger = logging.getLogger(__name__)

CONFLICTS = frozenset(  # right as such, but not now
    {"wrong_state", "action_state", "task_state", "care_task", "care_published", "no_recipients", "period_over",
     "care_variables",
     "certificate_in_use", "smartcare_missing", "care_no_task", "care_running", "care_collected", "tenant_disabled",
     "feature_off", "template_used", "changed_meanwhile", "too_many_imports", "import_ended", "import_not_ended",
     "space_disabled", "feature_needed", "server_used", "server_scheduled", "schedule_running",
     "not_held", "too_many_schedules", "host_key_other", "host_key_none", "host_key_unknown",
     "host_key_changed", "host_key_missing", "secrets_of_another",
     "idempotency_key_reused", "webhook_count", "webhook_disabled", "task_changed"}
)  # fmt: skip
STATUS_BY_CODE = dict.fromkeys(CONFLICTS, 409) | {
    "role": 403,
    "rows_purged": 410,
    "server_looks": 429,
    **dict.fromkeys(("address_unknown", "address_unreachable", "address_closed", "connection_cut"), 502),
    **dict.fromkeys(("server_login", "server_protocol"), 502),
    **dict.fromkeys(("tls_expired", "tls_not_yet_valid", "tls_name", "tls_authority", "tls_version"), 502),
    **dict.fromkeys(("tls_none", "tls_client", "tls_failed", "tls_cut"), 502),
    "server_slow": 504,
    "file_too_large": 413,
    "body_too_large": 413,
}
CURSOR = re.compile(r"[0-9A-Za-z+/]{1,2000}={0,2}")
KEPT_HEADERS = ("WWW-Authenticate", "Allow", "Retry-After")


class OneFormat(DefaultContentNegotiation):
    """Answers what the address holds, whatever Accept says: JSON, a problem, or a file."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class NoMetadata(BaseMetadata):
    """OPTIONS says in Allow what is possible; the schema says the rest."""

    def determine_metadata(self, request: Any, view: Any) -> dict[str, Any]:
        return {}


class KeysetPagination(CursorPagination):
    """{results, next, previous}: pages by key, so that row 500,000 costs what row 1 does."""

    page_size = 50
    max_page_size = 100
    page_size_query_param = "limit"
    page_size_query_description = "Number of results, 1 to 100."
    cursor_query_description = "Where the page begins: take it from `next` or `previous`."

    def get_ordering(self, request: Any, queryset: Any, view: Any) -> tuple[str, ...]:
        return view.ordering

    def get_page_size(self, request: Any) -> int:
        text = request.query_params.get("limit", str(self.page_size))
        is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(self.max_page_size))
        if not is_number or not 1 <= int(text) <= self.max_page_size:
            detail = _("This must be a whole number from 1 to %(high)s.") % {"high": self.max_page_size}
            raise exceptions.ValidationError({"limit": [exceptions.ErrorDetail(detail, "limit")]})
        return int(text)

    def decode_cursor(self, request: Any) -> Any:
        """Refuse what no `next` ever says; base64 is decoded past anything."""
        text = request.query_params.get(self.cursor_query_param)
        if text is not None and not CURSOR.fullmatch(text):
            raise exceptions.NotFound
        return super().decode_cursor(request)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters = super().get_schema_operation_parameters(view)
        bounds = {"minimum": 1, "maximum": self.max_page_size, "default": self.page_size}
        return [one | ({"schema": one["schema"] | bounds} if one["name"] == "limit" else {}) for one in parameters]

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (exceptions.NotFound, ValueError, OverflowError, Refusal):  # the place it names is no value of its field
            detail = exceptions.ErrorDetail(str(_("Take the cursor from “next” or “previous” as it is.")), "cursor")
            raise exceptions.ValidationError({"cursor": [detail]}) from None


def problem_response(error: Exception, context: Any) -> JsonResponse | None:
    """Answer an error of a REST view, and undo what it wrote; our own bugs (None) go on to Django's handler."""
    if isinstance(error, Refusal):
        set_rollback()
        return _refused(error)
    error = _told(error)
    answer = exception_handler(error, context)
    if answer is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        return _wrong_values(_flat(error.detail))
    made = problem(answer.status_code, code=_code_of(error), detail=_detail_of(error, context))
    for name in KEPT_HEADERS:
        if name in answer.headers:
            made[name] = answer.headers[name]
    return made


def _told(error: Exception) -> Exception:
    """Return what a caller is told of an error that is neither theirs nor a bug."""
    if isinstance(error, RequestDataTooBig):
        return TooLarge()
    if isinstance(error, OperationalError):
        return Busy()
    if not is_full(error):
        return error
    logger.error("no space left", exc_info=error)
    return StorageFull()


class TooLarge(exceptions.APIException):
    """The body is larger than what is taken."""

    status_code = 413
    default_code = "body_too_large"
    default_detail = _("The body is larger than what is taken here. Send it in parts.")


class Busy(exceptions.APIException):
    """The database did not come to it in time: somebody holds a lock, or it is away."""

    status_code = 503
    default_code = "busy"
    default_detail = SENTENCES[503][1]
    wait = BUSY_SECONDS


class StorageFull(exceptions.APIException):
    """There is no space left for a file."""

    status_code = 507
    default_code, default_detail = SENTENCES[507]


def _refused(error: Refusal) -> JsonResponse:
    if not hasattr(error, "error_dict"):
        first = error.error_list[0]
        code = str(first.code or "refused")
        return problem(STATUS_BY_CODE.get(code, 400), code=code, detail=first.messages[0])
    return _wrong_values(
        {
            "non_field_errors" if name == NON_FIELD_ERRORS else name: [
                {"code": str(one.code or "refused"), "detail": text} for one in faults for text in one.messages
            ]
            for name, faults in error.error_dict.items()
        }
    )


def _wrong_values(errors: dict[str, list[dict[str, str]]]) -> JsonResponse:
    detail = _("Nothing was changed: “errors” says of each value what is wrong.")
    return problem(400, code="validation", detail=str(detail), errors=errors)


def _flat(details: Any, path: str = "") -> dict[str, list[dict[str, str]]]:
    """Return {"recipients.3.address": [{code, detail}]} of DRF's nested details."""
    if isinstance(details, list) and not any(isinstance(one, list | Mapping) for one in details):
        found = [{"code": "format" if one.code == "invalid" else str(one.code), "detail": str(one)} for one in details]
        return {path or "non_field_errors": found}
    inner = details.items() if isinstance(details, Mapping) else enumerate(details)
    errors: dict[str, list[dict[str, str]]] = {}
    for name, value in inner:
        is_whole = path and name == "non_field_errors"
        errors |= _flat(value, ".".join(filter(None, (path, "" if is_whole else str(name))))) if value else {}
    return errors


def _code_of(error: Exception) -> str:
    if isinstance(error, Http404):
        return "not_found"
    if isinstance(error, PermissionDenied):
        return "permission_denied"
    codes = error.get_codes() if isinstance(error, exceptions.APIException) else "error"
    return codes if isinstance(codes, str) else str(getattr(error, "default_code", "error"))


def _detail_of(error: Exception, context: Any) -> str:
    """Return the sentence of `error`; DRF's own say what is wrong, and not what is allowed."""
    view, request = context["view"], context["request"]
    if isinstance(error, exceptions.NotAuthenticated):
        return str(_("Show a token: the header “Authorization: Bearer aicc_…” is missing."))
    if isinstance(error, exceptions.MethodNotAllowed):
        allowed = ", ".join(method for method in view.allowed_methods if method != "OPTIONS")
        return str(_("%(method)s is not possible here. Allowed: %(allowed)s.")) % {
            "method": request.method, "allowed": allowed,
        }  # fmt: skip
    if isinstance(error, exceptions.UnsupportedMediaType) and _code_of(error) == error.default_code:
        allowed = ", ".join(parser.media_type for parser in view.parser_classes)
        return str(_("A body of the type %(type)s is not taken here. Allowed: %(allowed)s.")) % {
            "type": request.content_type[:100], "allowed": allowed,
        }  # fmt: skip
    if isinstance(error, Http404):
        return str(_("There is nothing here, or it is not yours."))
    return str(getattr(error, "detail", "")) or str(_("You are not allowed to do this."))
