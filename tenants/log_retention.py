"""How long the operation log is kept. System parameter: log_days.

The application may not delete an entry; the function `purge_log` may, of the tenant acted for, and none that is
younger than its own floor.
"""

from django.db import connection

from .parameters import system_parameter


def purge_log() -> int:
    """Delete the entries of the tenant acted for, or the system's own, that are kept no longer; return how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT purge_log(%s)", [system_parameter("log_days")])
        (count,) = cursor.fetchone()
    return count
