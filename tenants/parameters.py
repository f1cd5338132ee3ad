"""The catalogue of tenant parameters: key, the guide's name, default, range; and the way to read any parameter.

Source: guide 2025-01-23, "Importing Marketing Data in Batches", step 2 (the five number parameters).
"""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .models import Tenant, TenantParameter
from .numbers import NumberPolicy
from .operation_log import declare_actions, record
from .parameter_kinds import Parameter, WholeNumber, area_code, cleaned_by, digits, one_of, prefixes
from .refusals import declare, refusal
from .system_parameters import SYSTEM_PARAMETERS, system_parameter, system_time

__all__ = [
    "SYSTEM_PARAMETERS",
    "TENANT_PARAMETERS",
    "Parameter",
    "number_policy",
    "parameters_of",
    "policy_from",
    "set_parameters",
    "system_parameter",
    "system_time",
]

declare({"parameter_order": _("The maximum length (%(high)s) must not be below the minimum length (%(low)s).")})
declare_actions({"parameters.change": _("Change tenant parameters")})

NUMBERS, RETENTION = _("Recipient numbers"), _("Retention")
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
            WholeNumber(1, 24),
            _("1 to 24, not above the maximum"),
        ),
        Parameter(
            "max_number_length",
            _("Maximum length of outbound customer number"),
            _("Digits that a national number may have at most."),
            NUMBERS,
            "20",
            WholeNumber(1, 24),
            _("1 to 24, not below the minimum"),
        ),
        Parameter(
            "begin_digits",
            _("The begin digits of the customer number"),
            _("A national number must begin with one of these. Empty: any."),
            NUMBERS,
            "",
            prefixes,
            _("up to 50 groups of 1 to 10 digits, separated by commas"),
        ),
        Parameter(
            "international_crown_code",
            _("International Crown Code"),
            _("What is dialled before a country's code, such as 00."),
            NUMBERS,
            "00",
            digits(0, 6),
            _("0 to 6 digits"),
        ),
        Parameter(
            "international_area_code",
            _("International area code"),
            _("The calling code of the only country that numbers may be of, such as 86. Empty: any country."),
            NUMBERS,
            "",
            area_code,
            _("a country calling code of 1 to 3 digits, or empty"),
        ),
        Parameter(
            "number_plan_check",
            _("Number plan check"),
            _("How strictly a number is compared with its country's number plan."),
            NUMBERS,
            "possible",
            one_of("off", "possible", "valid"),
            _("off, possible or valid"),
            PLAN_CHECKS,
        ),
        Parameter(
            "source_file_days",
            _("Days an uploaded file is kept"),
            _("Afterwards the file is deleted for good."),
            RETENTION,
            "7",
            WholeNumber(1, 90),
            _("1 to 90"),
        ),
        Parameter(
            "rejected_row_days",
            _("Days failed and duplicate rows are kept"),
            _("Afterwards they cannot be downloaded any more."),
            RETENTION,
            "30",
            WholeNumber(1, 365),
            _("1 to 365"),
        ),
    ]
}


def parameters_of(tenant: Tenant) -> dict[str, str]:
    """Return {key: value} of all tenant parameters, defaults included."""
    stored = dict(tenant.parameters.values_list("key", "value"))
    return {key: stored.get(key, parameter.default) for key, parameter in TENANT_PARAMETERS.items()}


def set_parameters(tenant: Tenant, raw: Mapping[str, str]) -> None:
    """Set the parameters of `raw`, all or none; ValidationError keyed by parameter. Others stay as they are."""
    tenant.hold()  # or two at once could set a minimum above the maximum
    cleaned, faults = cleaned_by(TENANT_PARAMETERS, raw)
    if not faults:
        faults = _order_fault(parameters_of(tenant) | cleaned)
    if faults:
        raise ValidationError(faults)
    before = parameters_of(tenant)
    changes = {key: [before[key], value] for key, value in cleaned.items() if value != before[key]}
    for key in changes:
        TenantParameter.objects.update_or_create(key=key, defaults={"value": cleaned[key]})
    if changes:
        record("parameters.change", changes=changes)


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


def policy_as_typed(typed: Mapping[str, str]) -> NumberPolicy:
    """Return the policy of parameters as somebody typed them, saved or not, or raise ValidationError."""
    numbers = [parameter for parameter in TENANT_PARAMETERS.values() if parameter.group == NUMBERS]
    return policy_from({one.key: one.clean(typed[one.key].strip()) for one in numbers})


def _order_fault(values: Mapping[str, str]) -> dict[str, ValidationError]:
    low, high = int(values["min_number_length"]), int(values["max_number_length"])
    return {} if low <= high else {"max_number_length": refusal("parameter_order", low=low, high=high)}
