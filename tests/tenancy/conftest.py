"""Two tenants, each with a task of three recipients and an import of its own."""

from typing import Any

import pytest

from tenants.scoping import act_for
from tests import make


@pytest.fixture
def alpha(db) -> Any:
    return made("alpha")


@pytest.fixture
def beta(db) -> Any:
    return made("beta")


def made(name: str) -> Any:
    """A tenant with people, a token, a `.task` with three recipients and a `.batch` of two rows into it."""
    tenant = make.tenant(name)
    with act_for(tenant):
        tenant.task = make.task(name=f"{name} spring")
        for number in range(3):
            tenant.task.recipients.create(address=f"{name}{number}")
        tenant.batch = make.batch(tenant.task, [["13800000001", "Ann"], ["13800000002", "Bo"]])
    return tenant
