"""The demo of `make run`: two tenant spaces with people, templates, tasks and an import that has something to show.

Passwords and tokens are random, and stand in $VAR_DIR/demo.json (mode 600) alone. A plain install has no users.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import get_random_string

from importer import file_servers, pipeline, schedules
from importer.mapping import save_rule
from importer.models import FileServer, MappingRule
from importer.schedule_models import ScheduledImport
from importer.submission import submit
from importer.timetable import Rhythm
from marketing import intake
from marketing.models import MarketingTask, MessageTemplate
from marketing.opt_outs import Origin, Wish, add, add_many
from marketing.rules import Rules
from marketing.saving import create_task, save_template
from marketing.states import OptOutSource
from marketing.tasks import move
from tenants import api_clients
from tenants.access import Scope
from tenants.callers import acting_as, as_actor
from tenants.models import AddressType, Role, Tenant, TrustedAddress, User
from tenants.parameters import set_parameters
from tenants.scoping import act_for, each_tenant

from . import demo_smartcare
from .sample_server import USER, public_host_key
from .samples import PASSWORD_VARIABLE, PORT_VARIABLE

DEMO, OTHER = "Demo Telecom", "Other Telecom"
CLIENT = "Demo API client"
SAMPLE = settings.BASE_DIR / "docs" / "samples" / "recipients-10000.xlsx"
SMS = "Dear ${name}, your plan ${plan} ends on ${last_day}. Reply 1 to get ${gift} GB for free."
CRM = {"name": 5, "plan": 6, "last_day": 9, "gift": 11}  # columns of docs/samples/crm-export.csv, 3 the number
EMAIL = "Dear ${first_name},\n\nyour bill ${bill} of ${amount} is due on ${due_date}.\n\nDemo Telecom"
SHOWN_STATES = {
    "Summer roaming packages": ["publish"],
    "Prepaid top-up reminder": ["publish", "suspend"],
    "Contract renewal 2025": ["publish", "complete"],
}
TIME = {"time_zone": "Asia/Shanghai", "whatsapp_marketing": True}
PARAMETERS = {
    "international_area_code": "86",
    "min_number_length": "11",
    "max_number_length": "11",
    "begin_digits": "13,14,15,16,17,18,19",
}


def file_of_secrets() -> Path:
    """Return where the demo's users, passwords and tokens stand."""
    return settings.VAR_DIR / "demo.json"


def exists() -> bool:
    """Return whether the demo was made in this database, and its secrets are still there."""
    return Tenant.objects.filter(name=DEMO).exists() and file_of_secrets().exists()


def make(url: str) -> dict[str, Any]:
    """Make what of the demo is not there yet, give its people new passwords, and return the secrets."""
    demo, other = (Tenant.objects.get_or_create(name=name, defaults=TIME)[0] for name in (DEMO, OTHER))
    users = {
        "system_administrator": _person("system-administrator", Role.SYSTEM_ADMINISTRATOR, "Sam Sysadmin"),
        **_people_of(demo, "demo"),
        "other_tenant_administrator": _people_of(other, "other")["tenant_administrator"],
    }
    tokens = {"demo": _token(demo), "other": _token(other)}
    if not _is_filled(demo):
        _clear(demo, other)
        for tenant, fill in ((other, _fill_other), (demo, _fill)):
            with acting_as(as_actor(_administrator_of(tenant))):
                fill(tenant)
    secrets = {"url": url, "users": users, "api_tokens": tokens, "smartcare_simulator": demo_smartcare.facts()}
    _keep(secrets)
    return secrets


def _people_of(tenant: Tenant, key: str) -> dict[str, dict[str, str]]:
    with act_for(tenant):
        return {
            "tenant_administrator": _person(f"{key}-administrator", Role.TENANT_ADMINISTRATOR, "Chen Yu"),
            "tenant_viewer": _person(f"{key}-viewer", Role.TENANT_VIEWER, "Li Na"),
        }


def _person(username: str, role: Role, full_name: str) -> dict[str, str]:
    password = get_random_string(20)
    user = User.objects.filter(username=username).first() or User(username=username, role=role, full_name=full_name)
    user.set_password(password)
    user.save()
    return {"username": username, "password": password}


def _token(tenant: Tenant) -> str:
    with act_for(tenant):
        grant = api_clients.Grant(Scope.values, days=api_clients.MAX_DAYS)
        client = tenant.users.filter(role=Role.API_CLIENT, full_name=CLIENT).first()
        if client is None:
            return api_clients.create(tenant, CLIENT, grant)[1]
        client.auth_token_set.all().delete()
        return api_clients.issue(client, grant)[1]


def _is_filled(tenant: Tenant) -> bool:
    """Tell whether an earlier start came to the end; one that was killed is done over."""
    with act_for(tenant):
        return MarketingTask.objects.filter(name=list(SHOWN_STATES)[-1]).exists()


