"""The start of jobs, and the search for those whose doorbell was lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from jobs_app import doorbell, lifecycle
from jobs_app.clock import from_now
from jobs_app.models import Job
from jobs_app.obstacles import obstacle_to, with_parts
from models_app.following import forget_left_behind
from models_app.models import Deployment
from samplecase.contracts.states import JobState

QUEUED_TOO_LONG = 5  # seconds after which a job is started without its doorbell
SILENT_TOO_LONG = (
    60  # seconds without a slice after which the doorbell of the worker's own jobs counts as lost
)


def start(job_id: int) -> bool:
    """queued → running, or failed with the reason; False when somebody else did it before.

    Rights and deployment are looked at again: the job may have waited long.
    """
    with transaction.atomic():
        queued = Job.objects.select_for_update(of=("self",)).filter(pk=job_id, state=JobState.QUEUED)
        job = with_parts(queued).first()
        if job is None:
            return False
        if obstacle := obstacle_to(job):
            lifecycle.fail(job_id=job_id, code=obstacle.code, message=obstacle.message)
            return True
        lifecycle.begin(job_id)
        doorbell.ring_worker(job.kind, job_id)
        return True


def sweep() -> int:
    """Start what stayed queued for too long, and ring again for evaluations and undos that nobody works on.

    Deployments that were kept for jobs go when these have ended.

    Returns how many jobs that were.
    """
    # The time is that of the host that took the job: where its clock is ahead, the job is not left for that long.
    is_due = Q(created_at__lt=from_now(-QUEUED_TOO_LONG)) | Q(created_at__gt=from_now(QUEUED_TOO_LONG))
    if Deployment.objects.filter(left_behind=True).exists():
        forget_left_behind()
    forgotten = Job.objects.filter(is_due, state=JobState.QUEUED)
    started = sum(start(job_id) for job_id in forgotten.values_list("pk", flat=True))
    bells: list[tuple[QuerySet[Job], Callable[[int], Any]]] = [
        (Job.objects.running().filter(kind=kind), partial(doorbell.ring_worker, kind))
        for kind in doorbell.TASKS
    ]
    bells.append((Job.objects.filter(state=JobState.UNDOING), doorbell.ring_undo))
    return started + sum(
        _ring_again(jobs, job_id, ring)
        for jobs, ring in bells
        for job_id in _silent(jobs).values_list("pk", flat=True)
    )


def _silent(jobs: QuerySet[Job]) -> QuerySet[Job]:
    return jobs.filter(
        Q(updated_at__lt=from_now(-SILENT_TOO_LONG)) | Q(updated_at__gt=from_now(SILENT_TOO_LONG))
    )


def _ring_again(jobs: QuerySet[Job], job_id: int, ring: Callable[[int], Any]) -> bool:
    """Ring for a silent job; of several sweepers only the one that moves its time does."""
    with transaction.atomic():
        found = bool(_silent(jobs).filter(pk=job_id).update(updated_at=Now()))
        if found:
            ring(job_id)
        return found
