"""Reads and fills pages as a person with a browser that has no script."""

import re
from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.urls import reverse

from tenants.models import User


class Person:
    """A signed-in person: `person.get("marketing:tasks")`, `person.post("marketing:task-delete", task.pk, ...)`."""

    def __init__(self, user: User | None = None) -> None:
        self.client = Client()
        if user:
            self.client.force_login(user)

    def get(self, view: str, /, *args: Any, htmx: bool = False, **query: Any) -> Any:
        return self.client.get(reverse(view, args=args), query, headers=_headers(htmx))

    def post(self, view: str, /, *args: Any, htmx: bool = False, **form: Any) -> Any:
        return self.client.post(reverse(view, args=args), form, headers=_headers(htmx))


def _headers(htmx: bool) -> dict[str, str]:
    return {"HX-Request": "true"} if htmx else {}


def text_of(answer: Any) -> str:
    """Return what a reader sees, blanks collapsed."""
    reader = _Reader()
    reader.feed(answer.content.decode())
    return re.sub(r"\s+", " ", " ".join(reader.texts)).strip()


class _Reader(HTMLParser):
    """Collects text outside of scripts, styles and templates."""

    HIDDEN = ("script", "style", "template", "noscript")

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.hidden += tag in self.HIDDEN
        self.texts += [value for name, value in attrs if name == "title" and value]

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in self.HIDDEN

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.texts.append(data)
