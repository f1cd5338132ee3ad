"""`docs/guide-map.md` knows every step of the guide, and sends nobody to a page or a test that does not exist."""

import re

import pytest
from django.urls import get_resolver

from .endpoints import routes
from .sources import CHECKOUT

MAP = (CHECKOUT / "docs/guide-map.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in MAP.splitlines() if re.match(r"\| [BOC]\d", line)]
STEPS = {f"{part}{number}" for part in "BOC" for number in range(1, 5)}


def test_every_step_of_the_guide_is_there():
    assert {row[0] for row in ROWS} == STEPS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1][:30]}")
def test_its_page_its_rest_and_its_test_exist(row):
    _step, _guide, _place, page, rest, test = row
    paths = {re.sub(r"<\w+:(\w+?)(_id)?>", r"{\1}", f"/{route}") for route in routes(get_resolver().url_patterns)}

    assert set(re.findall(r"`(/\S+)`", page)) <= paths
    assert {f"/api/v1/{path}" for path in re.findall(r"`(\S+/)`", rest)} <= paths
    [(file, name)] = re.findall(r"`(\S+)::(\w+)`", test)
    assert re.search(rf"^def {name}\(", (CHECKOUT / file).read_text(encoding="utf-8"), re.MULTILINE), test
