"""What the lists of tasks and templates show, and in which order. A filter or order that does not exist is none."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Case, Q, QuerySet, SmallIntegerField, Value, When
from django.utils.translation import gettext_lazy as _

from tenants.days import end_of, midnight

from .channels import Medium
from .models import MarketingTask, MessageTemplate
from .states import TaskState, TaskType

LATEST = "-created"
# order: (its name, the field that it sorts by, which with the key is unique)
ORDERS = {
    LATEST: (_("Latest first"), "-created_at"),
    "created": (_("Oldest first"), "created_at"),
    "name": (_("Name, from A"), "name"),
    "-name": (_("Name, from Z"), "-name"),
    "state": (_("State, from Draft"), "life"),
    "-state": (_("State, from Completed"), "-life"),
    "-recipients": (_("Most recipients first"), "-recipient_count"),
    "recipients": (_("Fewest recipients first"), "recipient_count"),
    "begin": (_("Earliest begin first"), "begin_at"),
    "-begin": (_("Latest begin first"), "-begin_at"),
}
LIFE = Case(  # states sort as they follow each other, not as they are spelled
    *(When(state=state, then=Value(place)) for place, state in enumerate(TaskState)), output_field=SmallIntegerField()
)
DAY = {"type": "date"}


class TaskFilterForm(forms.Form):
    """The filters above the list of tasks, and its order."""

    state = forms.ChoiceField(choices=TaskState, required=False)
    name = forms.CharField(max_length=100, required=False)
    medium = forms.ChoiceField(label=_("Medium"), choices=[("", _("All media")), *Medium.choices], required=False)
    task_type = forms.ChoiceField(
        label=_("Task type"), choices=[("", _("All types")), *TaskType.choices], required=False
    )
    since = forms.DateField(label=_("Runs on or after"), widget=forms.DateInput(DAY, format="%Y-%m-%d"), required=False)
    until = forms.DateField(
        label=_("Runs on or before"), widget=forms.DateInput(DAY, format="%Y-%m-%d"), required=False
    )
    sort = forms.ChoiceField(
        label=_("Sort by"), choices=[(key, name) for key, (name, _field) in ORDERS.items()], required=False
    )

    def chosen(self) -> dict[str, str]:
        """Return the filters in use as they stand in an address, {name: text}."""
        return {name: str(value) for name, value in self._values().items() if value and name != "sort"}

    def in_address(self) -> dict[str, str]:
        """Return the filters in use and the order, where it is not the usual one."""
        order = self.order()
        return self.chosen() | ({} if order == LATEST else {"sort": order})

    def order(self) -> str:
        """Return the order in use, one of ORDERS."""
        return self._values().get("sort") or LATEST

    def fields_of_order(self) -> tuple[str, str]:
        """Return the fields that the list is sorted by; together they are unique."""
        _name, field = ORDERS[self.order()]
        return field, "-id" if field.startswith("-") else "id"

    def narrow(self, tasks: QuerySet[MarketingTask]) -> QuerySet[MarketingTask]:
        """Return those of `tasks` that the filters let through, the state's aside."""
        return narrowed_tasks(tasks, self._values() | {"state": ""})

    def sorted(self, tasks: QuerySet[MarketingTask]) -> QuerySet[MarketingTask]:
        """Return `tasks` with the field that the order needs."""
        return tasks.annotate(life=LIFE) if self.order().endswith("state") else tasks

    def _values(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data


def narrowed_tasks(tasks: QuerySet[MarketingTask], values: Mapping[str, Any]) -> QuerySet[MarketingTask]:
    """Return those of `tasks` that fit `values`: state, name, medium, task_type, since, until; empty is any."""
    lookups = {"state": "state", "name": "name__icontains", "medium": "medium", "task_type": "task_type"}
    tasks = tasks.filter(**{lookup: values[key] for key, lookup in lookups.items() if values.get(key)})
    if since := values.get("since"):
        tasks = tasks.filter(end_at__gte=midnight(since))
    if until := values.get("until"):
        tasks = tasks.filter(begin_at__lt=end_of(until))
    return tasks


def narrowed_templates(templates: QuerySet[MessageTemplate], values: Mapping[str, Any]) -> QuerySet[MessageTemplate]:
    """Return those of `templates` that fit `values`: medium, and name, which is also looked for in the text."""
    if name := values.get("name"):
        templates = templates.filter(Q(name__icontains=name) | Q(body__icontains=name))
    return templates.filter(medium=values["medium"]) if values.get("medium") else templates


class TemplateFilterForm(forms.Form):
    """The filters above the list of message templates."""

    name = forms.CharField(max_length=100, required=False)
    medium = forms.ChoiceField(label=_("Medium"), choices=[("", _("All media")), *Medium.choices], required=False)

    def chosen(self) -> dict[str, str]:
        """Return the filters in use, {name: value}."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def narrow(self, templates: QuerySet[MessageTemplate]) -> QuerySet[MessageTemplate]:
        """Return those of `templates` that the filters let through."""
        return narrowed_templates(templates, self.chosen())
