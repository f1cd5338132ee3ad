"""The web server's entry: refuses to serve as a database role that row-level security does not bind."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aicc_console.settings")
application = get_wsgi_application()

from tenants.owner import require_plain_role  # noqa: E402  needs the applications loaded

require_plain_role()
