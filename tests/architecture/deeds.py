"""Every deed of the console, done once and rightly: what the tests of the operation log do, then look for.

A new URL that changes something stands here, or in NO_DEEDS with the reason.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.core.files.uploadedfile import SimpleUploadedFile

from importer.models import ImportBatch
from importer.smartcare.simulator.authority import Authority
from marketing.models import MarketingTask
from tenants.models import Tenant, TrustedAddress, User
from tests import make

ADDRESS = "+8613800000009"  # which no entry may hold
NEW_PASSWORD = "battery-horse-correct"
NO_DEEDS = {  # URL: why nothing is written down
    "marketing:recipients": "a search",
    "marketing:opt-outs": "a search",
    "marketing:address-judge": "a check while typing",
    "marketing:message-preview": "a look while typing",
    "tenants:number-try": "a try",
    "importer:import-check": "a check before the import",
    "api-import-check": "the same",
    "api-message-preview": "a look while typing",
    "api-message-template-preview": "the same",
    "api-recipient-try": "a try",
    "api-number-try": "a try",
    "importer:import-rule": "the columns of the file at hand, before the import",
    "smartcare:care-task": "a search",
    "smartcare:connection-test": "tests/test_smartcare_configuration.py, with a SmartCare that answers",
    "api-smartcare-test": "the same",
    "importer:file-server-test": "tests/test_pages_file_servers.py",
    "importer:file-server-host-key": "tests/test_pages_file_servers.py",
    "api-file-server-test": "tests/test_api_file_servers.py",
    "api-file-server-host-key": "tests/test_api_file_servers.py",
    "tenants:webhook-test": "tests/test_pages_webhooks.py, with a receiver that answers",
    "api-webhook-test": "tests/test_api_webhooks.py, with a receiver that answers",
    "set_language": "a cookie",
    "account_login": "tests/test_sign_in.py",
    "account_signup": "closed",
    "account_inactive": "says so only",
    "account_reauthenticate": "asks for the password once more",
}
Of = Callable[[Any], Any]


class Deed(NamedTuple):
    """A request that succeeds. `action`: what the last of its `entries` says; `body` and `prepare` take the tenant."""

    url: str
    action: str
    body: Of = lambda _tenant: {}
    prepare: Of = lambda _tenant: None
    method: str = "POST"
    entries: int = 1


def in_state(state: str) -> Of:
    return lambda tenant: MarketingTask.objects.filter(pk=tenant.task.pk).update(state=state)


def without_the_task(tenant: Any) -> None:
    tenant.batch.rejected_rows.all().delete()
    tenant.task.delete()


def task(tenant: Any) -> dict[str, Any]:
    period = {"begin_at": "2030-01-01T00:00", "end_at": "2031-01-01T00:00"}
    return {"name": "New", "task_type": "marketing", "medium": "sms", "template": str(tenant.task.template_id)} | period


def template(tenant: Any) -> dict[str, Any]:
    return {"name": "Another", "medium": "sms", "body": "Dear ${name}, hello"}


def file(tenant: Any) -> dict[str, Any]:
    content = f"Recipient number,name\n{ADDRESS},Ann\n".encode()
    return {"file": SimpleUploadedFile("rows.csv", content)}


def selected(tenant: Any) -> dict[str, Any]:
    return {"recipient": tenant.recipient.pk, "confirmed": "1"}


def selected_opt_out(tenant: Any) -> dict[str, Any]:
    return {"recipient": tenant.opt_out.pk, "confirmed": "1"}


def confirmed(tenant: Any) -> dict[str, Any]:
    return {"confirmed": "1"}


def recipient(tenant: Any) -> dict[str, Any]:
    return {"address": ADDRESS, "value:name": "Ann"}


def recipient_json(tenant: Any) -> dict[str, Any]:
    return {"address": ADDRESS, "variables": {"name": "Ann"}}


def rule(tenant: Any) -> dict[str, Any]:
    return {"name": "Another", "recipient_column": 1}


def opt_out(tenant: Any) -> dict[str, Any]:
    return {"medium": "sms", "address": ADDRESS, "remark": "asked by mail"}


def file_server(tenant: Any) -> dict[str, Any]:
    sftp = {"type": "sftp", "server_type": "sftp", "host": "sftp.example.com", "port": 22, "default_path": "/out"}
    return {"name": "Another", "username": "importer", "password": "secret", "region": "us-east-1"} | sftp


def file_server_json(tenant: Any) -> dict[str, Any]:
    return {name: value for name, value in file_server(tenant).items() if name != "server_type"}


def schedule(tenant: Any) -> dict[str, Any]:
    settings = {"path": "out/*.csv", "parsing": "template", "rhythm": "minutes", "minutes": 15}
    return {"file_server": str(tenant.file_server.pk)} | settings


def held(tenant: Any) -> None:
    ImportBatch.objects.filter(pk=tenant.batch.pk).update(state="preparing", held_code="schedule_held_header")


def without_schedule(tenant: Any) -> None:
    tenant.schedule.delete()


def password(tenant: Any) -> dict[str, str]:
    return {"oldpassword": make.PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}


def space(tenant: Any) -> dict[str, str]:
    return {"name": "New", "time_zone": "UTC", "username": "n"}


def trusted(tenant: Any) -> dict[str, Any]:
    return {"address_type": "webhook", "host": "hooks.example.com", "port": 443}


def grant(tenant: Any) -> dict[str, Any]:
    return {"name": "CRM", "scopes": ["tasks:read"], "days": 30, "networks": "", "overlap": 24}


def client_disabled(tenant: Any) -> None:
    User.objects.filter(pk=tenant.client.pk).update(is_active=False)


def disabled(tenant: Any) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(is_active=False)


def viewer_disabled(tenant: Any) -> None:
    User.objects.filter(pk=tenant.viewer.pk).update(is_active=False)


def hook(_tenant: Any) -> dict[str, Any]:
    TrustedAddress.objects.get_or_create(address_type="webhook", host="8.8.8.8", port=443)
    return {"name": "New webhook", "url": "https://8.8.8.8/hook", "events": ["import.finished"]}


def hook_disabled(tenant: Any) -> None:
    tenant.webhooks.update(is_active=False)


def given_up(tenant: Any) -> None:
    tenant.webhook_deliveries.update(state="failed", next_try_at=None)


AUTHORITY = Authority()
SMARTCARE = {"address": "https://8.8.8.8", "app_id": "another", "app_secret": "another-secret"}


def with_smartcare(tenant: Any) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(smartcare=True)
    TrustedAddress.objects.create(address_type="smartcare", host="8.8.8.8", port=443)


def certificate(tenant: Any) -> dict[str, Any]:
    pem = SimpleUploadedFile("ca.pem", AUTHORITY.certificate.encode())
    return {"name": "New CA", "kind": "ca", "file": "", "pem": pem}


def certificate_json(tenant: Any) -> dict[str, Any]:
    return {"name": "New CA", "kind": "ca", "certificate": AUTHORITY.certificate}


DEEDS = [
    Deed("smartcare:integration", "smartcare.change", lambda _tenant: SMARTCARE, with_smartcare),
    Deed("api-smartcare-integration", "smartcare.change", lambda _tenant: SMARTCARE, with_smartcare, method="PUT"),
    Deed("smartcare:certificates", "certificate.add", certificate),
    Deed("smartcare:certificate-delete", "certificate.delete"),
    Deed("api-certificates", "certificate.add", certificate_json),
    Deed("api-certificate", "certificate.delete", method="DELETE"),
    Deed("smartcare:care-run", "care.run", prepare=with_smartcare),
    Deed("api-smartcare-run", "care.run", prepare=with_smartcare),
    Deed("marketing:task-create", "task.create", task),
    Deed("marketing:task-edit", "task.edit", task),
    Deed("marketing:task-publish", "task.publish"),
    Deed("marketing:task-suspend", "task.suspend", prepare=in_state("running")),
    Deed("marketing:task-resume", "task.resume", prepare=in_state("suspended")),
    Deed("marketing:task-complete", "task.complete", prepare=in_state("running")),
    Deed("marketing:task-copy", "task.copy"),
    Deed("marketing:task-delete", "task.delete", confirmed),
    Deed("marketing:recipient-add", "recipient.add", recipient),
    Deed("marketing:recipient-edit", "recipient.edit", recipient),
    Deed("marketing:recipient-delete", "recipient.delete", confirmed),
    Deed("marketing:recipients-delete", "recipient.delete", selected),
    Deed("marketing:message-template-create", "template.create", template),
    Deed("marketing:message-template-copy", "template.create"),
    Deed("marketing:message-template-edit", "template.edit", template),
    Deed("marketing:message-template-delete", "template.delete", confirmed, without_the_task),
    Deed("marketing:opt-out-add", "opt_out.add", opt_out),
    Deed("marketing:opt-out-delete", "opt_out.delete", confirmed),
    Deed("marketing:opt-outs-delete", "opt_out.delete", selected_opt_out),
    Deed("importer:opt-outs-import", "opt_out.import", lambda tenant: {"medium": "sms"} | file(tenant)),
    Deed("api-opt-outs", "opt_out.add", opt_out),
    Deed("api-opt-outs-batch", "opt_out.batch", lambda _tenant: {"medium": "sms", "opt_outs": [{"address": ADDRESS}]}),
    Deed("api-opt-outs-delete", "opt_out.delete", lambda tenant: {"ids": [tenant.opt_out.pk]}),
    Deed("api-opt-outs-import", "opt_out.import", lambda tenant: {"medium": "sms"} | file(tenant)),
    Deed("api-opt-out", "opt_out.delete", method="DELETE"),
    Deed("importer:recipients-export", "recipients.export"),
    Deed("importer:import-rule-create", "mapping_rule.create", rule),
    Deed("importer:mapping-rule-create", "mapping_rule.create", rule),
    Deed("importer:mapping-rule-edit", "mapping_rule.edit", rule),
    Deed("importer:mapping-rule-delete", "mapping_rule.delete", confirmed),
    Deed("api-mapping-rules", "mapping_rule.create", rule),
    Deed("api-mapping-rule", "mapping_rule.edit", lambda _tenant: {"name": "Another"}, method="PATCH"),
    Deed("api-mapping-rule", "mapping_rule.delete", method="DELETE"),
    Deed("importer:import-data", "import.submit", file),
    Deed("importer:import-cancel", "import.cancel"),
    Deed("importer:file-server-create", "file_server.create", file_server),
    Deed("importer:file-server-edit", "file_server.edit", file_server),
    Deed("importer:file-server-delete", "file_server.delete", confirmed, without_schedule),
    Deed("importer:scheduled-import-create", "schedule.create", schedule),
    Deed("importer:scheduled-import-edit", "schedule.edit", schedule),
    Deed("importer:scheduled-import-switch", "schedule.switch_off"),
    Deed("importer:scheduled-import-run", "schedule.run"),
    Deed("importer:scheduled-import-delete", "schedule.delete", confirmed),
    Deed("importer:import-approve", "import.approve", prepare=held),
    Deed("importer:import-discard", "import.discard", confirmed, held),
    Deed("api-file-servers", "file_server.create", file_server_json),
    Deed("api-file-server", "file_server.edit", lambda _tenant: {"name": "New"}, method="PATCH"),
    Deed("api-file-server", "file_server.delete", prepare=without_schedule, method="DELETE"),
    Deed("api-scheduled-imports", "schedule.create", schedule),
    Deed("api-scheduled-import", "schedule.edit", lambda _tenant: {"minutes": 30}, method="PATCH"),
    Deed("api-scheduled-import", "schedule.delete", method="DELETE"),
    Deed("api-scheduled-import-run", "schedule.run"),
    Deed("api-import-approve", "import.approve", prepare=held),
    Deed("api-import-discard", "import.discard", prepare=held),
    Deed("tenants:parameters-save", "parameters.change", lambda _tenant: {"min_number_length": "7"}),
    Deed("tenants:api-client-create", "token.issue", grant, entries=2),
    Deed("tenants:api-client-rename", "client.rename", lambda _tenant: {"name": "Billing"}),
    Deed("tenants:api-client-enable", "client.enable", prepare=client_disabled),
    Deed("tenants:api-client-disable", "client.disable"),
    Deed("tenants:api-client-delete", "client.delete", confirmed),
    Deed("tenants:api-token-create", "token.issue", grant),
    Deed("tenants:api-token-rotate", "token.rotate", grant),
    Deed("tenants:api-token-revoke", "token.revoke", confirmed),
    Deed("tenants:webhook-create", "webhook.create", hook),
    Deed("tenants:webhook-edit", "webhook.edit", hook),
    Deed("tenants:webhook-rotate", "webhook.rotate", lambda _tenant: {"overlap": 24}),
    Deed("tenants:webhook-enable", "webhook.enable", prepare=hook_disabled),
    Deed("tenants:webhook-disable", "webhook.disable"),
    Deed("tenants:webhook-delete", "webhook.delete", confirmed),
    Deed("tenants:webhook-redeliver", "webhook.redeliver", prepare=given_up),
    Deed("api-webhooks", "webhook.create", hook),
    Deed("api-webhook", "webhook.edit", lambda _tenant: {"name": "New"}, method="PATCH"),
    Deed("api-webhook", "webhook.delete", method="DELETE"),
    Deed("api-webhook-rotate", "webhook.rotate", lambda _tenant: {"overlap_hours": 24}),
    Deed("api-webhook-redeliver", "webhook.redeliver", prepare=given_up),
    Deed("account_logout", "person.sign_out"),
    Deed("account_change_password", "person.password", password),
    Deed("api-tasks", "task.create", task),
    Deed("api-task", "task.edit", lambda _tenant: {"name": "New"}, method="PATCH"),
    Deed("api-task", "task.delete", method="DELETE"),
    Deed("api-task-copy", "task.copy"),
    Deed("api-task-publish", "task.publish"),
    Deed("api-task-suspend", "task.suspend", prepare=in_state("running")),
    Deed("api-task-resume", "task.resume", prepare=in_state("suspended")),
    Deed("api-task-complete", "task.complete", prepare=in_state("running")),
    Deed("api-recipients", "recipient.add", recipient_json),
    Deed("api-recipients-batch", "recipient.batch", lambda tenant: {"recipients": [recipient_json(tenant)]}),
    Deed("api-recipients-delete", "recipient.delete", lambda tenant: {"ids": [tenant.recipient.pk]}),
    Deed("api-recipient", "recipient.edit", recipient_json, method="PATCH"),
    Deed("api-recipient", "recipient.delete", method="DELETE"),
    Deed("api-message-templates", "template.create", template),
    Deed("api-message-template-copy", "template.create"),
    Deed("api-message-template", "template.edit", template, method="PATCH"),
    Deed("api-message-template", "template.delete", prepare=without_the_task, method="DELETE"),
    Deed("api-task-imports", "import.submit", file),
    Deed("api-import-cancel", "import.cancel"),
    Deed("administration:space-create", "tenant.create", space),
    Deed("administration:space-edit", "tenant.edit", lambda _tenant: {"name": "New", "time_zone": "Asia/Shanghai"}),
    Deed("administration:space-disable", "tenant.disable", confirmed),
    Deed("administration:space-enable", "tenant.enable", prepare=disabled),
    Deed("administration:space-feature", "tenant.feature_on", lambda _tenant: {"is_on": "yes"}),
    Deed("administration:person-add", "person.create", lambda _tenant: {"username": "n", "role": "tenant_viewer"}),
    Deed("administration:person-disable", "person.disable", confirmed),
    Deed("administration:person-enable", "person.enable", prepare=viewer_disabled),
    Deed("administration:person-first-password", "person.first_password", confirmed),
    Deed("administration:person-unlock", "person.unlock"),
    Deed("administration:trusted-add", "trustlist.add", trusted),
    Deed("administration:trusted-edit", "trustlist.edit", trusted),
    Deed("administration:trusted-delete", "trustlist.delete", confirmed),
    Deed("api-system-tenants", "tenant.create", lambda _tenant: {"name": "New", "administrator": {"username": "n"}}),
    Deed("api-system-tenant", "tenant.edit", lambda _tenant: {"name": "New"}, method="PATCH"),
    Deed("api-system-tenant-features", "tenant.feature_on", lambda _tenant: {"smartcare": True}, method="PATCH"),
    Deed("api-system-trusted-list", "trustlist.add", trusted),
    Deed("api-system-trusted", "trustlist.edit", lambda _tenant: {"port": 2022}, method="PATCH"),
    Deed("api-system-trusted", "trustlist.delete", method="DELETE"),
    Deed("administration:parameters-save", "system_parameter.change", lambda _tenant: {"max_file_rows": "9000"}),
    Deed("api-system-parameters", "system_parameter.change", lambda _tenant: {"max_file_rows": "9000"}, method="PUT"),
    Deed("api-tenant-parameters", "parameters.change", lambda _tenant: {"min_number_length": "7"}, method="PUT"),
]
