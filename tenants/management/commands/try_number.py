"""Judge recipient numbers from standard input, to try a tenant's parameters before they are set."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from tenants.json_lines import write_lines
from tenants.numbers import NumberPolicy
from tenants.parameters import TENANT_PARAMETERS, policy_from
from tenants.refusals import refusal

PARAMETER_BY_OPTION = {
    "area_code": "international_area_code",
    "crown_code": "international_crown_code",
    "min": "min_number_length",
    "max": "max_number_length",
    "begin": "begin_digits",
    "plan_check": "number_plan_check",
}


class Command(BaseCommand):
    help = "Reads recipient numbers, one a line, and prints what becomes of each, one JSON object a line."
    requires_system_checks: list[str] = []  # needs neither database nor broker

    def add_arguments(self, parser: ArgumentParser) -> None:
        for option, key in PARAMETER_BY_OPTION.items():
            parameter = TENANT_PARAMETERS[key]
            parser.add_argument(
                f"--{option.replace('_', '-')}",
                default=parameter.default,
                help=f"{parameter.name}: {parameter.allowed} (default: {parameter.default or 'empty'})",
            )

    def handle(self, **options: Any) -> None:
        policy = _policy({option: options[option] for option in PARAMETER_BY_OPTION})
        write_lines(self.stdout, verdicts(policy, sys.stdin.buffer))


def verdicts(policy: NumberPolicy, lines: Iterable[bytes]) -> Iterator[str]:
    """Yield one line of JSON for each of `lines`: {input, address} or {input, code, detail}.

    Bytes that are no UTF-8 are shown as \\udc80 to \\udcff, which is how Python reads them.
    """
    for line in lines:
        raw = line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "surrogateescape")
        text = json.dumps({"input": raw} | _verdict(policy, raw), ensure_ascii=False)
        yield text.encode("utf-8", "backslashreplace").decode()


def _verdict(policy: NumberPolicy, raw: str) -> dict[str, str]:
    try:
        return {"address": policy.clean(raw)}
    except ValidationError as refused:
        return {"code": str(refused.code), "detail": refused.messages[0]}


def _policy(options: dict[str, str]) -> NumberPolicy:
    values = {}
    for option, text in options.items():
        key = PARAMETER_BY_OPTION[option]
        try:
            values[key] = TENANT_PARAMETERS[key].clean(str(text).strip())
        except ValidationError as refused:
            raise CommandError(f"--{option.replace('_', '-')}: {refused.messages[0]}") from None
    policy = policy_from(values)
    if policy.min_length > policy.max_length:
        order = refusal("parameter_order", low=policy.min_length, high=policy.max_length)
        raise CommandError(f"--max: {order.messages[0]}")
    return policy
