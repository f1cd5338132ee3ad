"""The web server's entry: refuses to serve as a database role that row-level security does not bind."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aicc_console.settings")
served = get_wsgi_application()

from importer.uploads import most_body_bytes  # noqa: E402  needs the applications loaded
from tenants.owner import require_plain_role  # noqa: E402

from .chunked import Measured  # noqa: E402

require_plain_role()
application = Measured(served, most=most_body_bytes())
