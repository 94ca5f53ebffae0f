"""How fast a job goes and when it will be over, from its counters alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from jobs_app.models import Job
from samplecase.contracts.states import JobState

# A running job that recorded nothing for so long says no rate: it stands still, or its model still loads.
SILENCE = timedelta(seconds=60)


def rate(job: Job, *, now: datetime) -> float | None:
    """Samples per second that the model did, from the job's start (or resumption) to its last progress.

    None where nothing is known.

    It changes only with the row, so that a page that polls gets "unchanged" between two commits.
    """
    worked = job.done + job.failed - job.worked_before
    since = job.resumed_at or job.started_at
    if since is None or not worked:
        return None
    if job.state == JobState.RUNNING and now - job.updated_at > SILENCE:
        return None
    end = job.finished_at or job.updated_at
    seconds = (end - since).total_seconds()
    return round(worked / seconds, 2) if seconds > 0 else None


def eta_seconds(job: Job, *, now: datetime) -> int | None:
    """Seconds that a running job still needs, as of its last progress."""
    speed = rate(job, now=now)
    if job.state != JobState.RUNNING or not speed:
        return None
    return round(job.remaining / speed)
