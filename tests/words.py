"""What a page says, and whether any of it is an English sentence."""

import re
from html.parser import HTMLParser
from typing import Any

ENGLISH = re.compile(r"[A-Za-z]{2,}[,.:;]? [A-Za-z]{2,}")  # two words: a sentence, or a part of one


class Words(HTMLParser):
    """Collects what a page says: text, and attributes that are shown or read aloud, those for scripts included."""

    SPOKEN = ("title", "aria-label", "placeholder", "alt")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.inside = tag
        self.found += [value for name, value in attrs if value and (name in self.SPOKEN or name.startswith("data-"))]

    def handle_data(self, data: str) -> None:
        if self.inside not in ("script", "style"):
            self.found.append(data)


def english_in(page: str) -> list[str]:
    return [words for words in Words(page).found if ENGLISH.search(words)]
