"""An administrator with a browser's session, and a program with a token, who open every page and list of a tenant."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from typing import Any

import requests

from tenants.scoping import act_for
from tests import make
from tests.architecture.endpoints import OPEN_TO_ALL, Endpoint, endpoints
from tests.consoles import RunningConsole

FILES = ("import-template", "download", "export")  # ends of names: answered with a file
SEARCHES = {  # name: what is posted to the page of recipients
    "all": {},
    "in the middle": {"cursor": "middle"},
    "begins with 138": {"how": "begins", "text": "138"},
    "begins with 13800": {"how": "begins", "text": "13800"},
    "begins with what nobody has": {"how": "begins", "text": "170"},
    "ends with 7": {"how": "ends", "text": "7"},
    "ends with 1207": {"how": "ends", "text": "1207"},
    "ends with what nobody has": {"how": "ends", "text": "abc"},
    "of an import": {"origin": "import"},
    "added one by one": {"origin": "person"},
    "ends with 7, of an import": {"how": "ends", "text": "7", "origin": "import"},
    "begins with 138, added one by one": {"how": "begins", "text": "138", "origin": "person"},
}


class Visitor:
    """Opens pages as the administrator of `tenant`, whose `task`, `batch` and `recipient` are meant by URLs."""

    def __init__(self, console: RunningConsole, tenant: Any) -> None:
        self.url, self.tenant = console.url, tenant
        self.session = requests.Session()
        self.program = requests.Session()
        self.program.headers["Authorization"] = f"Bearer {tenant.token}"
        with act_for(tenant):
            ids = tenant.task.recipients.order_by("id").values_list("id", flat=True)
            self.middle = str(ids[len(ids) // 2])
        self._sign_in()

    def visits(self) -> Iterator[tuple[str, Callable[[], int]]]:
        """Yield (name, what opens it and returns the status): every URL, then searches."""
        for endpoint in endpoints():
            if endpoint.name not in OPEN_TO_ALL and not endpoint.name.endswith(FILES) and self._knows(endpoint):
                yield endpoint.name, self._opens(endpoint)
        for name, search in SEARCHES.items():
            yield f"marketing:recipients, {name}", self._searches(search)

    def _knows(self, endpoint: Endpoint) -> bool:
        try:
            endpoint.url(self.tenant)
        except AttributeError:  # of a thing that is not among those made here
            return False
        return True

    def _opens(self, endpoint: Endpoint) -> Callable[[], int]:
        session = self.program if endpoint.is_rest else self.session
        address = self.url + endpoint.url(self.tenant)
        return lambda: session.get(address, allow_redirects=False).status_code

    def _searches(self, search: dict[str, str]) -> Callable[[], int]:
        form = dict(search)
        if "cursor" in form:
            form["cursor"] = "n" + urlsafe_b64encode(json.dumps([self.middle]).encode()).decode().rstrip("=")
        if form.get("origin") == "import":
            form["origin"] = str(self.tenant.batch.pk)
        address = f"{self.url}/outbound-call/mmarketing/{self.tenant.task.pk}/recipients/"
        return lambda: self._post(address, form).status_code

    def _sign_in(self) -> None:
        address = f"{self.url}/accounts/login/"
        self.session.get(address)
        person = {"login": self.tenant.administrator.username, "password": make.PASSWORD}
        self._post(address, person)

    def _post(self, address: str, form: dict[str, str]) -> requests.Response:
        return self.session.post(address, form | {"csrfmiddlewaretoken": self.session.cookies["csrf"]})
