"""What webhooks are told of imports: what each event holds, with its types."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tenants.webhooks.events import Event, Moment, announce, declare_events, link

from .models import ImportBatch
from .schedule_models import ScheduledImport
from .serializers import ImportCounts, ImportFailure
from .states import ENDED, ImportState, Mode

FINISHED, MISSED = "import.finished", "server_import.missed"


class TaskTold(serializers.Serializer):
    """The marketing task that it is about."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class ImportFinished(serializers.Serializer):
    """The `data` of import.finished. REST has the rows: `api_url`, then failed-rows/ and others."""

    id = serializers.UUIDField(help_text="The import.")
    number = serializers.IntegerField(help_text="Within its task.")
    status = serializers.ChoiceField([(one.value, one.label) for one in ImportState if one in ENDED], source="state")
    mode = serializers.ChoiceField(Mode.choices)
    source = serializers.CharField(source="source_name", help_text="The name of the file.")  # type: ignore[assignment]
    task = TaskTold()
    counts = ImportCounts(source="*")
    error = serializers.SerializerMethodField()
    begun_at = Moment(allow_null=True)
    ended_at = Moment()
    url = serializers.SerializerMethodField(help_text="Its page.")
    api_url = serializers.SerializerMethodField(help_text="Its REST resource.")

    @extend_schema_field(ImportFailure(allow_null=True))
    def get_error(self, batch: ImportBatch) -> dict[str, Any] | None:
        """Return why it did not complete, or None."""
        return ImportFailure(batch).data if batch.error_code else None

    def get_url(self, batch: ImportBatch) -> str:
        return link("importer:import", batch.task_id, batch.pk)

    def get_api_url(self, batch: ImportBatch) -> str:
        return link("api-import", batch.pk)


class ServerImportMissed(serializers.Serializer):
    """The `data` of server_import.missed: a scheduled import whose alarm was raised."""

    id = serializers.UUIDField(help_text="The scheduled import.")
    path = serializers.CharField(help_text="Where its files are looked for, on the file server.")
    file_server = serializers.CharField(source="file_server.name")
    task = TaskTold()
    missing_by = serializers.TimeField(format="%H:%M", help_text="Of the day, in the tenant's time zone.")
    missed_at = Moment()
    last_file_at = Moment(allow_null=True, help_text="When a file was found last.")
    last_outcome = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField(help_text="Its page.")
    api_url = serializers.SerializerMethodField(help_text="Its REST resource.")

    @extend_schema_field(ImportFailure(allow_null=True))
    def get_last_outcome(self, schedule: ScheduledImport) -> dict[str, Any] | None:
        """Return what became of its last run, or None before the first."""
        outcome = {"code": schedule.outcome_code, "detail": schedule.outcome_sentence}
        return outcome if schedule.outcome_code else None

    def get_url(self, schedule: ScheduledImport) -> str:
        return link("importer:scheduled-imports", schedule.task_id)

    def get_api_url(self, schedule: ScheduledImport) -> str:
        return link("api-scheduled-import", schedule.task_id, schedule.pk)


declare_events(
    {
        FINISHED: Event(
            _("Import finished"), _("An import has ended: complete, failed, cancelled or stopped."), ImportFinished
        ),
        MISSED: Event(
            _("Scheduled import missed"),
            _("A scheduled import found no new file by the hour of its alarm."),
            ServerImportMissed,
        ),
    }
)


def announce_finished(batch_id: UUID) -> None:
    """Tell that the import has ended. In the transaction that ended it."""
    announce(FINISHED, lambda: ImportBatch.objects.select_related("task").get(pk=batch_id))


def announce_missed(schedule_id: UUID) -> None:
    """Tell that no file came in time. In the transaction that raised the alarm."""
    announce(MISSED, lambda: ScheduledImport.objects.select_related("task", "file_server").get(pk=schedule_id))
