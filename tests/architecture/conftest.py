"""A stranger's tenant, and the one whose rows a stranger must not reach."""

from typing import Any

import pytest

from .made import made


@pytest.fixture
def alpha(db) -> Any:
    return made("alpha")


@pytest.fixture
def canary(db) -> Any:
    return made("canary")
