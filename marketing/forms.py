"""The forms of marketing's pages: they read what was typed; the rules stand in the modules they call."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tenants.models import Tenant, User

from .channels import Medium
from .models import MarketingTask, MessageTemplate, Recipient
from .rules import Draft, Rules
from .saving import version_of
from .search import Search
from .states import CareScenario
from .variables import ADDRESS, Variable

WINDOW_LABELS = {"begin": _("Begin of window %(number)s"), "end": _("End of window %(number)s")}
WINDOWS = (1, 2, 3)  # "up to three daily sending windows"
MOMENT = {"type": "datetime-local"}
CHOOSE = _("Choose one of the templates of this tenant space.")
NAME_FAULTS = {"required": _("Write a name of 1–100 characters.")}
MOMENT_FAULT = _("Write a day and a time, such as 2026-12-01 09:00.")
MOMENT_FAULTS = {"required": MOMENT_FAULT, "invalid": MOMENT_FAULT}
CLOCK_FAULTS = {"invalid": _("Write a time of the day, such as 09:00.")}
SAMPLE = "sample:"  # begins the name of each field that holds a value to preview with
VALUE = "value:"  # begins the name of each field that holds a variable's value or default


class SeenForm(forms.ModelForm):
    """A form that knows which stored state it was opened with, so that nobody overwrites what they did not see."""

    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.instance._state.adding:
            self.initial["seen"] = version_of(self.instance)

    def see(self, stored: Any) -> None:
        """Take it that `stored` was looked at: saving again replaces it."""
        typed: Any = self.data
        typed = typed.copy()
        typed["seen"] = version_of(stored)
        self.data = typed


class TaskForm(SeenForm):
    """A task, as it is created and edited; `saving` judges what concerns more than one field."""

    medium = forms.ChoiceField(label=_("Medium"), choices=Medium, initial=Medium.SMS)
    template: Any = forms.ModelChoiceField(
        label=_("Message template"),
        queryset=None,
        widget=forms.RadioSelect,
        error_messages={"required": CHOOSE, "invalid_choice": CHOOSE},
    )
    care_scenario = forms.ChoiceField(
        label=_("Care scenario"), choices=[("", _("None")), *CareScenario.choices], required=False
    )
    windows = forms.CharField(
        label=_("Sending windows"), required=False, widget=forms.HiddenInput
    )  # where the model's judgement of them stands
    special_dates = forms.CharField(
        label=_("Special dates"),
        help_text=_("Days without sending, such as 2026-12-25, separated by commas."),
        required=False,
        max_length=2000,
    )

    class Meta:
        model = MarketingTask
        fields = ("name", "task_type", "medium", "care_scenario", "template", "description", "begin_at", "end_at")
        widgets = {
            "begin_at": forms.DateTimeInput(MOMENT, format="%Y-%m-%dT%H:%M"),
            "end_at": forms.DateTimeInput(MOMENT, format="%Y-%m-%dT%H:%M"),
        }
        help_texts = {
            "name": _("1–100 characters, unique in the tenant space."),
            "care_scenario": _("For a Care task: whose bad experience it answers."),
            "description": _('At most 200 characters, none of " [ ] = ; < >'),
            "begin_at": _("In the time zone of the tenant space."),
        }
        error_messages = {"name": NAME_FAULTS, "begin_at": MOMENT_FAULTS, "end_at": MOMENT_FAULTS}

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template"].queryset = tenant.message_templates.order_by("name")  # type: ignore[attr-defined]
        self.instance.tenant = tenant
        if self.instance.recipient_count:  # their addresses are of this medium
            self.fields["medium"].disabled = self.fields["task_type"].disabled = True
        self.initial["special_dates"] = ", ".join(self.instance.special_dates)
        self._add_windows()

    def _add_windows(self) -> None:
        for number in WINDOWS:
            stored = self.instance.windows[number - 1] if number <= len(self.instance.windows) else {}
            for side in ("begin", "end"):
                clock = forms.TimeInput({"type": "time"}, format="%H:%M")
                field = forms.TimeField(
                    label=WINDOW_LABELS[side] % {"number": number},
                    required=False,
                    widget=clock,
                    error_messages=CLOCK_FAULTS,
                )
                field.initial = stored.get(side)
                self.fields[f"window_{number}_{side}"] = field

    def chosen_template(self) -> MessageTemplate | None:
        """Return the template that is chosen now, saved or not."""
        chosen = self["template"].value()
        offered = self.fields["template"].queryset  # type: ignore[attr-defined]
        return next((template for template in offered if str(template.pk) == str(chosen)), None)

    def window_fields(self) -> Iterator[tuple[int, forms.BoundField, forms.BoundField]]:
        """Yield (number, begin field, end field) of each sending window."""
        for number in WINDOWS:
            yield number, self[f"window_{number}_begin"], self[f"window_{number}_end"]

    def clean_special_dates(self) -> list[str]:
        """Return the days as they were written, for the model to judge."""
        pieces = [piece.strip() for piece in self.cleaned_data["special_dates"].replace("，", ",").split(",")]
        return sorted({piece for piece in pieces if piece})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        windows = [{side: self._clock(number, side) for side in ("begin", "end")} for number in WINDOWS]
        if not any(name.startswith("window_") for name in self.errors):  # one fault, said once
            self.instance.windows = [window for window in windows if any(window.values())]
        self.instance.special_dates = cleaned.get("special_dates", [])
        return cleaned

    def _clock(self, number: int, side: str) -> str:
        moment = self.cleaned_data.get(f"window_{number}_{side}")
        return moment.strftime("%H:%M") if moment else ""


class MessageTemplateForm(SeenForm):
    """A message template; the defaults of its variables come as fields `value:<name>`."""

    medium = forms.ChoiceField(label=_("Medium"), choices=Medium, initial=Medium.SMS)

    class Meta:
        model = MessageTemplate
        fields = ("name", "medium", "subject", "body")
        widgets = {"body": forms.Textarea({"rows": 6})}
        help_texts = {
            "name": _("1–100 characters, unique in the tenant space."),
            "subject": _("Of an email only."),
            "body": _("Write a variable as ${name}. At most 20 variables and 2,000 characters."),
        }
        error_messages = {
            "name": NAME_FAULTS,
            "body": {"required": _("Write the text of the message, of 1–2,000 characters.")},
        }

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.tenant = tenant

    def defaults(self) -> dict[str, str]:
        """Return {variable: default} as typed; blank means that every recipient needs a value."""
        return {name.removeprefix(VALUE): text for name, text in self.data.items() if name.startswith(VALUE)}

    def typed_defaults(self, names: Iterable[str] = ()) -> dict[str, str]:
        """Return {variable: default} to show: as typed, or as stored; also each of `names`."""
        stored = {variable.name: variable.default or "" for variable in self.instance.variable_list()}
        return dict.fromkeys(names, "") | (self.defaults() if self.is_bound else stored)


class RecipientForm(forms.Form):
    """One recipient: its address and, under Set Variable, a field per variable of the task's template."""

    address = forms.CharField(required=False, max_length=500, strip=False)
    seen = forms.DateTimeField(required=False, widget=forms.HiddenInput)  # `changed_at` when the form was shown

    def __init__(self, *args: Any, task: MarketingTask, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.task, self.rules = task, Rules.of(task)
        is_email = task.medium == Medium.EMAIL
        self.fields[ADDRESS].label = _("Recipient email") if is_email else _("Recipient number")
        self.fields[ADDRESS].widget = forms.TextInput(
            {"inputmode": "email" if is_email else "tel", "autocomplete": "off"}
        )
        for variable in self.rules.variables:
            self.fields[VALUE + variable.name] = _value_field(variable)

    @classmethod
    def of(cls, recipient: Recipient, task: MarketingTask) -> "RecipientForm":
        """Return the form filled with what is stored of `recipient`."""
        values = {VALUE + name: value for name, value in recipient.variables.items()}
        seen = recipient.changed_at.isoformat() if recipient.changed_at else ""
        return cls(task=task, initial={ADDRESS: recipient.address, "seen": seen} | values)

    def as_seen(self, recipient: Recipient) -> Recipient:
        """Return `recipient` as old as it was when the form was shown, so that a change since then is found out."""
        recipient.changed_at = self.cleaned_data["seen"]
        return recipient

    def variable_fields(self) -> Iterator[tuple[Variable, forms.BoundField]]:
        """Yield each variable with its field, in the template's order."""
        for variable in self.rules.variables:
            yield variable, self[VALUE + variable.name]

    def clean(self) -> dict[str, Any]:
        """Judge the row by the same rules as an import does, and keep it as `draft`."""
        cleaned = super().clean() or self.cleaned_data
        values = {variable.name: cleaned.get(VALUE + variable.name, "") for variable in self.rules.variables}
        try:
            self.draft: Draft = self.rules.check(cleaned.get(ADDRESS, ""), values)
        except ValidationError as refused:
            self.add_refusal(refused)
        return cleaned

    def add_refusal(self, refused: ValidationError) -> None:
        """Show a refusal at the fields it names, or above the form."""
        if not hasattr(refused, "error_dict"):
            self.add_error(None, refused)
            return
        for name, faults in refused.error_dict.items():
            self.add_error(name if name in self.fields else VALUE + name, faults)


def _value_field(variable: Variable) -> forms.CharField:
    hint = "" if variable.default is None else _("Blank uses the default, %(default)s.") % {"default": variable.default}
    widget = forms.TextInput(
        {"autocomplete": "off", "data-variable": variable.name, "placeholder": variable.default or ""}
    )
    field = forms.CharField(label=variable.name, required=False, max_length=2000, help_text=hint, widget=widget)
    field.widget.attrs.pop("maxlength", None)  # the rule says how long a value may be, with its reason
    return field


class RecipientSearchForm(forms.Form):
    """A search among a task's recipients. It travels in the body of a POST, never in an address bar."""

    BEGINS, ENDS, PERSON = "begins", "ends", "person"
    how = forms.ChoiceField(
        label=_("Search by"), choices=[(BEGINS, _("Begins with")), (ENDS, _("Ends with"))], required=False
    )
    text = forms.CharField(max_length=254, required=False)
    origin = forms.ChoiceField(label=_("Origin"), required=False)

    def __init__(self, *args: Any, origins: Iterable[tuple[str, Any]], user: User, **kwargs: Any) -> None:
        """`origins`: (id, text) of the task's imports."""
        super().__init__(*args, **kwargs)
        if not user.sees_full_addresses:  # or the masked digits could be found out one by one
            self.fields["how"].disabled = self.fields["text"].disabled = True
        persons = [("", _("All origins")), (self.PERSON, _("Added one by one"))]
        self.fields["origin"].choices = [*persons, *origins]  # type: ignore[attr-defined]

    def search(self) -> Search | None:
        """Return what is searched for; None where it cannot be found, such as an import of another task."""
        if not self.is_valid():
            return None
        text, how, origin = (self.cleaned_data[name] for name in ("text", "how", "origin"))
        by_person = origin == self.PERSON
        return Search(text, how == self.ENDS, None if by_person or not origin else UUID(origin), by_person)

    def is_narrowing(self) -> bool:
        """Return whether anything was searched for."""
        return not self.is_valid() or bool(self.cleaned_data["text"] or self.cleaned_data["origin"])
