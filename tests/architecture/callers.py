"""Whoever may call: a browser with a session, a program with a token, nobody; and what they are answered."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.test import Client

from .endpoints import METHODS, Endpoint
from .made import CANARY, body_of

BODY = {"name": "stolen", "address": "+8613800000009", "body": "stolen", "confirmed": "1", "mode": "file"}


class Caller:
    """Calls any URL by any method with a plausible body; an exception in a view is an answer 500."""

    def __init__(self, user: Any = None, token: str = "") -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.client = Client(headers=headers, raise_request_exception=False)
        if user is not None:
            self.client.force_login(user)

    def call(self, method: str, url: str, body: Any = BODY) -> Any:
        if method in ("GET", "HEAD", "OPTIONS"):
            return self.client.generic(method, url)
        if url.startswith("/api/"):
            return self.client.generic(method, url, json.dumps(body), "application/json")
        return self.client.post(url, body) if method == "POST" else self.client.generic(method, url)

    def crawl(
        self, endpoints: Iterable[Endpoint], *owners: Any, methods: Iterable[str] = METHODS
    ) -> Iterator["Answer"]:
        """Call every URL of the `owners`' objects by all `methods`."""
        for endpoint in endpoints:
            url = endpoint.url(*owners) if endpoint.objects else endpoint.url()
            for method in methods:
                yield Answer(endpoint, method, self.call(method, url))


class Answer:
    """What a caller got at one URL. A 405 that leads a person to the page above is a 405: that page is called too."""

    def __init__(self, endpoint: Endpoint, method: str, response: Any) -> None:
        self.endpoint, self.method = endpoint, method
        self.status, self.body = response.status_code, body_of(response)
        self.goes_to = response.headers.get("Location", "")
        if self.status == 302 and "Allow" in response.headers:
            self.status, self.goes_to = 405, ""

    def __repr__(self) -> str:
        return f"{self.method} {self.endpoint.name}: {self.status} {self.goes_to}".strip()


def other_than(answers: Iterable[Answer], *allowed: int) -> list[Answer]:
    """Return those with another status, or with a word of the tenant that the caller must not know."""
    return [answer for answer in answers if answer.status not in allowed or CANARY in answer.body]
