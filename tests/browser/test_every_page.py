"""Every page of the console, as each role and in both languages, on a desk and on a phone: no page is forgotten."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import APIResponse, Browser

from tests.architecture.endpoints import OPEN_TO_ALL, SIGN_IN, Endpoint, endpoints
from tests.consoles import RunningConsole
from tests.words import ENGLISH

from .addresses import Place, address, pages, places
from .conftest import Walk, bring_axe
from .visits import DESK, english_left, visit

PEOPLE = ("system_administrator", "tenant_administrator", "tenant_viewer")
NOBODY = "nobody"
CHINESE = "zh-hans"
TASK = "Autumn 5G upgrade offer"  # of the demo: a draft with an import of every outcome
NAMES = ("Chen Yu", "Li Na", "Sam Sysadmin", "Demo API client")  # of the demo's people
OF_ALL_PEOPLE = ("home", "importer:home", "account_")
VIEWERS_OPEN = {  # of a tenant's pages
    "marketing:tasks",
    "marketing:task",
    "marketing:recipients",
    "marketing:opt-outs",
    "marketing:message-templates",
    "tenants:parameters",
    "importer:all-imports",
    "importer:imports",
    "importer:import",
    "importer:import-progress",
    "importer:rejected-rows",
    "importer:scheduled-imports",
    "importer:mapping-rules",
    "importer:mapping-rule",
    "importer:file-servers",
    "importer:file-server",
    "smartcare:care-task",
    "smartcare:care-rows",
}
Answers = dict[Endpoint, APIResponse]


@pytest.fixture(scope="module")
def walks(browser: Browser, console: RunningConsole) -> Iterator[dict[str, Walk]]:
    """Each of the people at a page of their own, and somebody who did not sign in."""
    new = {who: Walk(browser.new_page(viewport=DESK, locale="en-GB"), console) for who in (*PEOPLE, NOBODY)}
    for walk in new.values():
        bring_axe(walk.page)
    for who in PEOPLE:
        new[who].sign_in(who)
    yield new
    for walk in new.values():
        walk.page.close()


@pytest.fixture(scope="module")
def webhook(walks: dict[str, Walk], console: RunningConsole) -> None:
    """A webhook with a test in its log, which the demo has not; its address is trusted no more when it is called."""
    system = walks["system_administrator"]
    line = {"address_type": "webhook", "host": "8.8.8.8", "port": 443}
    trusted = system.send("POST", "/api/v1/system/address-trustlist/", line)["id"]
    hook = {"name": "Another system", "url": "https://8.8.8.8/hook", "events": ["import.finished"]}
    made = console.call("POST", "/api/v1/webhooks/", hook)[1]["id"]
    system.send("DELETE", f"/api/v1/system/address-trustlist/{trusted}/")
    assert console.call("POST", f"/api/v1/webhooks/{made}/test/")[1]["error"]["code"] == "address_untrusted"


@pytest.fixture(scope="module")
def known(walks: dict[str, Walk], console: RunningConsole, webhook: None) -> dict[str, Place]:
    """Where the links of the pages lead, those of the task first."""
    tasks = console.call("GET", "/api/v1/marketing-tasks/?limit=100")[1]["results"]
    task = next(one["id"] for one in tasks if one["name"] == TASK)
    of_the_tenant = _places(walks["tenant_administrator"], reverse("marketing:task", args=[task]), "/")
    return _places(walks["system_administrator"], "/") | of_the_tenant


def _places(walk: Walk, *seeds: str) -> dict[str, Place]:
    return places(walk.page.request, walk.console.url, *seeds)


@pytest.fixture(scope="module")
def answers(walks: dict[str, Walk], known: dict[str, Place]) -> dict[str, Answers]:
    """What each of them gets at each address; what takes no GET aside."""
    return {who: dict(_answers(walk, known)) for who, walk in walks.items()}


def _answers(walk: Walk, known: dict[str, Place]) -> Iterator[tuple[Endpoint, APIResponse]]:
    for endpoint in pages():
        answer = walk.page.request.get(f"{walk.console.url}{address(endpoint, known)}", max_redirects=0)
        if "allow" not in answer.headers:
            yield endpoint, answer


@pytest.fixture(scope="module")
def own_words(walks: dict[str, Walk], known: dict[str, Place], console: RunningConsole) -> list[str]:
    """What the demo's people wrote, in English: sentences that REST answers in Chinese too, the longest first."""
    callers = [(walks[NOBODY], {"Authorization": f"Bearer {console.token}"}), (walks["system_administrator"], {})]
    found = {text for walk, headers in callers for text in _texts_of_rest(walk, known, headers)}
    return sorted({text for text in found if ENGLISH.search(text)}.union(NAMES), key=len, reverse=True)


