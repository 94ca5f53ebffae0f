"""What jobs have to say before a deployment is deleted."""

from __future__ import annotations

from collections.abc import Collection

from jobs_app.models import UNFINISHED, Job


def unfinished_jobs(deployments: Collection[int]) -> str:
    """A sentence that says which unfinished jobs use one of `deployments`, or nothing."""
    jobs = Job.objects.filter(deployment__in=deployments, state__in=UNFINISHED)
    count = jobs.count()
    if not count:
        return ""
    if count == 1:
        return "An unfinished job uses it; cancel that first."
    return f"{count} unfinished jobs use it; cancel them first."