def _administrator_of(tenant: Tenant) -> User:
    with act_for(tenant):
        return User.objects.get(role=Role.TENANT_ADMINISTRATOR)


def _clear(*tenants: Tenant) -> None:
    for tenant in each_tenant(tenants):
        tenant.marketing_tasks.all().delete()
        tenant.message_templates.all().delete()
        tenant.mapping_rules.all().delete()
        tenant.opt_outs.all().delete()
        tenant.file_servers.all().delete()


def _fill(tenant: Tenant) -> None:
    with act_for(tenant):
        set_parameters(tenant, PARAMETERS)
        person = _administrator_of(tenant)
        sms = save_template(MessageTemplate(name="5G upgrade offer", medium="sms", body=SMS), {"last_day": "31 Dec"})
        bill = MessageTemplate(name="Monthly bill", medium="email", subject="Your bill ${bill}", body=EMAIL)
        email = save_template(bill, {"due_date": "the last day of the month"})
        wishes = [Wish(address, "Replied STOP") for address in _opted_out()]
        add_many(tenant, wishes, Origin("sms", OptOutSource.REST, person))
        add(tenant, Wish("ann@example.com", "Asked on the phone"), Origin("email", OptOutSource.PERSON, person))
        _crm_rule()
        offer = _task(person, sms, "Autumn 5G upgrade offer", "Customers whose plan ends in December")
        _task(person, email, "November bills", "Sent to customers with an open bill")
        _task(person, sms, "Loyalty gift, second wave", "Waits for the list of the shops")
        _file_server(offer)
    _import_sample(offer, person)
    demo_smartcare.fill(tenant, person)
    with act_for(tenant):
        for name, actions in SHOWN_STATES.items():
            task = _task(person, sms, name, "")
            _add_some(task)
            for action in actions:
                move(task, action, person)


def _file_server(task: MarketingTask) -> None:
    """Trust the sample server of `make run`, and set it up; its host key was made before. A schedule waits for it."""
    port, password = os.environ.get(PORT_VARIABLE), os.environ.get(PASSWORD_VARIABLE)
    if not port or not password:
        return
    line = {"address_type": AddressType.FILE_SERVER, "host": "127.0.0.1", "port": int(port)}
    TrustedAddress.objects.get_or_create(**line, defaults={"remark": "The sample server of make run"})
    place = {"server_type": "sftp", "host": "127.0.0.1", "port": int(port), "default_path": "/"}
    server = file_servers.save(FileServer(), {"name": "Sample files", "username": USER, "password": password} | place)
    server.host_key = public_host_key(settings.VAR_DIR / "samples")
    server.save(update_fields=["host_key"])
    daily = {"rhythm": Rhythm.DAILY, "at": time(6), "missing_by": time(8), "path": "recipients-{date:%Y%m%d}.csv"}
    schedules.save(ScheduledImport(task=task, is_active=False), {"file_server": server} | daily)


def _fill_other(tenant: Tenant) -> None:
    with act_for(tenant):
        person = _administrator_of(tenant)
        template = save_template(MessageTemplate(name="Greeting", medium="sms", body="Hello ${name}"), {})
        _add_some(_task(person, template, "Welcome to Other Telecom", ""), name="Ann")


def _task(person: User, template: MessageTemplate, name: str, description: str) -> MarketingTask:
    begin = timezone.now()
    task = MarketingTask(name=name, medium=template.medium, template=template, description=description,
                         begin_at=begin, end_at=begin + timedelta(days=60))  # fmt: skip
    return create_task(task, person)


def _crm_rule() -> None:
    text = "What the shops' customer system writes every night, without a header"
    variables = [{"name": name, "column": column} for name, column in CRM.items()]
    rule = MappingRule(name="CRM export", description=text, recipient_column=3, variables=variables, has_header=False)
    save_rule(rule)


def _add_some(task: MarketingTask, **values: str) -> None:
    values = values or {"name": "Wang Fang", "plan": "Fun 59", "gift": "20"}
    rules = Rules.of(task)
    with intake.lock(task.pk) as locked:
        for number in range(20):
            intake.admit(locked, rules.check(f"+86138{number:04}1201", values))
    task.refresh_from_db()


def _import_sample(task: MarketingTask, person: User) -> None:
    with SAMPLE.open("rb") as file, act_for(task.tenant):
        batch = submit(task, file, name=SAMPLE.name, operator=person)
    pipeline.run_to_the_end(batch)


def _opted_out() -> Iterator[str]:
    return (f"+861380000{number:04}" for number in range(9000, 9030))  # as docs/samples/make.py has them


def _keep(secrets: dict[str, Any]) -> None:
    with _private(file_of_secrets()) as file:
        json.dump(secrets, file, indent=2)


@contextmanager
def _private(path: Path) -> Iterator[Any]:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        yield file
