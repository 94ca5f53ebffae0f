"""Whole jobs at an executor: begun, shared, taken away, fenced off, and told of when the ledger is away."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from samplecase.contracts.jobs import ChunkClaim, SampleResult
from samplecase.contracts.states import ChunkState, JobState
from samplecase.runtime.engines import local
from samplecase.runtime.engines.local import LocalEngine
from samplecase.runtime.engines.port import Replica, ReplicaSpec
from samplecase.runtime.ledger import LedgerUnavailable
from samplecase.runtime.memory_ledger import MemoryLedger
from tests.engine.conftest import World, until
from tests.engine.executing import NUMBERED, by_number, has_lanes, labels, numbered


def test_a_model_that_cannot_start_fails_its_job_with_its_log(world: World) -> None:
    code = "print('looking for weights')\nraise FileNotFoundError('weights.pt')"
    job = world.run(world.spec(code, inputs=NUMBERED, num_replicas=2), numbered(world, 3))
    assert job.state is JobState.FAILED
    assert job.error == ("model_not_started", "FileNotFoundError: weights.pt")
    assert job.log.count("looking for weights") == 1


def test_a_package_that_was_changed_in_the_store_is_not_run(world: World) -> None:
    spec = world.spec(by_number(""), inputs=NUMBERED)
    (file,) = (world.folder / "blobs").rglob(f"*{spec.package_sha256}*")
    file.chmod(0o644)
    file.write_bytes(b"something else")
    job = world.run(spec, numbered(world, 1))
    assert job.state is JobState.FAILED
    assert job.error is not None
    assert "digest" in job.error[1]


def test_small_chunks_share_mini_batches(world: World) -> None:
    code = by_number("print('batch of', len(number))")
    job = world.run(world.spec(code, inputs=NUMBERED, mini_batch=8), numbered(world, 16), chunk_size=3)
    assert "batch of 8" in job.log


def test_jobs_of_several_people_run_side_by_side_in_replicas_of_their_own(world: World) -> None:
    code = by_number("print('pid', os.getpid())\ntime.sleep(0.01)")
    jobs = [
        world.ledger.submit(
            spec=world.spec(code, inputs=NUMBERED, owner=owner),
            samples=numbered(world, 20),
            outputs={"predictions": "p"},
        )
        for owner in (1, 2)
    ]
    with world.executor():
        until(lambda: all(job.state.is_final for job in jobs))
    pids = [{line for line in job.log.splitlines() if line.startswith("pid")} for job in jobs]
    assert [len(each) for each in pids] == [1, 1]
    assert not pids[0] & pids[1]


def test_a_replica_stays_warm_for_the_same_owner_only(world: World) -> None:
    """What it printed while it was loaded stands in the log of every job that it serves."""
    code = by_number("", imports="print('pid', os.getpid())")
    spec, other = (world.spec(code, inputs=NUMBERED, owner=owner) for owner in (1, 2))
    with world.executor():
        pids = []
        for each in (spec, spec, other):
            job = world.ledger.submit(spec=each, samples=numbered(world, 1), outputs={"predictions": "p"})
            until(lambda job=job: job.state.is_final and not has_lanes(job))
            pids.append(job.log)
    assert pids[0] == pids[1] != pids[2]


def test_a_cancelled_job_writes_nothing_more_and_leaves_its_replica(world: World) -> None:
    code = by_number("time.sleep(600) if n > 2 else None")
    job = world.ledger.submit(
        spec=world.spec(code, inputs=NUMBERED), samples=numbered(world, 50), outputs={"predictions": "p"}
    )
    with world.executor():
        # Of two lanes the later one may be the first at the replica: the third sample then waits behind the fourth.
        until(lambda: len(job.results) >= 2)
        world.ledger.cancel(job.id)
        written = set(job.results)
        until(lambda: not has_lanes(job))
    assert set(job.results) == written
    assert len(written) <= 3
    assert job.state is JobState.CANCELLED


def test_a_model_whose_replicas_end_before_they_are_asked_fails_its_job(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = LocalEngine.start_replica

    def start_and_end(engine: LocalEngine, spec: ReplicaSpec) -> Replica:
        replica = start(engine, spec)
        replica.kill()
        return replica

    monkeypatch.setattr(LocalEngine, "start_replica", start_and_end)
    job = world.run(world.spec(by_number(""), inputs=NUMBERED), numbered(world, 3))
    assert job.state is JobState.FAILED
    assert job.error is not None
    assert job.error[0] == "model_not_started"


def test_more_replicas_than_the_host_may_run_cost_no_threads(world: World) -> None:
    spec = world.spec(by_number("time.sleep(0.1)"), inputs=NUMBERED, num_replicas=200)
    job = world.ledger.submit(spec=spec, samples=numbered(world, 4), outputs={"predictions": "p"})
    with world.executor(max_replicas=2):
        until(lambda: bool(job.results))
        lanes = sum(thread.name == f"job-{job.id}" for thread in threading.enumerate())
        until(lambda: job.state.is_final)
    assert lanes <= 4
    assert len(labels(job)) == 4


def test_a_stopped_executor_gives_its_chunks_back_and_another_finishes(world: World) -> None:
    code = by_number("time.sleep(0.02)")
    samples = numbered(world, 60)
    job = world.ledger.submit(
        spec=world.spec(code, inputs=NUMBERED, mini_batch=2),
        samples=samples,
        outputs={"predictions": "p"},
        chunk_size=20,
    )
    with world.executor():
        until(lambda: len(job.results) >= 5)
    assert job.state is JobState.RUNNING
    assert {chunk.state for chunk in world.ledger.chunks.values()} <= {ChunkState.PENDING, ChunkState.DONE}
    with world.executor():
        until(lambda: job.state.is_final)
    assert labels(job) == {sample.id: str(n) for n, sample in enumerate(samples)}


class WatchedLedger(MemoryLedger):
    """Counts what is written, and can be told not to answer."""

    def __init__(self) -> None:
        super().__init__()
        self.written: Counter[int] = Counter()
        self.refused = 0
        self.silent_commits = 0
        self.is_renewing = True

    def claim_chunk(self, *, executor: str, **more: Any) -> ChunkClaim | None:
        """One who is called so claims each chunk but once."""
        if executor == "zombie" and all(chunk.fence for chunk in self.chunks.values()):
            return None
        return super().claim_chunk(executor=executor, **more)

    def renew(self, *, claims: Any, lease_seconds: float) -> set[tuple[int, int]]:
        return super().renew(claims=claims, lease_seconds=lease_seconds) if self.is_renewing else set(claims)

    def commit(self, *, chunk: int, fence: int, results: Sequence[SampleResult]) -> bool:
        if self.silent_commits:
            self.silent_commits -= 1
            raise LedgerUnavailable
        before = set(self.jobs[self.chunks[chunk].job].results)
        is_held = super().commit(chunk=chunk, fence=fence, results=results)
        if is_held:
            self.written.update(result.sample for result in results if result.sample not in before)
        self.refused += not is_held
        return is_held


def test_a_zombie_is_fenced_off(world: World) -> None:
    """Its leases lapse unseen, another executor takes the chunks over, and what it then says is not written."""
    ledger = WatchedLedger()
    ledger.is_renewing = False
    code = by_number(
        "while not os.path.exists(gate): time.sleep(0.02)", f"gate = {str(world.folder / 'gate')!r}"
    )
    samples = numbered(world, 8)
    job = ledger.submit(
        spec=world.spec(code, inputs=NUMBERED, mini_batch=4),
        samples=samples,
        outputs={"predictions": "p"},
        chunk_size=4,
    )
    with contextlib.ExitStack() as stack:
        stack.enter_context(world.executor(ledger, name="zombie", lease_seconds=0.3, max_replicas=4))
        until(lambda: all(chunk.fence == 1 for chunk in ledger.chunks.values()))
        stack.enter_context(world.executor(ledger, lease_seconds=60, max_replicas=4))
        until(lambda: all(chunk.fence > 1 for chunk in ledger.chunks.values()))
        (world.folder / "gate").touch()
        until(lambda: job.state.is_final and ledger.refused > 0)
    assert labels(job) == {sample.id: str(n) for n, sample in enumerate(samples)}
    assert set(ledger.written.values()) == {1}


def test_an_absent_database_delays_and_loses_nothing(world: World) -> None:
    ledger = WatchedLedger()
    ledger.silent_commits = 3
    samples = numbered(world, 10)
    job = ledger.submit(
        spec=world.spec(by_number(""), inputs=NUMBERED), samples=samples, outputs={"predictions": "p"}
    )
    with world.executor(ledger):
        until(lambda: job.state.is_final)
    assert len(labels(job)) == 10


class ForgetfulLedger(MemoryLedger):
    """Takes no log at first."""

    silent_logs = 2

    def append_job_log(self, *, job: int, text: str) -> None:
        if self.silent_logs:
            self.silent_logs -= 1
            raise LedgerUnavailable
        super().append_job_log(job=job, text=text)


def test_what_a_model_printed_while_the_database_was_away_is_in_the_log(world: World) -> None:
    ledger = ForgetfulLedger()
    job = ledger.submit(
        spec=world.spec(by_number("print('seen', n)\ntime.sleep(0.1)"), inputs=NUMBERED),
        samples=numbered(world, 10),
        outputs={"predictions": "p"},
    )
    with world.executor(ledger):
        until(lambda: job.state.is_final)
    assert ledger.silent_logs == 0
    seen = [line for line in job.log.splitlines() if line.startswith("seen")]
    assert sorted(seen) == [f"seen {n}" for n in range(10)]  # the two lanes may come in either order


class AttentiveLedger(MemoryLedger):
    """Knows when leases were renewed, who wrote a last word, and who has left."""

    def __init__(self) -> None:
        super().__init__()
        self.renewals: list[float] = []
        self.spoke: set[str] = set()
        self.left: set[str] = set()

    def renew(self, *, claims: Any, lease_seconds: float) -> set[tuple[int, int]]:
        self.renewals.append(time.monotonic())
        return super().renew(claims=claims, lease_seconds=lease_seconds)

    def report_work(self, **report: Any) -> None:
        self.spoke.add(threading.current_thread().name)
        super().report_work(**report)

    def fail_job(self, **failure: Any) -> None:
        self.spoke.add(threading.current_thread().name)
        super().fail_job(**failure)

    def leave(self) -> None:
        self.left.add(threading.current_thread().name)


def test_replicas_that_end_slowly_keep_no_lease_waiting(world: World) -> None:
    ledger = AttentiveLedger()
    mapping = {"predictions": "p"}
    ends = by_number("") + "    def teardown(self): time.sleep(600)\n"
    short = ledger.submit(spec=world.spec(ends, inputs=NUMBERED), samples=numbered(world, 1), outputs=mapping)
    lasting = world.spec(by_number("time.sleep(0.1)"), inputs=NUMBERED)
    long = ledger.submit(spec=lasting, samples=numbered(world, 60), outputs=mapping)
    with world.executor(ledger, idle_seconds=0.1):
        until(lambda: short.state.is_final)
        until(lambda: long.state.is_final)
    gaps = [later - earlier for earlier, later in itertools.pairwise(ledger.renewals)]
    assert max(gaps) < local.DRAIN_SECONDS


def test_threads_that_end_leave_the_ledger(world: World) -> None:
    ledger = AttentiveLedger()
    broken = world.spec("raise ValueError", inputs=NUMBERED)
    specs = [world.spec(by_number("time.sleep(0.01)"), inputs=NUMBERED), broken]
    jobs = [
        ledger.submit(spec=spec, samples=numbered(world, 3), outputs={"predictions": "p"}) for spec in specs
    ]
    with world.executor(ledger):
        until(lambda: all(job.state.is_final and not has_lanes(job) for job in jobs))
        until(lambda: "closing" in ledger.left)
    assert f"job-{jobs[1].id}" in ledger.spoke
    assert ledger.spoke - {"keeper", "committer"} <= ledger.left


class BrokenLedger(MemoryLedger):
    """Can never write."""

    def commit(self, *, chunk: int, fence: int, results: Sequence[SampleResult]) -> bool:
        raise ValueError("no such column")


def test_results_that_can_never_be_written_end_the_job_with_the_reason(world: World) -> None:
    ledger = BrokenLedger()
    job = ledger.submit(
        spec=world.spec(by_number(""), inputs=NUMBERED),
        samples=numbered(world, 2),
        outputs={"predictions": "p"},
    )
    with world.executor(ledger):
        until(lambda: job.state.is_final)
    assert job.error == ("not_written", "the results cannot be written: no such column")


class MovedLedger(MemoryLedger):
    """Every other call fails, as a database that is being moved would."""

    calls = 0

    def claim_chunk(self, **arguments: Any) -> ChunkClaim | None:
        self.calls += 1
        if self.calls % 2:
            raise LedgerUnavailable
        return super().claim_chunk(**arguments)


def test_claims_go_on_when_the_ledger_answers_again(world: World) -> None:
    ledger = MovedLedger()
    job = ledger.submit(
        spec=world.spec(by_number(""), inputs=NUMBERED),
        samples=numbered(world, 9),
        outputs={"predictions": "p"},
        chunk_size=3,
    )
    with world.executor(ledger):
        until(lambda: job.state.is_final)
    assert len(labels(job)) == 9


def test_a_job_that_has_every_replica_shares_them_with_one_that_comes_later(world: World) -> None:
    code = by_number("time.sleep(0.05)\nout.append({'label': str(os.getpid())})\ncontinue")
    spec = world.spec(code, inputs=NUMBERED, num_replicas=4)
    mapping = {"predictions": "tiny_predictions"}
    huge = world.ledger.submit(spec=spec, samples=numbered(world, 2000), outputs=mapping)
    with world.executor(max_replicas=4):
        until(lambda: len(set(labels(huge).values())) == 4)
        late_spec = dataclasses.replace(spec, owner=2)
        late = world.ledger.submit(spec=late_spec, samples=numbered(world, 200), outputs=mapping)
        until(lambda: late.state.is_final)
        assert huge.state is JobState.RUNNING
        world.ledger.cancel(huge.id)
        until(lambda: not has_lanes(huge))
    assert len(set(labels(late).values())) == 2
    assert not set(labels(late).values()) & set(labels(huge).values())


def test_a_paused_job_is_let_go_and_loses_nothing(world: World) -> None:
    code = by_number("time.sleep(0.01)")
    samples = numbered(world, 120)
    mapping = {"predictions": "tiny_predictions"}
    spec = world.spec(code, inputs=NUMBERED, mini_batch=4, num_replicas=2)
    job = world.ledger.submit(spec=spec, samples=samples, outputs=mapping, chunk_size=16)
    with world.executor():
        until(lambda: len(job.results) >= 20)
        world.ledger.pause(job.id)
        written = len(job.results)
        until(lambda: not has_lanes(job))
        assert len(job.results) == written
        world.ledger.resume(job.id)
        until(lambda: job.state.is_final)
    assert labels(job) == {sample.id: str(n) for n, sample in enumerate(samples)}
