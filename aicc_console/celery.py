"""The Celery application: every job is a TenantJob."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aicc_console.settings")
app = Celery("aicc_console", task_cls="tenants.jobs:TenantJob")
app.set_default()  # threads too: else a request thread may publish through an app without our broker
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="jobs")