def _texts_of_rest(walk: Walk, known: dict[str, Place], headers: dict[str, str]) -> Iterator[str]:
    asked = headers | {"Accept": "application/json", "Accept-Language": "zh-CN"}
    for endpoint in endpoints():
        if endpoint.is_rest and endpoint.name not in OPEN_TO_ALL and (path := address(endpoint, known)):
            answer = walk.page.request.get(f"{walk.console.url}{path}", headers=asked, params={"limit": 100})
            yield from _texts(answer.json()) if answer.ok and "json" in answer.headers["content-type"] else ()


def _texts(body: Any) -> Iterator[str]:
    if isinstance(body, str):
        yield body
    elif isinstance(body, dict):
        yield from (text for part in body.values() for text in _texts(part))
    elif isinstance(body, list):
        yield ", ".join(part["name"] for part in body if isinstance(part, dict) and "name" in part)  # of variables
        yield from (text for part in body for text in _texts(part))


def test_the_address_of_every_page_is_found(known):
    assert [endpoint.name for endpoint in pages() if address(endpoint, known) is None] == []


@pytest.mark.parametrize("who", [*PEOPLE, NOBODY])
def test_each_role_opens_its_pages_and_no_other(answers, who):
    assert {one.name: got.status for one, got in answers[who].items() if not _is_right(who, one, got)} == {}


def _is_right(who: str, endpoint: Endpoint, answer: APIResponse) -> bool:
    if endpoint.name in OPEN_TO_ALL:
        return answer.status in (200, 302)
    if who == NOBODY:
        return answer.status == 302 and answer.headers["location"].startswith(reverse(SIGN_IN))
    return answer.status == (200 if _may_open(who, endpoint) else 403)


def _may_open(who: str, endpoint: Endpoint) -> bool:
    if endpoint.name.startswith(OF_ALL_PEOPLE):
        return True
    if endpoint.is_system or who == "system_administrator":
        return endpoint.is_system and who == "system_administrator"
    return who == "tenant_administrator" or endpoint.name in VIEWERS_OPEN


@pytest.mark.parametrize("language", ["en", CHINESE])
@pytest.mark.parametrize("who", [*PEOPLE, NOBODY])
def test_every_page_is_whole(walks, known, answers, own_words, who, language):
    walk, found = walks[who], {}
    walk.page.context.add_cookies([{"name": "language", "value": language, "url": walk.console.url}])

    for endpoint in _whole_pages(answers[who]):
        picture = f"{endpoint.name.replace(':', '-')}-{who}-{language}"
        found[endpoint.name] = visit(walk, address(endpoint, known), language, picture)
        found[endpoint.name] += english_left(walk.page, own_words) if language == CHINESE else []

    assert {name: faults for name, faults in found.items() if faults} == {}
    assert found


def _whole_pages(of_one: Answers) -> list[Endpoint]:
    """Return what is no download and no part of a page."""
    return [endpoint for endpoint, answer in of_one.items() if answer.status == 200 and "<html" in answer.text()[:500]]
