"""Calls REST as an API client or a person would."""

import json
import re
from typing import Any

from django.test import Client
from django.urls import reverse

from tenants.models import Tenant, User

from .consoles import CHECKOUT

DOCUMENTED = {
    code
    for document in ("api.md", "rules.md")
    for code in re.findall(r"`([a-z_]+)(?:\.[a-z_]+)?`", (CHECKOUT / "docs" / document).read_text(encoding="utf-8"))
}


class Caller:
    """`api.post("api-tasks", body={...})`: URL name, its arguments, and what is sent; the answer is Django's."""

    def __init__(self, token: str = "", *, user: User | None = None) -> None:
        self.client = Client()
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        if user:
            self.client.force_login(user)

    def get(self, name: str, /, *args: Any, **query: Any) -> Any:
        return self.client.get(reverse(name, args=args), query, headers=self.headers)

    def post(self, name: str, *args: Any, body: Any = None) -> Any:
        return self._send("post", name, args, body)

    def patch(self, name: str, *args: Any, body: Any) -> Any:
        return self._send("patch", name, args, body)

    def put(self, name: str, *args: Any, body: Any) -> Any:
        return self._send("put", name, args, body)

    def delete(self, name: str, *args: Any) -> Any:
        return self._send("delete", name, args, None)

    def upload(self, name: str, *args: Any, **form: Any) -> Any:
        return self.client.post(reverse(name, args=args), form, headers=self.headers)

    def raw(self, name: str, *args: Any, content: bytes, content_type: str = "application/json") -> Any:
        return self.client.post(reverse(name, args=args), content, content_type=content_type, headers=self.headers)

    def _send(self, method: str, name: str, args: tuple[Any, ...], body: Any) -> Any:
        content = "" if body is None else json.dumps(body)
        send = getattr(self.client, method)
        return send(reverse(name, args=args), content, content_type="application/json", headers=self.headers)


def of(tenant: Tenant) -> Caller:
    """Return the caller with the token of `tenant`'s API client, which has all scopes."""
    return Caller(tenant.token)  # type: ignore[attr-defined]


def errors_of(answer: Any) -> dict[str, str]:
    """Return {path: first code} of a refusal of values."""
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "validation"
    return {path: _documented(faults[0]["code"]) for path, faults in answer.json()["errors"].items()}


def code_of(answer: Any) -> tuple[int, str]:
    """Return the status and the code of a problem."""
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
    return answer.status_code, _documented(answer.json()["code"])


def _documented(code: str) -> str:
    """Return `code`, which a caller must find in the documentation."""
    assert code in DOCUMENTED, f"{code} stands neither in docs/api.md nor in docs/rules.md"
    return code
