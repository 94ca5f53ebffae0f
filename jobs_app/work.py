"""What executors do for a job: its replicas now, and what its time goes to."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TypedDict

from django.conf import settings
from django.db.models.functions import Now

from jobs_app.models import Chunk, Job, JobWork
from samplecase.contracts.jobs import WorkReport
from samplecase.contracts.states import ChunkState, JobKind, JobState, WaitingFor


class ReplicaRow(TypedDict):
    """One replica of a job; `id` counts from 1 over all its executors."""

    id: int
    state: str
    done: int


Holders = dict[int, set[str]]


def report(*, job: int, executor: str, work: WorkReport) -> None:
    """Take down what an executor has done so far, instead of what it said before."""
    if not Job.objects.filter(pk=job).exists():
        return  # deleted under the executor's hands
    JobWork.objects.update_or_create(
        job_id=job,
        executor=executor,
        defaults={
            "decode_seconds": work.decode,
            "model_seconds": work.model,
            "write_seconds": work.write,
            "replicas": [{"state": each.state, "done": each.done} for each in work.replicas],
        },
    )


def holders(jobs: Collection[Job]) -> Holders:
    """The executors that hold a chunk of each running job under a lease that is not over."""
    running = [job.pk for job in jobs if job.state == JobState.RUNNING]
    held = Chunk.objects.filter(job__in=running, state=ChunkState.CLAIMED, lease_until__gte=Now())
    found: Holders = {}
    for job, executor in held.values_list("job", "executor").distinct():
        found.setdefault(job, set()).add(executor)
    return found


def is_anyone_at_work() -> bool:
    """Whether an executor holds a chunk of any job, of whosoever."""
    return Chunk.objects.filter(state=ChunkState.CLAIMED, lease_until__gte=Now()).exists()


def waiting_for(job: Job, holding: Holders, *, are_others_served: bool, now: datetime) -> WaitingFor | None:
    """What a job waits for that says *running* and that nobody has worked on for a lease; None for all others."""
    silence = now - timedelta(seconds=settings.LEASE_SECONDS)
    if job.state != JobState.RUNNING or job.kind != JobKind.INFERENCE:
        return None
    if job.pk in holding or job.updated_at > silence:
        return None
    return WaitingFor.TURN if are_others_served else WaitingFor.EXECUTOR


def replicas(job: Job, holding: Holders) -> list[ReplicaRow]:
    """The job's replicas on executors that are alive; none where nothing works on it."""
    alive = holding.get(job.pk, set())
    rows = [each for work in job.works.all() if work.executor in alive for each in work.replicas]
    return [
        ReplicaRow(id=number, state=each["state"], done=each["done"]) for number, each in enumerate(rows, 1)
    ]


def bottleneck(job: Job) -> dict[str, float] | None:
    """The share of its working time, 0..1, that went to files and decoding, the model, and results."""
    works = list(job.works.all())
    seconds = {
        "decode": sum(work.decode_seconds for work in works),
        "model": sum(work.model_seconds for work in works),
        "write": sum(work.write_seconds for work in works),
    }
    whole = sum(seconds.values())
    return {name: round(part / whole, 3) for name, part in seconds.items()} if whole > 0 else None
