"""One visit of one page: what an eye, a reader of screens, a phone and the browser's log have against it."""

import os
from collections.abc import Iterator

from playwright.sync_api import Page, expect

from tests.words import english_in

from .conftest import ARTEFACTS, Walk, serious_faults

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
DRAWN = "new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
TOO_WIDE = "document.documentElement.scrollWidth > window.innerWidth"
DRAWS = 20  # charts follow the window a few pictures later
FOLDER = ARTEFACTS / "every-page"
WITH_PICTURES = "PICTURES" in os.environ  # of each page, for who wants to look; half of the time goes there


def visit(walk: Walk, path: str, language: str, name: str) -> list[str]:
    """Look at the page on a desk and on a phone, and return what is wrong with it."""
    walk.faults.clear()
    walk.page.set_viewport_size(DESK)
    walk.go(path)
    expect(walk.page.locator(".htmx-request")).to_have_count(0)
    if WITH_PICTURES:
        _picture(walk.page, name)
    walk.page.set_viewport_size(PHONE)
    found = [*walk.faults, *_faults(walk.page, language)]
    if WITH_PICTURES or found:
        _picture(walk.page, f"{name}-390")
    return found


def english_left(page: Page, own_words: list[str]) -> list[str]:
    """Return what the page says in English and nobody else wrote; what is not to be translated says so itself."""
    others = page.locator("main [translate=no]").all_inner_texts()
    return [said for said in english_in(page.content()) if english_in(_without(said, own_words + others))]


def _without(said: str, own_words: list[str]) -> str:
    if any(said.strip() in word for word in own_words):  # a part of a message, between two variables
        return ""
    for word in own_words:
        said = said.replace(word, "·")
    return said


def _faults(page: Page, language: str) -> Iterator[str]:
    if (count := page.locator("h1").count()) != 1:
        yield f"{count} headings of level 1"
    if (lang := page.locator("html").get_attribute("lang")) != language:
        yield f"lang is {lang}"
    if _stays_too_wide(page):
        yield "scrolls sideways on a phone"
    yield from (f"axe: {fault}" for fault in serious_faults(page))


def _stays_too_wide(page: Page) -> bool:
    for _ in range(DRAWS):
        page.evaluate(DRAWN)
        if not page.evaluate(TOO_WIDE):
            return False
    return True


def _picture(page: Page, name: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=FOLDER / f"{name}.png", full_page=True, animations="disabled")
