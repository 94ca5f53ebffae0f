"""What executors do at the ledger, and what has to be true of a job whatever they do."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from django.utils import timezone

from jobs_app.models import Chunk, Job, SampleError
from samplecase.contracts.jobs import ChunkClaim, SampleResult
from samplecase.contracts.states import Outcome
from samplecase.runtime.ledger import Ledger


def claim(ledger: Ledger, **options: Any) -> ChunkClaim:
    found = ledger.claim_chunk(executor="here", lease_seconds=30, **options)
    assert found is not None
    return found


def results(found: ChunkClaim, label: str = "3") -> list[SampleResult]:
    value = {"label": label, "confidence": 0.5}
    return [SampleResult(each.id, Outcome.DONE, {"predictions": value}) for each in found.samples]


def commit(ledger: Ledger, found: ChunkClaim, what: list[SampleResult] | None = None) -> bool:
    return ledger.commit(
        chunk=found.chunk, fence=found.fence, results=results(found) if what is None else what
    )


def run_to_the_end(ledger: Ledger) -> None:
    while found := ledger.claim_chunk(executor="here", lease_seconds=30):
        assert commit(ledger, found)


def let_leases_lapse() -> None:
    Chunk.objects.filter(state="claimed").update(lease_until=timezone.now() - timedelta(seconds=1))


def assert_counters_equal_rows(job: Job) -> None:
    job.refresh_from_db()
    marks = Counter("".join(Chunk.objects.filter(job=job).values_list("outcomes", flat=True)))
    assert (job.done, job.failed, job.cancelled) == (marks["d"], marks["e"], marks["c"])
    assert job.skipped == marks["h"] + marks["x"] + marks["g"]
    assert job.total == marks.total()
    assert SampleError.objects.filter(job=job).count() == marks["e"]
    assert job.open_chunks == Chunk.objects.filter(job=job, state__in=["pending", "claimed"]).count()
