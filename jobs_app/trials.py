"""Chunks whose executors are lost: tried alone, in smaller and smaller parts, until the sample to blame is found.

`Chunk.losses` counts the claims in a row that ended with their lease and without a result. A chunk that was lost
twice is *on trial*: the executor that claims it holds nothing else, so that no other chunk is lost with it, and gets a
part of its samples only. When a single sample was lost as well, that sample is an error and the others go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Now

from jobs_app.lifecycle import OPEN
from jobs_app.models import Chunk, Job
from jobs_app.obstacles import ON_ITS_WAY
from jobs_app.statements import HeldChunk
from samplecase.contracts.jobs import SampleResult
from samplecase.contracts.states import ChunkState, Outcome
from samplecase.web.prepared import Prepared

MOST_LOSSES = 5
PARTS = {2: 8, 3: 64}  # losses -> of so many samples one is tried; below 2: all, from 4 on: one alone
ON_TRIAL = min(PARTS)
AFTERWARDS = MOST_LOSSES - 2  # once a sample was blamed: its neighbours are tried with care
MESSAGE = (
    f"The executor was lost {MOST_LOSSES} times in a row while it worked on this sample, the last time on this sample"
    " alone: it was killed, ran out of memory, or could not reach the database. Its log may say more; a retry tries"
    " the sample again."
)


@dataclass(frozen=True)
class Step:
    """Whether an executor may claim now, and which chunk it then has to begin with: `(job, chunk)`."""

    may_claim: bool
    first: tuple[int, int] | None = None


def next_step(executor: str) -> Step:
    """While it holds a chunk on trial it claims nothing more; before it takes one it ends what it has."""
    if not _suspects():
        return Step(may_claim=True)
    held = Chunk.objects.filter(state=ChunkState.CLAIMED, executor=executor, lease_until__gte=Now())
    if held.filter(losses__gte=ON_TRIAL).exists():
        return Step(may_claim=False)
    jobs = Job.objects.running().exclude(deployment__state__in=ON_ITS_WAY)
    would_be = Q(losses__gte=ON_TRIAL) | Q(state=ChunkState.CLAIMED)
    free = Chunk.objects.pending() | Chunk.objects.lapsed()
    waiting = free.filter(would_be, losses__gte=ON_TRIAL - 1, job__in=jobs)
    first = waiting.order_by("pk").values_list("job", "pk").first()
    return Step(may_claim=first is None or not held.exists(), first=first)


# Asked before every claim, and nearly always in vain: a look at the beginning of an index.
_suspects = Prepared(
    lambda: Chunk.objects.filter(losses__gte=ON_TRIAL - 1, state__in=OPEN).order_by().values_list("pk")[:1]
)


def part(chunk: HeldChunk, samples: Sequence[int]) -> Sequence[int]:
    """The samples that a claim of `chunk` gets of those that have no outcome."""
    if chunk.losses < ON_TRIAL:
        return samples
    return samples[: max(1, len(samples) // PARTS.get(chunk.losses, len(samples) + 1))]


def is_over(chunk: HeldChunk) -> bool:
    return chunk.losses >= MOST_LOSSES


def blamed(sample: int) -> SampleResult:
    return SampleResult(sample, Outcome.ERROR, reason="executor_lost", message=MESSAGE)


def end_claim(chunk: HeldChunk) -> None:
    """Let a chunk on trial be claimed again at once, when its part was settled at the claim itself."""
    if chunk.losses >= ON_TRIAL:
        _hand_back(chunk, losses=AFTERWARDS if is_over(chunk) else chunk.losses)


def count_success(chunk: HeldChunk) -> None:
    """Results of it were written: it is less suspect, and one on trial can be claimed again for its next part."""
    if chunk.losses >= ON_TRIAL:
        _hand_back(chunk, losses=chunk.losses - 1)
    elif chunk.losses:
        Chunk.objects.filter(pk=chunk.pk).update(losses=0)


def _hand_back(chunk: HeldChunk, *, losses: int) -> None:
    """It may wait already, if this transaction has paused its job."""
    open_ones = Chunk.objects.filter(pk=chunk.pk, attempt=chunk.fence, state__in=OPEN)
    open_ones.update(state=ChunkState.PENDING, lease_until=None, executor="", losses=losses)
