"""What the demo shows of SmartCare: an integration with the simulator, and Care tasks that some nights have filled."""

import os
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from importer.smartcare import certificates, integration, planning, run
from importer.smartcare.calendar import ONE_DAY, Calendar
from importer.smartcare.models import Certificate, Integration
from marketing.models import MarketingTask, MessageTemplate
from marketing.saving import create_task, save_template
from marketing.tasks import move
from tenants.models import AddressType, Tenant, TrustedAddress, User
from tenants.scoping import act_for

NIGHTS = 3  # business days that are shown filled
TURN_SECONDS = 120
APP_ID = "console"
SORRY = "Sorry that your ${scenario} service was poor (${cause}). We work on it, and will call you."
TASKS = {"Voice quality call-back": "voice", "Data quality call-back": "data"}


def facts() -> dict[str, str] | None:
    """Return how the simulator of this run is reached, for demo.json; None: there is none."""
    port, secret = os.environ.get("SIMULATOR_PORT"), os.environ.get("SIMULATOR_APP_SECRET")
    if not port or not secret:
        return None
    authority = settings.VAR_DIR / "simulator" / "ca.pem"
    address = f"https://127.0.0.1:{port}"
    return {"address": address, "app_id": APP_ID, "app_secret": secret, "ca_certificate": str(authority)}


def fill(tenant: Tenant, person: User) -> None:
    """Give `tenant` SmartCare and some nights' collections; without a simulator nothing happens."""
    known = facts()
    if known is None:
        return
    _trust(known["address"])
    tenant.smartcare = True
    tenant.save(update_fields=["smartcare"])
    with act_for(tenant):
        _integrate(tenant, known)
        _make_tasks(person)
        _begin_nights(tenant)
    while run.take_turn(str(tenant.pk), seconds=TURN_SECONDS):
        pass
    with act_for(tenant):
        planning.prepare(tenant, timezone.now())


def _trust(address: str) -> None:
    port = int(address.rpartition(":")[2])
    remark = "The demo's SmartCare simulator"
    TrustedAddress.objects.get_or_create(
        address_type=AddressType.SMARTCARE, host="127.0.0.1", port=port, defaults={"remark": remark}
    )


def _integrate(tenant: Tenant, known: dict[str, str]) -> None:
    pem = Path(known["ca_certificate"]).read_text()
    authority = Certificate.objects.filter(name="SmartCare simulator").first()
    authority = authority or certificates.keep(Certificate(name="SmartCare simulator", pem=pem), "")
    made = Integration(tenant=tenant, address=known["address"], app_id=known["app_id"], authority=authority)
    made.quick_scene, made.deep_scene = "Fast boundary", "Deep boundary"
    integration.save(made, known["app_secret"])


def _make_tasks(person: User) -> None:
    template = save_template(MessageTemplate(name="Poor quality apology", medium="sms", body=SORRY), {})
    begin = timezone.now()
    for name, scenario in TASKS.items():
        task = MarketingTask(name=name, task_type="care", care_scenario=scenario, medium="sms", template=template,
                             begin_at=begin, end_at=begin + timedelta(days=60))  # fmt: skip
        move(create_task(task, person), "publish", person)


def _begin_nights(tenant: Tenant) -> None:
    calendar, now = Calendar.of(tenant), timezone.now()
    last = calendar.last_due(now)
    for task in planning.published_care_tasks():
        planning.make_days(task, [last - back * ONE_DAY for back in range(NIGHTS)])
