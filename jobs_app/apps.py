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
        from jobs_app.exchange.incoming import waiting_bytes
        from jobs_app.guards import finished_by, go_on_with, return_to, unfinished_jobs, written_by
        from models_app.guards import guard_deployments, inherit_deployments, know_versions
        from models_app.named import named_versions
        from samplecase.web.uploads.holdings import count_as_waiting

        guard_deployments(unfinished_jobs)
        inherit_deployments(heir=go_on_with, returner=return_to)
        know_versions(written=written_by, proven=finished_by)
        ask_versions_of(named_versions)
        count_as_waiting(waiting_bytes)
        post_migrate.connect(_schedule, sender=self)


def _schedule(using: str, **_: Any) -> None:
    """After each migration the schedules are those of the code."""
    from jobs_app.schedules import install

    install(using=using)
