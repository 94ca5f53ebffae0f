"""What jobs have to say of versions and deployments."""

from __future__ import annotations

from collections.abc import Collection

from jobs_app.models import UNFINISHED, Job
from samplecase.contracts.states import JobKind, JobState


def unfinished_jobs(deployments: Collection[int]) -> str:
    """A sentence that says which unfinished jobs use one of `deployments`, or nothing."""
    jobs = Job.objects.filter(deployment__in=deployments, state__in=UNFINISHED)
    count = jobs.count()
    if not count:
        return ""
    if count == 1:
        return "An unfinished job uses it; cancel that first."
    return f"{count} unfinished jobs use it; cancel them first."


def go_on_with(deployment: int, copy: int) -> None:
    """Unfinished jobs of `deployment` stay with the version they were submitted for, which `copy` runs."""
    Job.objects.filter(deployment=deployment, state__in=UNFINISHED).update(deployment=copy)


def return_to(copy: int, deployment: int) -> None:
    """The jobs that ended on `copy` are again of the `deployment` that they were submitted to."""
    Job.objects.filter(deployment=copy).update(deployment=deployment)


def written_by(versions: Collection[int]) -> set[int]:
    """Those of `versions` that values may refer to: a job of theirs has written, whatever became of it."""
    jobs = Job.objects.filter(version__in=versions, kind=JobKind.INFERENCE, dry_run=None, done__gt=0)
    return set(jobs.order_by().values_list("version", flat=True).distinct())


def finished_by(versions: Collection[int]) -> set[int]:
    """Those of `versions` that have answered for samples, in a finished job or try."""
    jobs = Job.objects.filter(version__in=versions, kind=JobKind.INFERENCE, done__gt=0)
    return set(jobs.filter(state=JobState.FINISHED).order_by().values_list("version", flat=True).distinct())
