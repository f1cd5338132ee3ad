"""Whether a row may become a recipient, judged once for every door: form, REST, file, server and SmartCare."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext_lazy as _

from tenants.numbers import NumberPolicy
from tenants.parameters import number_policy
from tenants.refusals import declare, refusal

from .channels import address_rule
from .models import MarketingTask
from .variables import ADDRESS, Variable, clean_values

HELD_NAMES = """
    SELECT ARRAY(SELECT variable ->> 'name' FROM jsonb_array_elements(variables) AS variable)
    FROM marketing_messagetemplate WHERE id = %s FOR SHARE"""

declare(
    {
        "task_changed": _(
            "The medium of the task, or the variables of its template, were changed meanwhile. What was in the task "
            "before is kept; bring in the rest again."
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A row that passed the rules: the address as it is stored and compared, and {variable: value}."""

    address: str
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one task, frozen: what changes later does not touch an import that has begun."""

    medium: str
    policy: NumberPolicy
    variables: tuple[Variable, ...]

    @classmethod
    def of(cls, task: MarketingTask) -> "Rules":
        """Return the rules that hold for `task` now."""
        return cls(task.medium, number_policy(task.tenant), task.template.variable_list())

    def check(self, address: str, values: Mapping[str, Any]) -> Draft:
        """Return the row as a Draft, or raise ValidationError keyed by "address" and by each variable at fault."""
        faults: dict[str, Any] = {}
        cleaned_address, cleaned = "", {}
        try:
            cleaned_address = address_rule(self.medium, self.policy)(address)
        except ValidationError as refused:
            faults[ADDRESS] = refused
        try:
            cleaned = clean_values(self.variables, values)
        except ValidationError as refused:
            faults.update(refused.error_dict)
        if faults:
            raise ValidationError(faults)
        return Draft(cleaned_address, cleaned)

    def why_unfit(self, task: MarketingTask) -> ValidationError | None:
        """Return why rows judged by these rules do not fit `task` any more, or None. Inside intake.lock.

        Its template is held until the transaction ends: whoever changes the template waits, and sees the rows.
        """
        with connection.cursor() as cursor:
            cursor.execute(HELD_NAMES, [task.template_id])
            (names,) = cursor.fetchone()
        fits = task.medium == self.medium and set(names) == {variable.name for variable in self.variables}
        return None if fits else refusal("task_changed")

    def to_json(self) -> dict[str, Any]:
        """Return the rules as they are stored with an import."""
        return {"medium": self.medium, "policy": self.policy.to_json(), "variables": [list(v) for v in self.variables]}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Rules":
        """Return the rules that `to_json` stored."""
        variables = tuple(Variable(*pair) for pair in stored["variables"])
        return cls(stored["medium"], NumberPolicy.from_json(stored["policy"]), variables)
