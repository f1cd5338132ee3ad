"""The columns of a file of opt-outs: those of a list as it is exported, or an address alone."""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from marketing.channels import Medium
from marketing.opt_outs import Wish
from marketing.variables import alike
from tenants.days import end_of
from tenants.refusals import declare, refusal

from .judging import require_readable
from .layout import RECIPIENT_HEADERS, Layout, columns_of, first_of, header_missing, recipient_headers
from .readers.reading import Row

ADDRESS_HEADERS = ("Number or email", "号码或邮箱")
MEDIUM, REMARK, UNTIL = "medium", "remark", "valid_until"
HEADERS = {MEDIUM: ("Medium", "媒介"), REMARK: ("Remark", "备注"), UNTIL: ("Valid until", "有效期至")}

declare(
    {
        "opt_out_medium": _("“%(text)s” is no medium. Write one of these: %(allowed)s. Or leave it empty."),
        "opt_out_until": _("“%(text)s” is no day. Write it as 2026-12-31, or leave it empty."),
    }
)


def layout_of(header: Sequence[str], medium: str, *, is_guarded: bool) -> Layout:
    """Match `header`; what it has besides the address is optional. ValidationError: header_missing, header_repeated."""
    columns = columns_of(header)
    address = first_of(columns, (*RECIPIENT_HEADERS[Medium(medium)], *ADDRESS_HEADERS))
    if address is None:
        raise header_missing([recipient_headers(medium)[0]], header)
    others = {name: first_of(columns, titles) for name, titles in HEADERS.items()}
    present = {name: column for name, column in others.items() if column is not None}
    return Layout(address, present, list(header), is_guarded=is_guarded)


def wish_of(layout: Layout, row: Row, medium: str) -> tuple[str, Wish]:
    """Return the medium and the wish of a row; `medium`: where the row names none. ValidationError keyed by field."""
    require_readable(layout, row)
    said = {name: text.strip() for name, text in layout.values_in(row.cells).items()}
    named, until = said.get(MEDIUM, ""), said.get(UNTIL, "")
    wish = Wish(layout.address_in(row.cells), said.get(REMARK, ""), _moment(until) if until else None)
    return _medium(named) if named else medium, wish


def _medium(text: str) -> str:
    words = {alike(str(word)): one for one in Medium for word in (one.value, one.label)}
    if alike(text) not in words:
        raise ValidationError({MEDIUM: refusal("opt_out_medium", text=text[:50], allowed=", ".join(Medium.values))})
    return words[alike(text)]


def _moment(text: str) -> datetime:
    """Return the end of a day that is written alone, or the moment itself."""
    written = text.replace("/", "-")
    try:
        day, moment = parse_date(written), parse_datetime(written)
    except ValueError:  # such as 2026-02-30
        day = moment = None
    if day:
        return end_of(day)
    if moment is None:
        raise ValidationError({UNTIL: refusal("opt_out_until", text=text[:50])})
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
