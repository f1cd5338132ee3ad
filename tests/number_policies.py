"""Number policies that the tests of the recipient-number rule share."""

from dataclasses import replace

from tenants.numbers import NumberPolicy

ANY = NumberPolicy()
VALID = NumberPolicy(plan_check="valid")
CN = NumberPolicy(area_code="86")
OFF = replace(CN, plan_check="off")
CN_VALID = replace(CN, plan_check="valid")
CN_MOBILE = replace(CN_VALID, min_length=11, max_length=11, begin_digits=("13", "15", "18"))


def of(area_code: str, **limits) -> NumberPolicy:
    """Return the strictest policy of one country."""
    return NumberPolicy(**{"area_code": area_code, "plan_check": "valid"} | limits)
