"""Makes what a test needs, and only that: the defaults are valid and dull."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.utils import timezone
from django.utils.crypto import get_random_string
from knox.settings import CONSTANTS

from importer import file_servers, schedules, spool
from importer.layout import Layout
from importer.mapping import save_rule
from importer.models import FileServer, ImportBatch, MappingRule
from importer.schedule_models import ScheduledImport
from importer.states import ImportState
from marketing.models import MarketingTask, MessageTemplate
from marketing.rules import Rules
from marketing.saving import save_template
from tenants.access import Scope
from tenants.models import ApiToken, Role, Tenant, User
from tenants.parameters import set_parameters
from tenants.scoping import act_for

PASSWORD = "correct-horse-battery"


def tenant(name: str = "Demo Telecom", *, area_code: str = "86", **fields: Any) -> Tenant:
    """A tenant with administrator, viewer and API client; its token stands in `.token`."""
    made: Any = Tenant.objects.create(name=name, **fields)
    key = name.split()[0].lower()
    with act_for(made):
        made.administrator = User.objects.create_user(f"{key}-administrator", PASSWORD)
        made.viewer = User.objects.create_user(f"{key}-viewer", PASSWORD, role=Role.TENANT_VIEWER)
        made.client = User.objects.create_user(f"{key}-api", role=Role.API_CLIENT, full_name=f"{name} CRM")
        made.token = token(made.client, *Scope.values)
        made.client.token_key = made.token[: CONSTANTS.TOKEN_KEY_LENGTH]
        set_parameters(made, {"international_area_code": area_code})
    return made


def token(client: User, *scopes: str) -> str:
    """A bearer token of `client` with these scopes."""
    made, text = ApiToken.objects.create(user=client, expiry=None)
    made.scopes = list(scopes)
    made.save(update_fields=["scopes"])
    return text


def template(body: str = "Dear ${name}", *, medium: str = "sms", **fields: Any) -> MessageTemplate:
    """A template of the tenant acted for."""
    defaults = fields.pop("defaults", {})
    name = fields.pop("name", None) or f"Template {get_random_string(8)}"
    return save_template(MessageTemplate(name=name, medium=medium, body=body, **fields), defaults)


def task(*, medium: str = "sms", body: str = "", **fields: Any) -> MarketingTask:
    """A Draft of the tenant acted for, valid for years."""
    body = body or ("Sorry: ${cause}" if fields.get("task_type") == "care" else "Dear ${name}")
    fields = {
        "name": f"Task {get_random_string(8)}",
        "begin_at": timezone.now(),
        "end_at": datetime(2099, 1, 1, tzinfo=UTC),
    } | fields
    if "template" not in fields:
        fields["template"] = template(body, medium=medium, defaults=fields.pop("defaults", {}))
    return MarketingTask.objects.create(medium=medium, **fields)


def mapping_rule(name: str = "CRM export", *, recipient: int = 3, **fields: Any) -> MappingRule:
    """A rule of the tenant acted for: the recipient in column 3, `name` in column 1. `variables`: {name: column}."""
    variables = fields.pop("variables", {"name": 1})
    columns = [{"name": name, "column": column} for name, column in variables.items()]
    return save_rule(MappingRule(name=name, recipient_column=recipient, variables=columns, **fields))


def file_server(name: str = "crm-sftp", **fields: Any) -> FileServer:
    """An SFTP server of the tenant acted for; its address is on no trustlist."""
    fields = {"host": "sftp.example.com", "port": 22, "username": "importer", "password": "secret"} | fields
    host_key = fields.pop("host_key", "")
    server = file_servers.save(FileServer(), {"name": name, "server_type": "sftp", "default_path": "/"} | fields)
    server.host_key = host_key
    server.save(update_fields=["host_key"])
    return server


def batch(task: MarketingTask, rows: Sequence[Sequence[str]], *, chunk_rows: int = 2, **fields: Any) -> ImportBatch:
    """An executing import of `rows` (cells; the first stands in row 2) into `task`, its chunks in the spool."""
    rules = Rules.of(task)
    header = ["Recipient number", *(variable.name for variable in rules.variables)]
    layout = Layout(0, {name: column for column, name in enumerate(header) if column}, header)
    lines = [json.dumps([number, list(cells)]) for number, cells in enumerate([header, *rows], start=1)]
    pieces = [lines[start : start + chunk_rows] for start in range(0, len(lines), chunk_rows)]
    made = ImportBatch.objects.create(
        **{
            "task": task,
            "number": task.imports.count() + 1,
            "state": ImportState.EXECUTING,
            "source_name": "rows.csv",
            "rules": rules.to_json(),
            "layout": layout.to_json(),
            "chunks": len(pieces),
            "total": len(rows),
            "unprocessed": len(rows),
            "begun_at": timezone.now(),
            "lease_until": timezone.now(),
        }
        | fields
    )
    with TemporaryDirectory() as folder:
        for number, piece in enumerate(pieces):
            Path(folder, f"{number:05}.jsonl").write_text("\n".join(piece), encoding="utf-8")
        spool.keep_chunks(made, Path(folder))
    return made


def schedule(**fields: Any) -> ScheduledImport:
    """A scheduled import of the tenant acted for: each *.csv of a server, every 15 minutes."""
    values = {"path": "*.csv", "rhythm": "minutes", "minutes": 15} | fields
    values.setdefault("file_server", FileServer.objects.first() or file_server())
    made = ScheduledImport(task=values.pop("task", None) or task())
    return schedules.save(made, values)
