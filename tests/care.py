"""A tenant with SmartCare: a simulator on this machine that the trustlist names, an integration, Care tasks."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from importer.smartcare import certificates
from importer.smartcare.models import CareDay, CareNight, CareRow, Certificate, Integration
from importer.smartcare.simulator.server import Simulator
from marketing.models import MarketingTask
from marketing.states import TaskState, TaskType
from tenants.models import AddressType, Tenant, TrustedAddress
from tenants.scoping import act_for
from tests import make

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
YESTERDAY = date(2026, 11, 21)


def trust(simulator: Simulator, settings: Any, *, allows_http: bool = False) -> None:
    """Put the simulator's address on the trustlist, and its port among those of this machine."""
    settings.LOOPBACK_PORTS = frozenset({simulator.port})
    TrustedAddress.objects.create(
        address_type=AddressType.SMARTCARE, host="127.0.0.1", port=simulator.port, allows_http=allows_http
    )


def integrate(tenant: Tenant, simulator: Simulator) -> Integration:
    """Tell `tenant` of the simulator, as a saved integration."""
    with act_for(tenant):
        pem = simulator.authority.certificate
        authority = certificates.keep(Certificate(name="Simulator", pem=pem), "")
        return Integration.objects.create(
            address=simulator.url, app_id=simulator.app_id, app_secret=simulator.app_secret, authority=authority
        )


def task(
    scenario: str = "voice", *, state: str = TaskState.RUNNING, body: str = "Sorry", **fields: Any
) -> MarketingTask:
    """A published Care task of the tenant acted for."""
    return make.task(task_type=TaskType.CARE, care_scenario=scenario, state=state, body=body, **fields)


def day(
    task: MarketingTask, *, business_date: date = YESTERDAY, cause: str = "Calls dropped", **counts: int
) -> CareDay:
    """A complete day of `task`; `counts`: customers by outcome, those created with their recipients."""
    night, _is_new = CareNight.objects.get_or_create(business_date=business_date, defaults={"maximum": 1_000})
    fetched = sum(counts.values())
    made = CareDay.objects.create(
        task=task, night=night, business_date=business_date, state="complete", fetched=fetched, total=fetched,
        is_decided=True, ended_at=NOON, run_began_at=NOON, **counts,
    )  # fmt: skip
    kinds = [outcome for outcome, count in counts.items() for _one in range(count)]
    for row, outcome in enumerate(kinds, start=1):
        fields = {"score": Decimal(row % 50) / 10, "cause": cause, "event_at": NOON, "outcome": outcome}
        if outcome == "created":
            address = f"+86138{business_date:%d}{row:06}"
            recipient = task.recipients.create(address=address, variables={}, origin=made.pk, origin_row=row)
            fields["recipient_id"] = recipient.pk
        elif outcome != "cut":
            fields |= {"code": "number_length", "params": {"n": 3, "low": 5, "high": 20}, "number": "138"}
        CareRow.objects.create(day=made, row=row, **fields)
    task.recipient_count += counts.get("created", 0)
    task.save(update_fields=["recipient_count"])
    return made


def days_of(tenant: Tenant) -> list[CareDay]:
    with act_for(tenant):
        return list(CareDay.objects.order_by("business_date", "task__care_scenario"))


def counts_of(day: CareDay) -> dict[str, int]:
    names = ("fetched", "waiting", "created", "failed", "duplicate", "suppressed", "cut")
    return {name: count for name in names if (count := getattr(day, name))}
