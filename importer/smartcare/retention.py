"""What is kept how long. Tenant parameter: rejected_row_days, as for the rows of imports."""

from datetime import timedelta

from django.utils import timezone

from tenants.models import Tenant
from tenants.parameters import parameters_of

from .models import CareDay, CareRow
from .states import ENDED, SHOWN_AS_ROWS


def purge(tenant: Tenant) -> None:
    """Delete the rows of ended days that became no recipients, once `tenant` keeps them no longer; counts stay."""
    days = int(parameters_of(tenant)["rejected_row_days"])
    old = CareDay.objects.filter(state__in=ENDED, updated_at__lt=timezone.now() - timedelta(days=days))
    CareRow.objects.filter(day__in=old, outcome__in=SHOWN_AS_ROWS).delete()
