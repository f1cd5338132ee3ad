"""What the person at the terminal needs: a free port, to know when pages are served, and how to sign in."""

import http.client
import json
import socket
from pathlib import Path
from urllib.parse import urlsplit


def port_named(text: str) -> int:
    """Return the port that `text` names, or raise SystemExit with a sentence."""
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 65_536):
        raise SystemExit(f"PORT is {text!r}; a whole number from 1 to 65535 is needed, as in make run PORT=8080.")
    return int(text)


def require_free_port(port: int) -> None:
    """Raise SystemExit with a sentence when the port of this machine is taken or may not be used."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as refused:
            raise SystemExit(
                f"Port {port} cannot be used ({refused.strerror}). Give another one: make run PORT={port % 60000 + 1}"
            ) from None


def is_free(port: int) -> bool:
    """Tell whether a server could take the port of this machine now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_answering(url: str) -> bool:
    """Tell whether the web server answers within a second."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def sign_in_lines(demo: Path | None) -> str:
    """Return how to sign in and call, from what the demo wrote: {"users": {role: {"username", "password"}},
    "api_tokens": {tenant: token}}; None: there is no demo.
    """
    if demo is None or not demo.exists():
        return "No demo people here; docs/operations.md tells how to make the first one."
    told = json.loads(demo.read_text())
    people = [
        f"  {role.replace('_', ' ')}: {who['username']} / {who['password']}" for role, who in told["users"].items()
    ]
    tokens = [f"  {tenant}: {token}" for tenant, token in told["api_tokens"].items()]
    return "\n".join(["Sign in as", *people, "API tokens", *tokens, f"All of it is in {demo}."])
