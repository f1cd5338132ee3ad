"""What the person at the terminal needs: a free port, to know when pages are served, and how to sign in."""

import http.client
import json
import socket
from pathlib import Path
from urllib.parse import urlsplit


def require_free_port(port: int) -> None:
    """Raise SystemExit with a sentence when the port of this machine is taken or may not be used."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as refused:
            reason = getattr(refused, "strerror", None) or "ports are 1 to 65535"
            raise SystemExit(
                f"Port {port} cannot be used ({reason}). Give another one: make run PORT={port % 60000 + 1}"
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


def sign_in_lines(demo: Path) -> str:
    """Return how to sign in, from what the demo wrote: {"users": {role: {"username", "password"}}, ...}."""
    if not demo.exists():
        return "No demo people here; docs/operations.md tells how to make the first one."
    people = json.loads(demo.read_text())["users"]
    lines = [f"  {role.replace('_', ' ')}: {who['username']} / {who['password']}" for role, who in people.items()]
    return "\n".join(["Sign in as", *lines])
