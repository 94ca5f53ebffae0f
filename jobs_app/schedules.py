"""What the worker does at fixed times."""

from __future__ import annotations

from django.db import connections
from django_q.models import Schedule

# name -> (task, minutes between two runs)
SCHEDULES = {
    "jobs: start what nobody rang for": ("jobs_app.tasks.sweep", 1),
    "jobs: forget imported and exported files": ("jobs_app.tasks.forget_exchanged_files", 60),
    "uploads: give up and clear away": ("jobs_app.tasks.forget_uploads", 10),
    "jobs: forget idempotency keys": ("jobs_app.tasks.forget_idempotency_keys", 60),
    "accounts: forget ended sessions and old tries": ("jobs_app.tasks.forget_sign_ins", 60),
}


def install(*, using: str) -> None:
    """Make the rows of `SCHEDULES`, or correct them; doing it twice changes nothing."""
    if Schedule._meta.db_table not in connections[using].introspection.table_names():
        return  # the queue's own migrations were not asked for
    for name, (task, minutes) in SCHEDULES.items():
        Schedule.objects.using(using).update_or_create(
            name=name,
            defaults={"func": task, "schedule_type": Schedule.MINUTES, "minutes": minutes, "repeats": -1},
        )
