"""Template variables: their names in a text, and the values one recipient gives them.

Product rules, "Variables". Values are data: nothing here or elsewhere evaluates them.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tenants.refusals import declare, refusal

MAX_NAME = 100  # characters
MAX_VALUE = 500  # characters
MAX_VARIABLES = 20  # in one template
CARE_VARIABLES = ("scenario", "score", "cause", "event_time")  # what SmartCare tells of a customer
ADDRESS = "address"  # the key of the address wherever the variables are keys too

PLACEHOLDER = re.compile(r"\$\{([^{}]*)\}")
NAME = re.compile(r"[\w.]{1,100}")
# The common value: trimmed, short enough, without odd characters. One match instead of four looks.
COMMON = re.compile(r"[!-~\u4e00-\u9fff](?:[ -~\u4e00-\u9fff]{0,498}[!-~\u4e00-\u9fff])?").fullmatch

declare(
    {
        "variable_name": _("“%(name)s” cannot be the name of a variable: use 1 to 100 letters, digits, “_” and “.”."),
        "variable_reserved": _("“%(name)s” is reserved and cannot be the name of a variable."),
        "variable_alike": _(
            "The variables “%(name)s” and “%(other)s” differ only in case, blanks or “_”: "
            "columns could not be told apart."
        ),
        "variable_count": _("The text has %(n)s variables; %(high)s are allowed."),
        "variable_unclosed": _("The text has a “${” without its “}”."),
        "variable_missing": _("The variable “%(name)s” has no value, and it has no default."),
        "variable_length": _("The value of “%(name)s” has %(n)s characters; %(high)s are allowed."),
        "variable_characters": _("The value of “%(name)s” has a character that cannot be sent: %(character)s."),
        "variable_unknown": _("The template of this task has no variable “%(name)s”."),
        "variable_type": _("The value of “%(name)s” must be text."),
    }
)


class Variable(NamedTuple):
    """One variable of a template. `default` None: every recipient must have a value."""

    name: str
    default: str | None


def alike(name: str) -> str:
    """Return what two names must not share: case, blanks and "_" do not count in a column's header."""
    return re.sub(r"[\s_]", "", name).casefold()


def names_in(*texts: str) -> tuple[str, ...]:
    """Return the names in order of first use ("Hi ${name}" gives ("name",)), or raise ValidationError."""
    names = tuple(dict.fromkeys(name for text in texts for name in PLACEHOLDER.findall(text)))
    if any("${" in PLACEHOLDER.sub("", text) for text in texts):
        raise refusal("variable_unclosed")
    if len(names) > MAX_VARIABLES:
        raise refusal("variable_count", n=len(names), high=MAX_VARIABLES)
    _check_names(names)
    return names


def _check_names(names: Iterable[str]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        check_name(name)
        if alike(name) in seen:
            raise refusal("variable_alike", name=name, other=seen[alike(name)])
        seen[alike(name)] = name


def check_name(name: str) -> None:
    """Raise ValidationError when `name` cannot be a variable's: variable_name, variable_reserved."""
    if not NAME.fullmatch(name):
        raise refusal("variable_name", name=name[:MAX_NAME])
    if alike(name) == ADDRESS:
        raise refusal("variable_reserved", name=name)


def clean_value(name: str, value: Any) -> str:
    """Return `value` trimmed, or raise ValidationError: variable_type, variable_length, variable_characters."""
    if not isinstance(value, str):
        raise refusal("variable_type", name=name)
    value = value.strip()
    if len(value) > MAX_VALUE:
        raise refusal("variable_length", name=name, n=len(value), high=MAX_VALUE)
    _check_characters(name, value)
    return value


def _check_characters(name: str, value: str) -> None:
    for character in value:
        if unicodedata.category(character) in ("Cc", "Cs") or ord(character) & 0xFFFE == 0xFFFE:
            raise refusal("variable_characters", name=name, character=f"U+{ord(character):04X}")


def clean_values(variables: Iterable[Variable], values: Mapping[str, Any]) -> dict[str, str]:
    """Return {name: value} for every variable, defaults filled in; ValidationError keyed by each name at fault."""
    cleaned, faults = {}, {}
    for variable in variables:
        name = variable.name
        value = values.get(name, "")
        if isinstance(value, str) and COMMON(value):
            cleaned[name] = value
            continue
        try:
            cleaned[name] = _value_of(variable, value)
        except ValidationError as refused:
            faults[name] = refused
    if faults:
        raise ValidationError(faults)
    return cleaned


def check_known(variables: Iterable[Variable], names: Iterable[str]) -> None:
    """Raise ValidationError (variable_unknown) keyed by each of `names` that no variable has."""
    known = {variable.name for variable in variables}
    unknown = {name: refusal("variable_unknown", name=name) for name in names if name not in known}
    if unknown:
        raise ValidationError(unknown)


def _value_of(variable: Variable, given: Any) -> str:
    value = clean_value(variable.name, given)
    if value:
        return value
    if variable.default is None:
        raise refusal("variable_missing", name=variable.name)
    return variable.default
