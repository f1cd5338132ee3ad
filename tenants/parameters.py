"""The catalogue of tenant and system parameters: key, the guide's name, default, range.

Source: guide 2025-01-23, "Importing Marketing Data in Batches", step 2 (the five number parameters).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .models import SystemParameter, Tenant, TenantParameter
from .numbers import NumberPolicy, is_calling_code
from .refusals import declare, refusal

declare(
    {
        "parameter_unknown": _("There is no parameter “%(key)s”."),
        "parameter_range": _("This must be a whole number from %(low)s to %(high)s."),
        "parameter_digits": _("This must be %(low)s to %(high)s digits."),
        "parameter_area_code": _("No country has the calling code %(value)s."),
        "parameter_prefixes": _("Write up to 50 groups of 1 to 10 digits, separated by commas."),
        "parameter_choice": _("This must be one of: %(choices)s."),
        "parameter_order": _("The maximum length (%(high)s) must not be below the minimum length (%(low)s)."),
    }
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One line of the catalogue. `clean` takes what was typed and returns what is stored, or raises."""

    key: str
    name: Any
    description: Any
    group: Any
    default: str
    clean: Callable[[str], str]
    allowed: Any
    choices: tuple[tuple[str, Any], ...] = ()


def _whole_number(low: int, high: int) -> Callable[[str], str]:
    def clean(raw: str) -> str:
        if not re.fullmatch(r"[0-9]{1,9}", raw) or not low <= int(raw) <= high:
            raise refusal("parameter_range", low=low, high=high)
        return str(int(raw))

    return clean


def _digits(low: int, high: int) -> Callable[[str], str]:
    def clean(raw: str) -> str:
        if not re.fullmatch(rf"[0-9]{{{low},{high}}}", raw):
            raise refusal("parameter_digits", low=low, high=high)
        return raw

    return clean


def _area_code(raw: str) -> str:
    value = _digits(0, 3)(raw)
    if value and not is_calling_code(value):
        raise refusal("parameter_area_code", value=value)
    return value


def _prefixes(raw: str) -> str:
    prefixes = list(dict.fromkeys(piece.strip() for piece in raw.replace("，", ",").split(",") if piece.strip()))
    if len(prefixes) > 50 or not all(re.fullmatch(r"[0-9]{1,10}", prefix) for prefix in prefixes):
        raise refusal("parameter_prefixes")
    return ",".join(prefixes)


def _one_of(*choices: str) -> Callable[[str], str]:
    def clean(raw: str) -> str:
        if raw not in choices:
            raise refusal("parameter_choice", choices=", ".join(choices))
        return raw

    return clean


NUMBERS, RETENTION, LIMITS = _("Recipient numbers"), _("Retention"), _("Limits of imports")
PLAN_CHECKS = (("off", _("Off")), ("possible", _("Possible number")), ("valid", _("Valid number")))

TENANT_PARAMETERS: dict[str, Parameter] = {
    parameter.key: parameter
    for parameter in [
        Parameter(
            "min_number_length",
            _("Minimum length of outbound customer number"),
            _("Digits that a national number must have at least."),
            NUMBERS,
            "5",
            _whole_number(1, 24),
            _("1 to 24, not above the maximum"),
        ),
        Parameter(
            "max_number_length",
            _("Maximum length of outbound customer number"),
            _("Digits that a national number may have at most."),
            NUMBERS,
            "20",
            _whole_number(1, 24),
            _("1 to 24, not below the minimum"),
        ),
        Parameter(
            "begin_digits",
            _("The begin digits of the customer number"),
            _("A national number must begin with one of these. Empty: any."),
            NUMBERS,
            "",
            _prefixes,
            _("up to 50 groups of 1 to 10 digits, separated by commas"),
        ),
        Parameter(
            "international_crown_code",
            _("International Crown Code"),
            _("What is dialled before a country's code, such as 00."),
            NUMBERS,
            "00",
            _digits(0, 6),
            _("0 to 6 digits"),
        ),
        Parameter(
            "international_area_code",
            _("International area code"),
            _("The calling code of the only country that numbers may be of, such as 86. Empty: any country."),
            NUMBERS,
            "",
            _area_code,
            _("a country calling code of 1 to 3 digits, or empty"),
        ),
        Parameter(
            "number_plan_check",
            _("Number plan check"),
            _("How strictly a number is compared with its country's number plan."),
            NUMBERS,
            "possible",
            _one_of("off", "possible", "valid"),
            _("off, possible or valid"),
            PLAN_CHECKS,
        ),
        Parameter(
            "source_file_days",
            _("Days an uploaded file is kept"),
            _("Afterwards the file is deleted for good."),
            RETENTION,
            "7",
            _whole_number(1, 90),
            _("1 to 90"),
        ),
        Parameter(
            "rejected_row_days",
            _("Days failed and duplicate rows are kept"),
            _("Afterwards they cannot be downloaded any more."),
            RETENTION,
            "30",
            _whole_number(1, 365),
            _("1 to 365"),
        ),
    ]
}

