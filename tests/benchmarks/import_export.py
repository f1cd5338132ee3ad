"""django-import-export on one file: `python -m tests.benchmarks.import_export TASK FILE [--bulk]`."""

import argparse
import os
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aicc_console.settings")
django.setup()

import tablib  # noqa: E402
from django.conf import settings  # noqa: E402
from import_export import fields, resources  # noqa: E402

from importer.management.commands.import_file import _tenant_of  # noqa: E402
from marketing.models import MarketingTask, Recipient  # noqa: E402
from marketing.rules import Rules  # noqa: E402
from tenants.scoping import act_for  # noqa: E402


def resource_for(task: MarketingTask, *, is_bulk: bool) -> Any:
    """A resource that judges each row by the task's rules, as this library would have it done."""
    rules = Rules.of(task)
    seen: set[str] = set()

    class RecipientResource(resources.ModelResource):
        address = fields.Field(attribute="address", column_name="Recipient number")

        class Meta:
            model = Recipient
            fields = ("address",)
            import_id_fields = () if is_bulk else ("address",)
            use_bulk = is_bulk
            force_init_instance = is_bulk
            batch_size = 1_000
            skip_unchanged = not is_bulk
            report_skipped = False

        def get_queryset(self) -> Any:
            return task.recipients.all()

        def before_import_row(self, row: dict[str, Any], **options: Any) -> None:
            given = {variable.name: str(row.get(variable.name) or "") for variable in rules.variables}
            draft = rules.check(str(row["Recipient number"] or ""), given)
            if is_bulk and draft.address in seen:
                raise ValueError("duplicate")
            seen.add(draft.address)
            row["Recipient number"], row["values"] = draft.address, draft.values

        def before_save_instance(self, instance: Recipient, row: dict[str, Any], **options: Any) -> None:
            instance.task_id, instance.variables = task.pk, row["values"]

    return RecipientResource()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("task")
    parser.add_argument("file", type=Path)
    parser.add_argument("--bulk", action="store_true")
    options = parser.parse_args()
    settings.INSTALLED_APPS.append("import_export")
    data = tablib.Dataset().load(options.file.read_bytes(), format="xlsx")
    with act_for(_tenant_of(options.task)):
        task = MarketingTask.objects.select_related("template").get(pk=options.task)
        result = resource_for(task, is_bulk=options.bulk).import_data(data, raise_errors=False)
        print(result.totals, len(result.row_errors()))


if __name__ == "__main__":
    main()
