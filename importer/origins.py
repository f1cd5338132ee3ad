"""The imports of a task as origins of its recipients."""

from django.urls import reverse
from django.utils.translation import gettext as _

from marketing.origins import Kind, Origin, declare_origins

from .models import ImportBatch


def _shown(batch: ImportBatch) -> Origin:
    text = _("Import %(number)s") % {"number": batch.number}
    return Origin(batch.pk, text, batch.source_name, reverse("importer:import", args=[batch.task_id, batch.pk]))


declare_origins(Kind(lambda task: task.imports.only("task", "number", "source_name").order_by("-number"), _shown))
