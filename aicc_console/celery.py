"""The Celery application: every job is a TenantJob."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_process_init, worker_ready
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aicc_console.settings")
app = Celery("aicc_console", task_cls="tenants.jobs:TenantJob")
app.set_default()  # threads too: else a request thread may publish through an app without our broker
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="jobs")
app.autodiscover_tasks(["tenants.webhooks"], related_name="jobs")  # a package of an app, not an app


@worker_init.connect
def stop_a_privileged_worker(**_signal: Any) -> None:
    """Stop a worker whom row-level security does not bind. Celery would log any other exception, and go on."""
    from tenants import owner

    try:
        owner.require_plain_role()
    except ImproperlyConfigured as fault:
        raise SystemExit(str(fault)) from None


@worker_process_init.connect
def make_ready_for_chunks(**_signal: Any) -> None:
    """Tune the process for the thousands of small objects and the two threads of a turn."""
    from importer.pipeline import tune_process

    tune_process()


@worker_ready.connect
def pick_up_what_was_left(**_signal: Any) -> None:
    """Look for imports that lost their worker, which may have been this one before it was killed."""
    app.send_task("importer.jobs.reap")
