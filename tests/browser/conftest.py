"""A whole console with the demo in it, and Chromium to use it; every page is watched while it is used."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests import consoles
from tests.consoles import CHECKOUT, RunningConsole

expect.set_options(timeout=20_000)  # milliseconds: two cores are shared with workers and other tests

ARTEFACTS = CHECKOUT / "test-artefacts"
QUIET = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
QUIET += ("--disable-component-update", "--disable-sync")
SERIOUS = ("serious", "critical")
AXE = Axe().axe_script
RUN_AXE = "axe.run(document, {resultTypes: ['violations']})"


@pytest.fixture(scope="session")
def console(tmp_path_factory) -> Iterator[RunningConsole]:
    with consoles.running(tmp_path_factory.mktemp("console")) as running:
        yield running


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args) -> dict[str, Any]:
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    return browser_type_launch_args | {"executable_path": chromium, "args": [*QUIET, *sandbox]}


def serious_faults(page: Page) -> list[str]:
    """Return what axe has against the page, each with the first element at fault."""
    if not page.evaluate("'axe' in window"):  # or it came with the page: `bring_axe`
        page.evaluate(AXE)
    found = page.evaluate(RUN_AXE)["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] in SERIOUS]


def bring_axe(page: Page) -> None:
    """Let every page of the same browser window come with axe, for who looks at many of them."""
    page.context.add_init_script(AXE)


class Walk:
    """A person at a page. Nothing may go to another host, fail, or be written to the browser's log."""

    def __init__(self, page: Page, console: RunningConsole) -> None:
        self.page, self.console = page, console
        self.faults: list[str] = []
        page.on("console", lambda said: self._note(said.type in ("error", "warning"), f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: self._note(True, f"script: {error}"))
        page.on("response", lambda answer: self._note(answer.status >= 400, f"{answer.status}: {answer.url}"))
        page.on("request", lambda request: self._note(not request.url.startswith(self._allowed()), request.url))

    def _allowed(self) -> tuple[str, ...]:
        return (self.console.url, "data:", "blob:")

    def _note(self, is_fault: bool, text: str) -> None:
        if is_fault:
            self.faults.append(text)

    def sign_in(self, who: str = "tenant_administrator") -> None:
        user = self.console.demo["users"][who]
        self.go("/accounts/login/")
        self.page.get_by_label("User name").fill(user["username"])
        self.page.get_by_label("Password", exact=True).fill(user["password"])
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(f"{self.console.url}/")

    def go(self, path: str) -> None:
        self.page.goto(self.console.url + path)

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """Call REST as whoever is signed in, and return what it answers."""
        cookies = {one.get("name"): one.get("value") for one in self.page.context.cookies()}
        headers = {"X-CSRFToken": str(cookies["csrf"]), "Referer": self.console.url}
        answer = self.page.request.fetch(self.console.url + path, method=method, data=body, headers=headers)
        assert answer.ok, answer.text()
        return answer.json() if answer.body() else None

    def look(self, name: str) -> None:
        """Keep a picture of the page, and require that axe finds nothing serious on it."""
        ARTEFACTS.mkdir(exist_ok=True)
        self.page.wait_for_load_state("networkidle")
        self.page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True, caret="initial", animations="disabled")
        assert serious_faults(self.page) == []
        assert self.faults == []

    def is_not_too_wide(self) -> bool:
        return self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.fixture
def walk(browser: Browser, console: RunningConsole) -> Iterator[Walk]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(15_000)  # milliseconds; the machine may be busy
    yield Walk(context.new_page(), console)
    context.close()


@pytest.fixture
def narrow(browser: Browser, console: RunningConsole) -> Iterator[Walk]:
    """The same on a phone."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    context.set_default_timeout(15_000)
    yield Walk(context.new_page(), console)
    context.close()


@pytest.fixture
def unscripted(browser: Browser, console: RunningConsole) -> Iterator[Walk]:
    """The same in a browser that runs no script."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", java_script_enabled=False)
    context.set_default_timeout(15_000)
    yield Walk(context.new_page(), console)
    context.close()


@pytest.fixture
def good_file(tmp_path) -> Path:
    """Five rows: three are good, one fails, one is a duplicate."""
    path = tmp_path / "november.csv"
    path.write_text(
        "Recipient number,name,plan,last_day,gift,Remarks\n"
        "138-0000-1201,Li Wei,Fun 59,15 Dec,20,a\n"
        "8613800001202,Zhang Min,Fun 99,15 Dec,30,\n"
        "1380012,Sun Jie,Fun 59,15 Dec,20,\n"
        "008613800001204,Wang Fang,Family 199,,40,\n"
        "138 0000 1201,Li Wei,Fun 59,15 Dec,20,\n"
    )
    return path
