"""Test connection: one token and one small query with what is saved, and a plain answer."""

from datetime import datetime

from django.core.exceptions import ValidationError

from marketing.states import CareScenario
from tenants.models import Tenant
from tenants.operation_log import record
from tenants.outbound.turns import in_turn
from tenants.refusals import refusal

from .calendar import Calendar
from .client import Client, Query
from .integration import integration_or_none, why_off

SECONDS = 15  # somebody waits


def try_connection(tenant: Tenant, now: datetime) -> int:
    """Return how many customers with bad calls SmartCare has for yesterday, or raise ValidationError saying why not."""
    integration = integration_or_none()
    if integration is None:
        raise refusal("smartcare_missing")
    if refused := why_off(tenant):
        raise refused
    calendar = Calendar.of(tenant)
    day = calendar.yesterday(now)
    query = Query(day, *calendar.bounds(day), CareScenario.VOICE, page=1, size=1)
    try:
        with in_turn(tenant.pk, seconds=SECONDS):
            total = Client(integration, seconds=SECONDS).page(query).total
    except ValidationError as refused:
        record("smartcare.test", name="SmartCare", refused=str(refused.code))
        raise
    record("smartcare.test", name="SmartCare")
    return total
