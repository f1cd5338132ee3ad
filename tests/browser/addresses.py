"""The address of every page of the running console, with objects of the demo: found by following links."""

from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.urls import Resolver404, ResolverMatch, resolve, reverse
from playwright.sync_api import APIRequestContext

from tests.architecture.endpoints import Endpoint, endpoints


class Links(HTMLParser):
    """Collects where a page leads: links, forms, and what htmx asks for."""

    LEADING = ("href", "action", "hx-get", "hx-post")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found += [urlsplit(value).path for name, value in attrs if name in self.LEADING and value]


class Place(NamedTuple):
    """An endpoint with the arguments of a link that led there."""

    name: str
    arguments: dict[str, Any]
    path: str


def places(request: APIRequestContext, url: str, *seeds: str) -> dict[str, Place]:
    """Follow links from `seeds`, the first to each endpoint, and return what was found by the endpoint's name."""
    known: dict[str, Place] = {}
    waiting = [*_known_to(seeds)]
    while waiting:
        place = waiting.pop(0)
        if place.name not in known:
            known[place.name] = place
            waiting += _known_to(_links_of(request, url + place.path))
    return known


def address(endpoint: Endpoint, known: dict[str, Place]) -> str | None:
    """Return its path, with the arguments of a link to it, or else of a link to something of the same objects."""
    wanted = set(endpoint.arguments)
    if endpoint.name in known:
        return known[endpoint.name].path
    arguments = next((place.arguments for place in known.values() if wanted <= set(place.arguments)), None)
    return None if arguments is None else reverse(endpoint.name, kwargs={name: arguments[name] for name in wanted})


def pages() -> list[Endpoint]:
    """Return every endpoint that is for people, not for programs."""
    return [endpoint for endpoint in endpoints() if not endpoint.is_rest]


def _links_of(request: APIRequestContext, url: str) -> list[str]:
    answer = request.get(url, max_redirects=0)
    is_page = answer.headers.get("content-type", "").startswith("text/html")
    return Links(answer.text()).found if is_page else []


def _known_to(paths: Iterable[str]) -> Iterator[Place]:
    for path in paths:
        match = _match(path)
        if match is not None and not match.view_name.startswith("api-"):
            yield Place(match.view_name, match.kwargs, path)


def _match(path: str) -> ResolverMatch | None:
    try:
        return resolve(path)
    except Resolver404:  # an anchor, or a static file
        return None
