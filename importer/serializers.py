"""Imports and the rows that they did not create, as REST shows them."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from tenants.bodies import Choice, Identifier, StrictSerializer, Text, WholeNumber, YesOrNo

from .downloads import FILE_TYPES
from .models import ImportBatch
from .sent_rows import MAX_ROWS
from .states import ImportState, Mode, Parsing

FILE_FAULTS: Any = {
    "required": _("Send the file as the field “file” of a form (multipart/form-data)."),
    "invalid": _("This is text, and no file. With curl a file is sent as file=@name."),
}
COUNTS = ("total", "created", "failed", "duplicate", "suppressed", "unprocessed")


class Upload(StrictSerializer):
    """A file to import: .xlsx or .csv, its columns as the task's template has them, or as a mapping rule says."""

    file = serializers.FileField(allow_empty_file=True, help_text="An .xlsx or .csv.", error_messages=FILE_FAULTS)
    mode = Choice([Mode.FILE.value], required=False)
    parsing = Choice(Parsing.choices, required=False, help_text="Left out: template.")
    mapping_rule = Identifier(required=False, help_text="The id of a mapping rule, with parsing rule.")


class ServerImport(StrictSerializer):
    """A file on a file server, below its default path."""

    file_server = Identifier(help_text="The id of a file server.")
    path = Text(required=False, allow_blank=True, help_text="A folder below the default path: 5g/november")
    file_name = Text(help_text="An .xlsx or .csv in that folder.")
    mode = Choice([Mode.SERVER.value], required=False)
    parsing = Choice(Parsing.choices, required=False, help_text="Left out: template.")
    mapping_rule = Identifier(required=False, help_text="The id of a mapping rule, with parsing rule.")


class RuleVariableSerializer(StrictSerializer):
    """The column of one variable."""

    name = Text()
    column = WholeNumber(help_text="1 to 100: 1 is A.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Rule",
            {"name": "CRM export", "recipient_column": 3,
             "variables": [{"name": "name", "column": 5}, {"name": "plan", "column": 6}], "has_header": False},
            request_only=True,
        )
    ]
)  # fmt: skip
class MappingRuleSerializer(StrictSerializer):
    """Which column of a file holds the recipient and each variable; no column stands twice.

    Imports keep what the rule said when they began: it may be changed and deleted at any time.
    """

    id = serializers.UUIDField(read_only=True)
    name = Text()
    description = Text(required=False, allow_blank=True)
    recipient_column = WholeNumber(help_text="1 to 100: 1 is A.")
    variables = RuleVariableSerializer(many=True, required=False)
    has_header = YesOrNo(default=True, help_text="The first row is a header.")
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)


class MappingRuleQuery(StrictSerializer):
    """Filters of the list of mapping rules."""

    name = Text(required=False, help_text="A part of the name.")


class SentRow(StrictSerializer):
    """A row of an import, as a file would have it."""

    address = Text(allow_blank=True, trim_whitespace=False)
    variables = serializers.DictField(
        child=Text(allow_blank=True, trim_whitespace=False), required=False, help_text="{variable: text}"
    )


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Rows",
            {"rows": [{"address": "138 0000 0000", "variables": {"name": "Ann", "date": "31 May"}}]},
            request_only=True,
        )
    ]
)
class SentRows(StrictSerializer):
    """Up to 1,000 rows, which become an import with a result of its own; the first is row 1."""

    rows = serializers.ListField(child=SentRow(), min_length=1, max_length=MAX_ROWS)


class ImportProgress(serializers.Serializer):
    """How far an import is. `seconds_left` null: not known yet, or ended. Bytes are of a server's file."""

    bytes_done = serializers.IntegerField(source="fetched_bytes")
    bytes_total = serializers.IntegerField(source="source_bytes")
    rows_done = serializers.IntegerField()
    rows_total = serializers.IntegerField(source="total")
    rows_per_second = serializers.IntegerField()
    seconds_left = serializers.IntegerField(allow_null=True)


class ImportCounts(serializers.Serializer):
    """Rows by outcome: total is always the sum of the others."""

    total = serializers.IntegerField()
    created = serializers.IntegerField()
    failed = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    suppressed = serializers.IntegerField()
    unprocessed = serializers.IntegerField()


class ImportFailure(serializers.Serializer):
    """Why an import did not complete."""

    code = serializers.CharField(source="error_code")
    detail = serializers.CharField(source="error_sentence")


class ImportHeld(serializers.Serializer):
    """Why a scheduled import waits until it is approved or discarded."""

    code = serializers.CharField(source="held_code")
    detail = serializers.CharField(source="held_sentence")


class ImportSerializer(serializers.Serializer):
    """One run of bringing rows into a task. `notes` are sentences about what was read in a particular way."""

    id = serializers.UUIDField()
    number = serializers.IntegerField(help_text="1, 2, ... within the task.")
    task = serializers.UUIDField(source="task_id")
    status = serializers.ChoiceField(ImportState.choices, source="state")
    mode = serializers.ChoiceField(Mode.choices)
    parsing = serializers.ChoiceField(Parsing.choices)
    mapping_rule_name = serializers.CharField(source="rule_name", help_text="As the rule was called then; or empty.")
    source = serializers.CharField(source="source_name")  # type: ignore[assignment]
    file_server = serializers.UUIDField(source="file_server_id", allow_null=True)
    path = serializers.CharField(
        source="source_path", help_text="On the file server, below its default path; or empty."
    )
    sha256 = serializers.CharField(source="source_sha256", help_text="Of the source; empty until it was fetched.")
    progress = ImportProgress(source="*")
    counts = ImportCounts(source="*")
    notes = serializers.ListField(child=serializers.CharField(), source="note_sentences")
    error = serializers.SerializerMethodField()
    held = serializers.SerializerMethodField()
    begun_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(ImportFailure(allow_null=True))
    def get_error(self, batch: ImportBatch) -> dict[str, Any] | None:
        """Return why it did not complete, or None."""
        return ImportFailure(batch).data if batch.error_code else None

    @extend_schema_field(ImportHeld(allow_null=True))
    def get_held(self, batch: ImportBatch) -> dict[str, Any] | None:
        """Return why it waits for approval, or None."""
        return ImportHeld(batch).data if batch.held_code else None


class ImportQuery(StrictSerializer):
    """Filters of the list of imports."""

    task = Identifier(required=False, help_text="The id of a task.")
    status = Choice(ImportState.choices, required=False)
    task_name = Text(required=False, help_text="A part of the task's name.")
    operator = Text(required=False, help_text="The name of who imported.")
    mode = Choice(Mode.choices, required=False)
    since = serializers.DateField(required=False, help_text="Those of this day or later.")
    until = serializers.DateField(required=False, help_text="Those of this day or earlier.")


class RowsQuery(StrictSerializer):
    """In which form the rows are wanted; `cursor` and `limit` are of JSON alone."""

    format = Choice(["json", *sorted(FILE_TYPES)], default="json")


class RejectedRowsQuery(RowsQuery):
    """The same, and which of them."""

    code = Text(required=False, max_length=50, help_text="Those of this reason alone.")


class RowSerializer(serializers.Serializer):
    """A row that was not created: its number as spreadsheet programs show it, why, and its original cells."""

    row = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    cells = serializers.DictField(child=serializers.CharField(), help_text="{column's header, or its number: text}")
