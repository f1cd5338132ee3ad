"""Scheduled imports as REST shows and takes them."""

from typing import Any

from rest_framework import serializers

from tenants.bodies import Choice, Identifier, StrictSerializer, Text, WholeNumber, YesOrNo

from .schedule_models import ScheduledImport
from .states import Parsing
from .timetable import Rhythm

CLOCK = "%H:%M"


class TimeOfDay(serializers.TimeField):
    """A local time: 07:30."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format=CLOCK, input_formats=[CLOCK], required=False, allow_null=True, **options)


class ScheduledImportSerializer(StrictSerializer):
    """Files that a task takes from a file server by itself. All times of day are those of the tenant's time zone."""

    id = serializers.UUIDField(read_only=True)
    task = serializers.UUIDField(source="task_id", read_only=True)
    file_server = Identifier(source="file_server_id", help_text="The id of a file server.")
    path = Text(help_text="Below the default path: out/recipients-{date:%Y%m%d}.csv, or out/*.csv.")
    parsing = Choice(Parsing.choices, required=False)
    mapping_rule = Identifier(
        source="rule_id", required=False, allow_null=True, help_text="The id of a mapping rule, with parsing rule."
    )
    rhythm = Choice(Rhythm.choices)
    at = TimeOfDay(help_text="Of daily and weekly runs.")
    weekday = WholeNumber(required=False, allow_null=True, help_text="Of weekly runs; 0 is Monday.")
    minutes = WholeNumber(required=False, allow_null=True, help_text="Between runs: 5 to 1440.")
    missing_by = TimeOfDay(help_text="An alarm is raised if no new file came by then.")
    is_active = YesOrNo(required=False)
    is_missing = serializers.BooleanField(read_only=True, help_text="No file came in time, and none since.")
    is_running = serializers.SerializerMethodField()
    next_run_at = serializers.DateTimeField(read_only=True, allow_null=True)
    last_run_at = serializers.DateTimeField(read_only=True, allow_null=True)
    last_file_at = serializers.DateTimeField(read_only=True, allow_null=True)
    outcome_code = serializers.CharField(read_only=True, help_text="What became of the last run; empty before it.")
    outcome = serializers.CharField(source="outcome_sentence", read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def get_is_running(self, schedule: ScheduledImport) -> bool:
        """Return whether a run looks for its files now."""
        return schedule.wanted_at is not None
