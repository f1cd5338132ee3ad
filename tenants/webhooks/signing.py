"""How a receiver knows that the console speaks, and that it speaks now: HMAC-SHA256 over time and body."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable

BEGIN = "aicc_hook_"  # so that a secret is known for one where it was left lying about


def new_secret() -> str:
    """Return 256 random bits as text."""
    return BEGIN + secrets.token_urlsafe(32)


def signatures(keys: Iterable[str], timestamp: int, body: bytes) -> str:
    """Return the value of X-AICC-Signature: one signature for each secret that is valid now."""
    return ",".join(f"v1={_signature(key, timestamp, body)}" for key in keys)


def _signature(key: str, timestamp: int, body: bytes) -> str:
    return hmac.new(key.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
