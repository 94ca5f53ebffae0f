"""The steps of a job from state to state that its own work leads to, each a conditional update.

Of several callers exactly one takes a step. What people ask for is in `steering`.
"""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Now, Replace

from jobs_app.models import BulkChunk, Chunk, Job, JobField
from samplecase.contracts.states import ChunkState, JobAction, JobState, Outcome
from samplecase.web.accounts.models import User, record

ERROR_THRESHOLD = "error_threshold"
STORAGE_REFUSED = "storage_refused"
OPEN = (ChunkState.PENDING.value, ChunkState.CLAIMED.value)


def begin(job_id: int) -> bool:
    """queued → running; False when it was no longer queued."""
    queued = Job.objects.filter(pk=job_id, state=JobState.QUEUED)
    return bool(queued.update(state=JobState.RUNNING, started_at=Now(), updated_at=Now()))


def finish(job_id: int) -> bool:
    """running → finished, unless a chunk is open; in the transaction that recorded the last sample."""
    complete = Job.objects.running().filter(pk=job_id, open_chunks=0)
    finished = bool(complete.update(state=JobState.FINISHED, finished_at=Now(), updated_at=Now()))
    if finished:
        free_fields(job_id)
        _record_end(job_id)
    return finished


def fail(*, job_id: int, code: str, message: str) -> bool:
    """queued or running → failed, with a reason that the job's owner understands.

    One that a person paused stays paused: who resumes it meets the same, and is told.
    """
    return end(
        job_id,
        among=(JobState.QUEUED.value, JobState.RUNNING.value),
        state=JobState.FAILED,
        reason=code,
        error_code=code,
        error_message=message,
    )


def end(
    job_id: int, *, among: Collection[str], state: JobState, asked_by: User | None = None, **facts: str
) -> bool:
    """Close a job with all that is open of it; False when its state is not `among` those given.

    1. The job's row by conditional update; a commit that comes later finds it no longer running, one that came
       first is waited for.
    2. Open chunks: what has no outcome becomes `cancelled`, and the fences of their holders are void.
    3. What it has yet to come to is forgotten, and its fields are free for other jobs.
    """
    with transaction.atomic():
        ended = Job.objects.filter(pk=job_id, state__in=among).update(
            state=state,
            finished_at=Now(),
            updated_at=Now(),
            open_chunks=0,
            cancelled=F("total") - F("done") - F("failed") - F("skipped"),
            **facts,
        )
        if not ended:
            return False
        Chunk.objects.filter(job=job_id, state__in=OPEN).update(
            state=ChunkState.CANCELLED,
            lease_until=None,
            outcomes=Replace(F("outcomes"), Value(Outcome.PENDING.value), Value(Outcome.CANCELLED.value)),
        )
        BulkChunk.objects.filter(job=job_id).delete()
        free_fields(job_id)
        _record_end(job_id, asked_by)
        return True


def _record_end(job_id: int, asked_by: User | None = None) -> None:
    """The one audit row of an end: the cancel of who asked for it, or the state that the job's work led to."""
    job = Job.objects.select_related("dataset").defer("log").get(pk=job_id)
    counts = {"done": job.done, "failed": job.failed, "skipped": job.skipped, "cancelled": job.cancelled}
    verb = JobAction.CANCEL if asked_by else job.state
    record(actor=asked_by, action=f"job.{verb}", subject=job, kind=job.kind, **counts)


def rest(jobs: QuerySet[Job], job_id: int, *, reason: str = "", message: str = "") -> bool:
    """Pause the job if it is among `jobs`, in the caller's transaction; False if it is not.

    Claimed chunks wait again, so their holders' fences are void: what these have not committed is done once more
    after the job is resumed, and nothing is written until then.
    """
    told = {"error_code": reason, "error_message": message} if message else {}
    if not jobs.filter(pk=job_id).update(state=JobState.PAUSED, reason=reason, updated_at=Now(), **told):
        return False
    Chunk.objects.filter(job=job_id, state=ChunkState.CLAIMED).update(
        state=ChunkState.PENDING, lease_until=None, executor=""
    )
    return True


def rest_at_threshold(job_id: int) -> bool:
    """running → paused when the first samples, or all if they are fewer, have failed without exception.

    In the transaction that recorded a failure, before the job may be finished by it.
    """
    if not settings.ERROR_THRESHOLD:
        return False
    is_over = Q(failed__gte=settings.ERROR_THRESHOLD) | Q(failed=F("total") - F("skipped"))
    hopeless = Job.objects.running().filter(
        is_over, done=0, failed__gt=0, is_threshold_lifted=False, dry_run=None
    )
    return rest(hopeless, job_id, reason=ERROR_THRESHOLD)


def rest_refused(job_id: int, *, message: str, most: int) -> bool:
    """running → paused when a store or a disk has refused `most` slices in a row."""
    with transaction.atomic():
        refused = Job.objects.running().filter(refusals__gte=most)
        return rest(refused, job_id, reason=STORAGE_REFUSED, message=message)


def free_fields(job_id: int) -> None:
    """Let other jobs write the job's fields."""
    JobField.objects.filter(job=job_id, is_open=True).update(is_open=False)
