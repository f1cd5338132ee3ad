"""Which imports somebody should look at: those that ended badly, wait for a decision, or did not begin."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from tenants.attention import SHOWN, Matter, declare_coming, declare_matters
from tenants.models import User

from .models import ImportBatch
from .schedule_models import ScheduledImport
from .states import ImportState

NAMED_FOR = timedelta(days=7)
SOON = timedelta(days=1)
IN_TROUBLE = (ImportState.FAILED, ImportState.STOPPED)


def missing_files(_user: User) -> Iterator[Matter]:
    """Yield the scheduled imports that no file came for in time, the latest first."""
    for schedule in ScheduledImport.missing().select_related("task").order_by("-missed_at", "id")[:SHOWN]:
        text = _("No file came in time for “%(name)s”") % {"name": schedule.task.name}
        page = reverse("importer:scheduled-imports", args=[schedule.task_id])
        yield Matter(text, page, "file-alert", (schedule.path,), schedule.missed_at, is_urgent=True)


def troubled_imports(_user: User) -> Iterator[Matter]:
    """Yield the imports that failed or stopped lately, the latest first."""
    found = _latest().filter(state__in=IN_TROUBLE, ended_at__gte=timezone.now() - NAMED_FOR)
    for batch in found[:SHOWN]:
        has_failed = batch.state == ImportState.FAILED
        text = (
            _("Import %(number)s of “%(task)s” failed") if has_failed else _("Import %(number)s of “%(task)s” stopped")
        )
        counts = {"done": f"{batch.rows_done:,}", "total": f"{batch.total:,}"}
        why = (_("After %(done)s of %(total)s rows.") % counts, batch.error_sentence)
        icon = "circle-x" if has_failed else "hand-stop"
        yield Matter(
            text % _names(batch), _page(batch), icon, tuple(filter(None, why)), batch.ended_at, is_urgent=has_failed
        )


def held_imports(_user: User) -> Iterator[Matter]:
    """Yield the imports that wait for approval, the latest first."""
    for batch in _latest().filter(state=ImportState.PREPARING).exclude(held_code="")[:SHOWN]:
        text = _("Import %(number)s of “%(task)s” waits for approval") % _names(batch)
        yield Matter(text, _page(batch), "hand-stop", (batch.held_sentence,))


def next_runs(_user: User) -> Iterator[Matter]:
    """Yield the scheduled imports that run soon, the next one first."""
    now = timezone.now()
    found = ScheduledImport.objects.filter(is_active=True, next_run_at__range=(now, now + SOON))
    for schedule in found.select_related("task").order_by("next_run_at", "id")[:SHOWN]:
        text = _("Scheduled import into “%(name)s”") % {"name": schedule.task.name}
        page = reverse("importer:scheduled-imports", args=[schedule.task_id])
        yield Matter(text, page, "calendar-time", (schedule.path,), schedule.next_run_at)


def _latest() -> QuerySet[ImportBatch]:
    return ImportBatch.objects.select_related("task").order_by("-created_at", "-id")


def _names(batch: ImportBatch) -> dict[str, str]:
    return {"number": f"{batch.number:,}", "task": batch.task.name}


def _page(batch: ImportBatch) -> str:
    return reverse("importer:import", args=[batch.task_id, batch.pk])


declare_matters(missing_files, troubled_imports, held_imports)
declare_coming(next_runs)
