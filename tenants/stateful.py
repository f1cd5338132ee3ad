"""States are tables, and moving is one conditional UPDATE."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .ownership import TenantOwned
from .refusals import declare, refusal

declare({"wrong_state": _("This is not possible in the state “%(state)s”.")})


class Stateful(TenantOwned):
    """A row whose `state` follows the `TRANSITIONS` table of its class: {state: {states that may follow}}."""

    TRANSITIONS: ClassVar[Mapping[Any, frozenset[Any]]]
    state: Any

    class Meta:
        abstract = True

    def move(self, to: models.TextChoices, **changes: Any) -> None:
        """Move to `to`, and set `changes`, in one UPDATE, so that two requests cannot both win.

        Raises ValidationError (wrong_state) when no transition leads there from the state that the
        database holds now; then nothing was written.
        """
        sources = [state for state, targets in self.TRANSITIONS.items() if to in targets]
        changes |= {"state": to, "updated_at": timezone.now()}
        if not type(self).objects.filter(pk=self.pk, state__in=sources).update(**changes):
            self.refresh_from_db(fields=["state"])
            raise refusal("wrong_state", state=self.get_state_display())  # type: ignore[attr-defined]
        for name, value in changes.items():
            setattr(self, name, value)
