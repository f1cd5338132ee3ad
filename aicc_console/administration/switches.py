"""The switches of a tenant space's features, and the question before one is switched off under published tasks."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tenants.features import Feature
from tenants.models import Tenant
from tenants.questions import Question
from tenants.refusals import refusal

SHOWN = 10  # names of tasks in the question

EFFECTS = {
    Feature.INTELLIGENT_OUTBOUND_CALL: gettext_lazy("Marketing tasks of every medium, and care tasks."),
    Feature.SMS_MARKETING: gettext_lazy("Tasks that send SMS."),
    Feature.EMAIL_MARKETING: gettext_lazy("Tasks that send email."),
    Feature.WHATSAPP_MARKETING: gettext_lazy("Tasks that send WhatsApp messages."),
    Feature.SMARTCARE: gettext_lazy("Care tasks, which SmartCare fills every night."),
}


class Switch(NamedTuple):
    """A switch as it is shown. `why_not`: why it cannot be used now, or ""."""

    feature: Feature
    is_on: bool
    effect: Any
    url: str
    why_not: Any


def switches_of(space: Tenant) -> list[Switch]:
    """Return the switches of `space`, in the order of the features."""
    why_not = "" if space.is_active else refusal("space_disabled").messages[0]
    return [
        Switch(
            feature,
            getattr(space, feature),
            EFFECTS[feature],
            reverse("administration:space-feature", args=[space.pk, feature.value]),
            why_not,
        )
        for feature in Feature
    ]


def question_of(space: Tenant, feature: Feature, names: Sequence[str], *, action: str, back: str) -> Question:
    """Return the question before `feature` is switched off under the published tasks of these `names`."""
    count, shown = len(names), [*names[:SHOWN]]
    if count > SHOWN:
        more = count - SHOWN
        shown.append(ngettext("and %(count)s more", "and %(count)s more", more) % {"count": f"{more:,}"})
    return Question(
        title=_("Switch off “%(feature)s” for “%(name)s”?") % {"feature": feature.label, "name": space.name},
        text=ngettext(
            "%(count)s published task needs it. If it runs, it is suspended at once; it can be resumed by hand when "
            "the feature is on again. Its recipients and results stay.",
            "%(count)s published tasks need it. Those that run are suspended at once; they can be resumed by hand "
            "when the feature is on again. Their recipients and results stay.",
            count,
        )
        % {"count": f"{count:,}"},
        verb=_("Switch off"),
        keep=_("Leave it on"),
        action=action,
        back=back,
        icon="toggle-left",
        examples=shown,
    )