SYSTEM_PARAMETERS: dict[str, Parameter] = {
    parameter.key: parameter
    for parameter in [
        Parameter(
            "max_file_rows",
            _("Maximum records of an import by file"),
            _("A file with more records is refused."),
            LIMITS,
            "10000",  # "a maximum of 10,000 records can be imported at a time"
            _whole_number(1, 100_000),
            _("1 to 100,000"),
        ),
        Parameter(
            "max_server_rows",
            _("Maximum records of an import by server"),
            _("A file with more records is refused."),
            LIMITS,
            "500000",  # "a maximum of 500,000 records can be imported at a time"
            _whole_number(1, 1_000_000),
            _("1 to 1,000,000"),
        ),
        Parameter(
            "advised_rows",
            _("Records of an import above which the console warns"),
            _("More at a time may slow down the sending."),
            LIMITS,
            "50000",  # "recommended that a maximum of 50,000 records be imported at a time"
            _whole_number(1, 1_000_000),
            _("1 to 1,000,000"),
        ),
    ]
}


def parameters_of(tenant: Tenant) -> dict[str, str]:
    """Return {key: value} of all tenant parameters, defaults included."""
    stored = dict(tenant.parameters.values_list("key", "value"))
    return {key: stored.get(key, parameter.default) for key, parameter in TENANT_PARAMETERS.items()}


def set_parameters(tenant: Tenant, raw: Mapping[str, str]) -> None:
    """Set the parameters of `raw`, all or none; ValidationError keyed by parameter. Others stay as they are."""
    faults: dict[str, ValidationError] = {}
    cleaned = {}
    for key, text in raw.items():
        try:
            cleaned[key] = _known(key).clean(str(text).strip())
        except ValidationError as refused:
            faults[key] = refused
    if not faults:
        faults = _order_fault(parameters_of(tenant) | cleaned)
    if faults:
        raise ValidationError(faults)
    for key, value in cleaned.items():
        TenantParameter.objects.update_or_create(key=key, defaults={"value": value})


def number_policy(tenant: Tenant) -> NumberPolicy:
    """Return the limits on recipient numbers that `tenant` has set."""
    return policy_from(parameters_of(tenant))


def policy_from(values: Mapping[str, str]) -> NumberPolicy:
    """Return the policy that cleaned parameter `values` describe."""
    return NumberPolicy(
        min_length=int(values["min_number_length"]),
        max_length=int(values["max_number_length"]),
        begin_digits=tuple(filter(None, values["begin_digits"].split(","))),
        crown_code=values["international_crown_code"],
        area_code=values["international_area_code"],
        plan_check=values["number_plan_check"],
    )


def system_parameter(key: str) -> int:
    """Return the value of a system parameter, all of which are whole numbers."""
    stored = SystemParameter.objects.filter(key=key).values_list("value", flat=True).first()
    return int(stored if stored is not None else SYSTEM_PARAMETERS[key].default)


def _known(key: str) -> Parameter:
    if key not in TENANT_PARAMETERS:
        raise refusal("parameter_unknown", key=key)
    return TENANT_PARAMETERS[key]


def _order_fault(values: Mapping[str, str]) -> dict[str, ValidationError]:
    low, high = int(values["min_number_length"]), int(values["max_number_length"])
    return {} if low <= high else {"max_number_length": refusal("parameter_order", low=low, high=high)}
