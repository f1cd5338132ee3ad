"""Faults planted by tests/test_planted.py, in a pytest of their own: a net that cannot tear proves nothing."""

import os
from unittest import mock

from django.db import connection


def plant() -> None:
    """Take out the lock that the environment names in PLANT."""
    fault = os.environ.get("PLANT")
    if fault == "no-scope":  # every manager behaves as if somebody had forgotten it
        mock.patch("django_scopes.manager.get_scope", return_value={"_enabled": False}).start()
    if fault == "no-policy":
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE marketing_marketingtask DISABLE ROW LEVEL SECURITY")
