"""Speaks docs/smartcare-interface.md: a token, then a day's customers page by page. Each answer is checked whole."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date
from time import monotonic
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tenants.outbound import http
from tenants.outbound.http import Answer, Call, Limits
from tenants.refusals import declare, refusal

from .integration import endpoint_of
from .models import Integration

TOKEN_PATH = "/apigovernance/api/oauth/tokenByAkSk"  # noqa: S105
QUERY_PATH = "/rest/smartcare/v1/querypoorqoeusers"
MAX_TOTAL = 1_000_000  # customers of a scenario and day
MAX_RETRY_AFTER = 600  # seconds
TOKEN = re.compile(r"[!-~]{1,4096}")
FOUND, NONE_FOUND = 0, 1

OWN_RETRYABLE = frozenset(
    {"smartcare_busy", "smartcare_unavailable", "smartcare_json", "smartcare_format", "smartcare_page_other",
     "smartcare_page_repeated", "smartcare_page_short", "smartcare_total_changed"}
)  # fmt: skip

declare(
    {
        "smartcare_credentials": _("SmartCare did not accept the AppId or the AppSecret. Check both."),
        "smartcare_busy": _("SmartCare asked to wait (429)."),
        "smartcare_unavailable": _("SmartCare failed on its side (%(status)s)."),
        "smartcare_status": _("SmartCare answered with the status %(status)s. Check the address."),
        "smartcare_json": _("SmartCare's answer is not JSON, or was cut off."),
        "smartcare_format": _("SmartCare's answer does not fit the interface: the field “%(field)s”."),
        "smartcare_refused": _("SmartCare refused the query with return code %(number)s."),
        "smartcare_page_other": _("SmartCare sent page %(found)s when page %(wanted)s was asked for."),
        "smartcare_page_repeated": _("SmartCare sent a page again that was there before, as page %(wanted)s."),
        "smartcare_page_short": _("SmartCare sent %(found)s customers on page %(page)s where %(wanted)s were due."),
        "smartcare_total_changed": _(
            "SmartCare's list changed while it was read: %(before)s customers, then %(after)s."
        ),
        "smartcare_too_many": _("SmartCare has %(n)s customers for the day; %(high)s are read."),
    }
)


class Query(NamedTuple):
    """A page of a day: `begin` and `end` of the day in the tenant's time zone, ms since 1970."""

    day: date
    begin: int
    end: int
    scene: str
    page: int
    size: int


class Page(NamedTuple):
    """What came: `total` customers on all pages, those of this one as they are, and the page's digest."""

    total: int
    customers: list[Any]
    digest: str


class Client:
    """Asks one SmartCare, with a token that it keeps; a page takes up to `seconds`, a token of it included."""

    def __init__(self, integration: Integration, *, seconds: float = http.TOTAL_SECONDS) -> None:
        self.integration, self.seconds = integration, seconds
        self.token = ""

    def page(self, query: Query) -> Page:
        """Return a page of a day, or raise ValidationError with the reason; a refused token is taken anew, once."""
        self.until = monotonic() + self.seconds
        self.endpoint = endpoint_of(self.integration)  # asked each time: the trustlist may have changed
        if self.token:
            try:
                return self._page(query)
            except ValidationError as refused:
                if refused.code != "smartcare_credentials":
                    raise
        self._sign_in()
        return self._page(query)

    def _sign_in(self) -> None:
        said = {"app_key": self.integration.app_id, "app_secret": self.integration.app_secret}
        answer = self._post(TOKEN_PATH, said, {})
        token = _json_of(answer).get("access_token")
        if not isinstance(token, str) or not TOKEN.fullmatch(token):
            raise refusal("smartcare_format", field="access_token")
        self.token = token

    def _page(self, query: Query) -> Page:
        said = {
            "businessDate": query.day.isoformat(),
            "beginTime": query.begin,
            "endTime": query.end,
            "scene": query.scene,
            "quickScene": self.integration.quick_scene,
            "deepScene": self.integration.deep_scene,
            "pageNo": query.page,
            "pageSize": query.size,
        }
        headers = {"X-APP-Key": self.integration.app_id, "Authorization": f"Bearer {self.token}"}
        return _page_of(_json_of(self._post(QUERY_PATH, said, headers)), query)

    def _post(self, path: str, said: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        sent = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json"} | dict(headers)
        call = Call("POST", self.endpoint.base + path, sent, json.dumps(said).encode(), wants="application/json")
        left = max(0.1, self.until - monotonic())
        answer = http.send(self.endpoint.destination, call, tls=self.endpoint.tls, limits=Limits(total_seconds=left))
        if answer.status != 200:
            raise _refused_by(answer)
        return answer


def is_retryable(refused: ValidationError) -> bool:
    """Return whether another try may well succeed without anybody mending anything."""
    return refused.code in OWN_RETRYABLE or http.is_retryable(refused)


def _wait_of(answer: Answer) -> int:
    return http.seconds_to_wait(answer.headers.get("retry-after", ""), high=MAX_RETRY_AFTER)


def _refused_by(answer: Answer) -> ValidationError:
    if answer.status in (401, 403):
        return refusal("smartcare_credentials")
    if answer.status in (408, 429):
        return refusal("smartcare_busy", retry_after=_wait_of(answer))
    if answer.status >= 500:
        wait = _wait_of(answer)
        return refusal("smartcare_unavailable", status=answer.status, retry_after=wait)
    return refusal("smartcare_status", status=answer.status)


def _json_of(answer: Answer) -> dict[str, Any]:
    try:
        found = json.loads(answer.body.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError):  # also bytes that are not UTF-8
        raise refusal("smartcare_json") from None
    if not isinstance(found, dict):
        raise refusal("smartcare_format", field="returnCode")
    return found


def _no_number(_name: str) -> None:
    raise ValueError  # NaN and Infinity


def _page_of(found: Mapping[str, Any], query: Query) -> Page:
    code = _whole(found, "returnCode")
    if code == NONE_FOUND and not found.get("data"):
        return Page(0, [], "")
    if code not in (FOUND, NONE_FOUND):
        raise refusal("smartcare_refused", number=code)
    total, page = _whole(found, "total"), _whole(found, "pageNo")
    if total > MAX_TOTAL:
        raise refusal("smartcare_too_many", n=total, high=MAX_TOTAL)
    if page != query.page:
        raise refusal("smartcare_page_other", found=page, wanted=query.page)
    if _whole(found, "pageSize") != query.size:
        raise refusal("smartcare_format", field="pageSize")
    customers = found.get("data")
    if not isinstance(customers, list):
        raise refusal("smartcare_format", field="data")
    _require_full(customers, total, query)
    return Page(total, customers, hashlib.sha256(json.dumps(customers).encode()).hexdigest()[:32])


def _require_full(customers: list[Any], total: int, query: Query) -> None:
    wanted = max(0, min(query.size, total - (query.page - 1) * query.size))
    if len(customers) != wanted:
        raise refusal("smartcare_page_short", found=len(customers), page=query.page, wanted=wanted)


def _whole(found: Mapping[str, Any], field: str) -> int:
    value = found.get(field)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise refusal("smartcare_format", field=field)
    return value
