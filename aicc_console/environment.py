"""Reads the environment for the settings: an odd value stops the start, and its name is told, not the value."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()


def whole_number(name: str, default: int) -> int:
    """Return the variable `name` as a whole number, `default` where it is not set."""
    text = env.str(name, default=str(default))
    if not text.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number.")
    return int(text)


def ports(name: str) -> set[int]:
    """Return the ports that the variable `name` lists, separated by commas; none where it is not set."""
    texts = [text.strip() for text in env.list(name, default=[])]
    if not all(text.isdecimal() and 0 < int(text) < 65_536 for text in texts):
        raise ImproperlyConfigured(f"{name} must be ports, whole numbers from 1 to 65535, separated by commas.")
    return {int(text) for text in texts}


def storage(url: str) -> dict[str, Any]:
    """Return Django's storage for `url`: file:///folder, or s3://key:secret@host:port/bucket?scheme=http&region=r."""
    parts, query = urlsplit(url), parse_qs(urlsplit(url).query)
    if parts.scheme == "file":
        options = {"location": unquote(parts.path), "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    if parts.scheme != "s3":
        raise ImproperlyConfigured("STORAGE_URL must begin with file:// or s3://.")
    host = parts.netloc.rpartition("@")[2]
    options = {
        "bucket_name": parts.path.strip("/"),
        "access_key": unquote(parts.username or ""),
        "secret_key": unquote(parts.password or ""),
        "endpoint_url": f"{query.get('scheme', ['https'])[0]}://{host}",
        "region_name": query.get("region", ["us-east-1"])[0],
        "addressing_style": query.get("style", ["path"])[0],
        "file_overwrite": True,
        "default_acl": None,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
