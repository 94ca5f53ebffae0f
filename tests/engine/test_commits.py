"""When results are written: soon, at once where a chunk is whole, and in order after a database that was away."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

import pytest

from samplecase.contracts.jobs import SampleRef, SampleResult
from samplecase.contracts.states import Outcome
from samplecase.runtime.batching import ChunkWork
from samplecase.runtime.commits import Committer
from samplecase.runtime.memory_ledger import MemoryLedger, model_spec
from samplecase.runtime.work_times import WorkTimes
from tests.engine.conftest import until

LONG = 20.0
EVERY_SECONDS = 2.0


class SlowLedger(MemoryLedger):
    """Its first commit takes as long as the test wants."""

    def __init__(self) -> None:
        super().__init__()
        self.is_committing = threading.Event()
        self.may_go_on = threading.Event()

    def commit(self, *, chunk: int, fence: int, results: Sequence[SampleResult]) -> bool:
        self.is_committing.set()
        assert self.may_go_on.wait(LONG)
        return super().commit(chunk=chunk, fence=fence, results=results)


@pytest.fixture
def ledger() -> SlowLedger:
    return SlowLedger()


@pytest.fixture
def work(ledger: SlowLedger) -> ChunkWork:
    samples = [SampleRef(number, str(number), "", ".png") for number in range(4)]
    ledger.submit(spec=model_spec(), samples=samples, outputs={})
    claim = ledger.claim_chunk(executor="here", lease_seconds=60)
    assert claim is not None
    return ChunkWork(claim, WorkTimes())


@pytest.fixture
def committer(ledger: SlowLedger) -> Iterator[Committer]:
    made = Committer(
        ledger, every_seconds=EVERY_SECONDS, before_whole=lambda job: None, fail=lambda *what: None
    )
    yield made
    ledger.may_go_on.set()
    made.close()


def results(work: ChunkWork, *numbers: int) -> list[tuple[ChunkWork, SampleResult]]:
    return [(work, SampleResult(number, Outcome.DONE)) for number in numbers]


def test_a_chunk_that_becomes_whole_during_a_commit_is_written_right_after_it(
    ledger: SlowLedger, committer: Committer, work: ChunkWork
) -> None:
    committer.add(results(work, 0, 1))
    assert ledger.is_committing.wait(LONG)
    committer.add(results(work, 2, 3))
    ledger.may_go_on.set()
    began = time.monotonic()
    until(lambda: len(ledger.jobs[1].results) == 4)
    assert time.monotonic() - began < EVERY_SECONDS / 2  # and not with what is written now and then


def test_what_is_not_whole_is_written_now_and_then(
    ledger: SlowLedger, committer: Committer, work: ChunkWork
) -> None:
    ledger.may_go_on.set()
    committer.add(results(work, 0))
    until(lambda: len(ledger.jobs[1].results) == 1)
    assert work.left == 3
