"""The jobs app."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class JobsConfig(AppConfig):
    name = "jobs_app"
    verbose_name = "Jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from datasets_app.provenance import ask_versions_of
        from jobs_app.guards import unfinished_jobs
        from models_app.guards import guard_deployments
        from models_app.named import named_versions

        guard_deployments(unfinished_jobs)
        ask_versions_of(named_versions)
        post_migrate.connect(_schedule, sender=self)


def _schedule(using: str, **_: Any) -> None:
    """After each migration the schedules are those of the code."""
    from jobs_app.schedules import install

    install(using=using)
