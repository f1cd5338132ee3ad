"""Starts one stack before pytest-django reads the settings. The workers of xdist inherit its addresses."""

import atexit
import os
import signal

from .stack import Stack

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's sync API runs a loop in the test's thread
os.environ.setdefault("STATICFILES_BACKEND", "django.contrib.staticfiles.storage.StaticFilesStorage")
stack = None
if "DATABASE_URL" not in os.environ:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # pytest ends properly, as after Ctrl-C
    stack = Stack()
    atexit.register(stack.stop)
    stack.start_servers()
    os.environ.update(stack.addresses() | stack.servers.owner_addresses())
    os.environ["SUPERUSER_URL"] = stack.servers.superuser_url()
worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
if worker and "CACHE_URL" in os.environ:  # each test empties the cache: its own, not its neighbour's
    os.environ["CACHE_URL"] = os.environ["CACHE_URL"].replace("db=1", f"db={2 + int(worker)}")


def pytest_unconfigure() -> None:
    if stack:
        stack.stop()
