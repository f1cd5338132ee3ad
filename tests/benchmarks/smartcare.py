"""A night of SmartCare, collected by a console's workers: `python -m tests.benchmarks.smartcare PORT --tenants 200`.

Runs beside a console whose environment it is given. The simulator serves over HTTPS on PORT, one of LOOPBACK_PORTS.
"""

import argparse
import os
import time
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aicc_console.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from importer.smartcare import certificates, jobs, run  # noqa: E402
from importer.smartcare.models import CareDay, Certificate, Integration  # noqa: E402
from importer.smartcare.simulator.customers import Customers  # noqa: E402
from importer.smartcare.simulator.server import Simulator  # noqa: E402
from marketing.models import MarketingTask, MessageTemplate  # noqa: E402
from marketing.saving import save_template  # noqa: E402
from tenants.models import AddressType, SystemParameter, Tenant, TrustedAddress  # noqa: E402
from tenants.parameters import set_parameters  # noqa: E402
from tenants.scoping import act_for, each_tenant  # noqa: E402

SECONDS = 900  # until it is given up


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--tenants", type=int, default=1)
    parser.add_argument("--customers", type=int, default=500, help="of each tenant, in one scenario")
    options = parser.parse_args()
    customers = Customers(voice=options.customers, data=0, regulars=0)
    with Simulator(customers, port=options.port) as simulator:
        tenants = [_tenant(f"Measured {options.customers} {number}", simulator) for number in range(options.tenants)]
        began = time.perf_counter()
        for tenant in each_tenant(tenants):
            run.run_now(tenant)
            jobs.enqueue(tenant)
        _wait(tenants)
        print(time.perf_counter() - began)
    created = sum(_created() for _tenant in each_tenant(tenants))
    assert created == options.customers * options.tenants, created


def _tenant(name: str, simulator: Simulator) -> Tenant:
    SystemParameter.objects.update_or_create(key="max_caring_users", defaults={"value": "1000000"})
    address = {"address_type": AddressType.SMARTCARE, "host": "127.0.0.1", "port": simulator.port}
    TrustedAddress.objects.get_or_create(**address)
    tenant = Tenant.objects.create(name=name, smartcare=True)
    with act_for(tenant):
        authority = certificates.keep(Certificate(name="Simulator", pem=simulator.authority.certificate), "")
        Integration.objects.create(
            address=simulator.url, app_id=simulator.app_id, app_secret=simulator.app_secret, authority=authority
        )
        template = save_template(MessageTemplate(name="Sorry", medium="sms", body="Sorry: ${cause}"), {"cause": "poor"})
        now = timezone.now()
        MarketingTask.objects.create(
            name="Care", task_type="care", care_scenario="voice", medium="sms", template=template, state="running",
            begin_at=now, end_at=now + timedelta(days=1),
        )  # fmt: skip
        set_parameters(tenant, {"international_area_code": "86"})
    return tenant


def _wait(tenants: list[Tenant]) -> None:
    until = time.perf_counter() + SECONDS
    for tenant in tenants:  # one after the other: asking about all of them again and again costs what is measured
        while not _is_complete(tenant):
            assert time.perf_counter() < until, f"{tenant} is not complete after {SECONDS} s"
            time.sleep(0.2)


def _is_complete(tenant: Tenant) -> bool:
    with act_for(tenant):
        return CareDay.objects.filter(state="complete").exists()


def _created() -> int:
    return sum(CareDay.objects.values_list("created", flat=True))


if __name__ == "__main__":
    main()
