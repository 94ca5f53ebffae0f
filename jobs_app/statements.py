"""What the ledger asks and says for every chunk, built once: its rows as plain tuples, right on both databases."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Now

from datasets_app.models import Field, Value
from jobs_app.clock import from_now
from jobs_app.models import Chunk, Job, JobField
from jobs_app.obstacles import ON_ITS_WAY
from samplecase.contracts.states import ChunkState, JobKind, Outcome
from samplecase.web.prepared import Prepared, PreparedUpdate


class HeldJob(NamedTuple):
    """A running job whose row is locked until the transaction ends."""

    pk: int
    dataset: int
    version: int | None
    version_sha256: str
    on_existing: str
    dry_run: int | None
    open_chunks: int


class HeldChunk(NamedTuple):
    """A chunk under the fence of a claim, in the transaction that holds its job."""

    pk: int
    fence: int
    samples: list[int]
    outcomes: str
    inputs: dict[str, str]  # digests, see `inputs.Inputs.digests`
    losses: int  # see `trials`

    @property
    def pending(self) -> list[int]:
        pairs = zip(self.samples, self.outcomes, strict=True)
        return [sample for sample, outcome in pairs if outcome == Outcome.PENDING]


def hold_job(job_id: int) -> HeldJob | None:
    """The job, if it runs."""
    return next((HeldJob(*row) for row in _running(job_id)), None)


def job_of(chunk_id: int) -> tuple[int, dict[str, str]] | None:
    """The chunk's job, and the type of the field that each of its outputs goes to; None if the chunk is gone."""
    rows = _job_of(chunk_id)
    return (rows[0][0], {output: type for _, output, type in rows if output is not None}) if rows else None


def held_chunk(chunk_id: int, fence: int) -> HeldChunk | None:
    """The chunk, while that claim holds it."""
    for samples, outcomes, inputs, losses in _held(chunk_id, fence):
        return HeldChunk(chunk_id, fence, json.loads(samples), outcomes, json.loads(inputs), losses)
    return None


def take_chunk(
    job_id: int, *, executor: str, lease_seconds: float, chunk_id: int | None = None
) -> HeldChunk | None:
    """The first chunk of the job that waits or was let go, or the one named, under its next fence; None without one."""
    waiting = _waiting(job_id) if chunk_id is None else _is_waiting(chunk_id)
    lapsed = _lapsed(job_id) if chunk_id is None else _is_lapsed(chunk_id)
    found = [*((*row, 0) for row in waiting), *((*row, 1) for row in lapsed)]
    if not found:
        return None
    _, pk, attempt, losses, samples, outcomes, is_lost = min(found)
    losses += is_lost
    _claim(lease_seconds)(attempt + 1, executor, losses, pk)
    return HeldChunk(pk, attempt + 1, json.loads(samples), outcomes, {}, losses)


def _some_work() -> QuerySet[Job, Any]:
    chunks = Chunk.objects.filter(job=OuterRef("pk"))
    work = Exists(chunks.pending()) | Exists(chunks.lapsed())  # each is the beginning of an index
    jobs = Job.objects.running().filter(work, kind=JobKind.INFERENCE)
    return jobs.exclude(deployment__state__in=ON_ITS_WAY).order_by("pk").values_list("owner", "pk")


def _first(chunks: QuerySet[Chunk]) -> QuerySet[Chunk, Any]:
    ordered = chunks.order_by("index")
    return ordered.values_list("index", "pk", "attempt", "losses", "sample_ids", "outcomes")[:1]


@cache
def _claim(lease_seconds: float) -> PreparedUpdate:
    return PreparedUpdate(
        lambda attempt, executor, losses, chunk: (
            Chunk.objects.filter(pk=chunk),
            {
                "state": ChunkState.CLAIMED,
                "attempt": attempt,
                "lease_until": from_now(lease_seconds),
                "executor": executor,
                "losses": losses,
            },
        )
    )


some_work = Prepared(_some_work)
_running = Prepared(
    lambda job: (
        Job.objects.running()
        .filter(pk=job)
        .select_for_update()
        .values_list(
            *("pk", "dataset", "version", "version_sha256"), *("on_existing", "dry_run", "open_chunks")
        )
    )
)
_job_of = Prepared(
    lambda chunk: Chunk.objects.filter(pk=chunk).values_list(
        *("job", "job__job_fields__output", "job__job_fields__field__type")
    )
)
_held = Prepared(
    lambda chunk, fence: Chunk.objects.held(chunk=chunk, fence=fence).values_list(
        "sample_ids", "outcomes", "inputs", "losses"
    )
)
_waiting = Prepared(lambda job: _first(Chunk.objects.pending().filter(job=job)))
_lapsed = Prepared(lambda job: _first(Chunk.objects.lapsed().filter(job=job)))
_is_waiting = Prepared(lambda chunk: _first(Chunk.objects.pending().filter(pk=chunk)))
_is_lapsed = Prepared(lambda chunk: _first(Chunk.objects.lapsed().filter(pk=chunk)))

# `(field, output)` of the fields that a job writes.
outputs_of = Prepared(lambda job: JobField.objects.filter(job=job).values_list("field", "output"))

# The same fields, held until the transaction ends, in the order that all writers keep.
hold_fields = Prepared(
    lambda job: (
        Field.with_deleted.filter(pk__in=JobField.objects.filter(job=job).values("field"))
        .select_for_update(no_key=True)
        .order_by("pk")
        .values_list("pk", "dataset", "name", "type", "deleted_at")
    )
)
# Whether any value stands in a job's fields on samples from one id to another.
is_touched = Prepared(
    lambda job, first, last: (
        Value.objects.filter(
            field__in=JobField.objects.filter(job=job).values("field"), sample__gte=first, sample__lte=last
        )
        .order_by()
        .values_list("pk")[:1]
    )
)

# What came of a chunk: part of it, or all.
note_part = PreparedUpdate(
    lambda outcomes, chunk, fence: (
        Chunk.objects.held(chunk=chunk, fence=fence),
        {"outcomes": outcomes},
    )
)
note_whole = PreparedUpdate(
    lambda outcomes, chunk, fence: (
        Chunk.objects.held(chunk=chunk, fence=fence),
        {"outcomes": outcomes, "state": ChunkState.DONE, "inputs": {}},
    )
)
count = PreparedUpdate(
    lambda done, failed, skipped, closed, job: (
        Job.objects.filter(pk=job),
        {
            "done": F("done") + done,
            "failed": F("failed") + failed,
            "skipped": F("skipped") + skipped,
            "open_chunks": F("open_chunks") - closed,
            "updated_at": Now(),
        },
    )
)
