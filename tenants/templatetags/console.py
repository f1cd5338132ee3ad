"""What every page of the console needs in its templates: numbers, moments, states, form controls."""

import json
import re
from typing import Any

from django import template
from django.contrib.messages import constants
from django.forms import BoundField, CheckboxInput, RadioSelect, Select
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, get_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tenants.access import mask_address

register = template.Library()

STATE_ICONS = {
    "draft": "pencil",
    "running": "player-play",
    "suspended": "player-pause",
    "completed": "flag-check",
    "preparing": "clock",
    "executing": "loader-2",
    "complete": "circle-check",
    "failed": "circle-x",
    "cancelled": "ban",
    "stopped": "hand-stop",
}
STATE_INKS = {"running": "green", "suspended": "amber", "completed": "blue"}
PLACEHOLDER = re.compile(r"(\$\{[^{}]*\})")
MEDIUM_ICONS = {"sms": "message-2", "email": "mail", "whatsapp": "brand-whatsapp"}
NOTICE_KINDS = {
    constants.DEFAULT_TAGS[constants.SUCCESS]: "ok",
    constants.DEFAULT_TAGS[constants.WARNING]: "warn",
    constants.DEFAULT_TAGS[constants.ERROR]: "error",
}


@register.inclusion_tag("_shell/tree_link.html", takes_context=True)
def tree_link(context: dict[str, Any], view: str, text: str, icon: str = "") -> dict[str, Any]:
    """Link a page of the menu tree; it is current for every page below its path."""
    url, path = reverse(view), context["request"].path
    return {"url": url, "text": text, "icon": icon, "is_current": path == url or (url != "/" and path.startswith(url))}


@register.simple_tag
def clock() -> str:
    """Return the time now in the tenant's zone, and the zone: "22 Nov 2026, 13:20 (GMT+08:00)"."""
    now = timezone.localtime()
    offset = now.strftime("%z")
    return f"{date_format(now, 'DATETIME_FORMAT')} (GMT{offset[:3]}:{offset[3:]})"


@register.inclusion_tag("_components/state.html")
def state_badge(thing: Any) -> dict[str, str]:
    """Show the state of a task or an import as icon and word."""
    return {"kind": thing.state, "icon": STATE_ICONS[thing.state], "text": thing.get_state_display()}


@register.filter
def state_icon(state: str) -> str:
    """Return the icon of a state."""
    return STATE_ICONS[state]


@register.filter
def medium_icon(medium: str) -> str:
    """Return the icon of a medium."""
    return MEDIUM_ICONS[medium]


@register.filter
def state_ink(state: str) -> str:
    """Return the colour that goes with the icon of a state."""
    return STATE_INKS.get(state, "slate")


@register.filter
def as_json(value: Any) -> str:
    """Return `value` as JSON text, for a data attribute."""
    return json.dumps(value)


@register.filter
def indented(value: Any) -> str:
    """Return `value` as JSON text for people."""
    return json.dumps(value, indent=2, ensure_ascii=False)


@register.filter
def with_variables(body: str) -> SafeString:
    """Return a message's text with its `${name}` variables marked."""
    pieces = PLACEHOLDER.split(body)  # text, placeholder, text, ...
    return format_html_join("", "{}", ((_piece(index, text),) for index, text in enumerate(pieces)))


def _piece(index: int, text: str) -> str:
    return format_html('<span class="var">{}</span>', text) if index % 2 else text


@register.filter
def notice_kind(level_tag: str) -> str:
    """Return the kind of notice for a message's level."""
    return NOTICE_KINDS.get(level_tag, "info")


@register.filter
def initials(name: str) -> str:
    """Return one or two letters that stand for a person ("Chen Yu" -> "CY")."""
    return "".join(word[0] for word in name.replace(".", " ").split()[:2]).upper()


@register.filter
def seen_by(address: str, user: Any) -> str:
    """Return `address` as `user` may see it: viewers see it masked."""
    return address if user.sees_full_addresses else mask_address(address)


@register.filter
def to_the_second(moment: Any) -> str:
    """Return a moment with its seconds, as in an import or a log."""
    return date_format(timezone.localtime(moment), f"{get_format('DATETIME_FORMAT')}:s") if moment else "—"


@register.filter
def day_and_time(moment: Any) -> str:
    """Return "Today, 11:02", "Yesterday, 23:30", "Tomorrow, 01:00", or the date and time. On Home only."""
    if moment is None:
        return "—"
    local = timezone.localtime(moment)
    named = {-1: _("Yesterday"), 0: _("Today"), 1: _("Tomorrow")}
    day = named.get((local.date() - timezone.localdate()).days)
    if day is None:
        return date_format(local, "DATETIME_FORMAT")
    return _("%(day)s, %(time)s") % {"day": day, "time": date_format(local, "TIME_FORMAT")}


@register.filter
def percent_of(part: int, whole: int) -> str:
    """Return "94.5%", and "100%" or "0%" without a decimal, which only all and none are."""
    if part in (0, whole):
        return "100%" if part else "0%"
    rounded = round(100 * part / whole, 1)  # number_format alone would cut the digits off
    return f"{number_format(min(max(rounded, 0.1), 99.9), 1)}%"


@register.filter
def size(count: int) -> str:
    """Return a number of bytes as B, kB or MB (of 1,000)."""
    if count < 1_000:
        return f"{count} B"
    if count < 1_000_000:
        return f"{round(count / 1_000)} kB"
    return f"{number_format(count / 1_000_000, 1)} MB"


@register.filter
def duration(seconds: float) -> str:
    """Return "5 s", "1 min 20 s" or "2 h 5 min"."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    if not minutes:
        return _("%(seconds)d s") % {"seconds": rest}
    if minutes < 60:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}
    return _("%(hours)d h %(minutes)d min") % {"hours": minutes // 60, "minutes": minutes % 60}


@register.simple_tag
def control(field: BoundField, **given: str) -> SafeString:
    """Draw the input of `field` in the console's look, tied to its hint and its errors for screen readers."""
    attributes: dict[str, str | bool] = {name.replace("_", "-"): value for name, value in given.items()}
    also = str(attributes.pop("aria-describedby", ""))
    widget = field.field.widget
    if not isinstance(widget, CheckboxInput | RadioSelect):
        kind = "form-select" if isinstance(widget, Select) else "form-control"
        attributes["class"] = f"{kind} is-invalid" if field.errors else kind
    described = [f"{field.auto_id}_error"] * bool(field.errors) + [f"{field.auto_id}_hint"] * bool(field.help_text)
    described += [also] * bool(also)
    if described:
        attributes["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs=attributes)
