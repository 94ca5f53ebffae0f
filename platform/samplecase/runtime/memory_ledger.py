"""The ledger in memory: the port's twin for tests and for trying a model without a database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from samplecase.contracts.jobs import (
    ChunkClaim,
    DeploymentClaim,
    DeploymentReport,
    ModelSpec,
    SampleRef,
    SampleResult,
    WorkReport,
)
from samplecase.contracts.states import ChunkState, DeploymentState, JobState


@dataclass
class MemoryChunk:
    """A chunk's row."""

    id: int
    job: int
    samples: Sequence[SampleRef]
    state: ChunkState = ChunkState.PENDING
    fence: int = 0
    lease_until: float = 0.0


@dataclass
class MemoryJob:
    """A job's row, with the outcome of each sample that has one."""

    id: int
    spec: ModelSpec
    outputs: Mapping[str, str]
    state: JobState = JobState.RUNNING
    results: dict[int, SampleResult] = field(default_factory=dict)
    error: tuple[str, str] | None = None
    log: str = ""
    reports: dict[str, WorkReport] = field(default_factory=dict)  # the last one of each executor


@dataclass
class MemoryDeployment:
    """A deployment's row."""

    id: int
    spec: ModelSpec
    state: DeploymentState = DeploymentState.PENDING
    fence: int = 0
    lease_until: float = 0.0
    report: DeploymentReport | None = None
    log: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


class MemoryLedger:
    """Implements `samplecase.runtime.ledger.Ledger`; one lock is its transaction."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.RLock()
        self._last_owner = 0
        self._last_jobs: dict[int, int] = {}
        self.jobs: dict[int, MemoryJob] = {}
        self.chunks: dict[int, MemoryChunk] = {}
        self.deployments: dict[int, MemoryDeployment] = {}

    # -- what an application would do --------------------------------------------------------------

    def submit(
        self,
        *,
        spec: ModelSpec,
        samples: Sequence[SampleRef],
        outputs: Mapping[str, str],
        chunk_size: int = 128,
    ) -> MemoryJob:
        with self._lock:
            job = MemoryJob(id=len(self.jobs) + 1, spec=spec, outputs=outputs)
            self.jobs[job.id] = job
            for start in range(0, len(samples), chunk_size):
                number = len(self.chunks) + 1
                self.chunks[number] = MemoryChunk(number, job.id, samples[start : start + chunk_size])
            return job

    def deploy(self, spec: ModelSpec, **facts: Any) -> MemoryDeployment:
        """`facts` are more of the claim's: samples of a dataset, and whether to tune on them."""
        with self._lock:
            self.deployments[spec.deployment] = MemoryDeployment(spec.deployment, spec, facts=facts)
            return self.deployments[spec.deployment]

    def cancel(self, job: int) -> None:
        with self._lock:
            self._end(job, JobState.CANCELLED)

    def pause(self, job: int) -> None:
        with self._lock:
            self.jobs[job].state = JobState.PAUSED
            for chunk in self.chunks.values():
                if chunk.job == job and chunk.state is ChunkState.CLAIMED:
                    chunk.state = ChunkState.PENDING

    def resume(self, job: int) -> None:
        with self._lock:
            self.jobs[job].state = JobState.RUNNING

    def _end(self, job: int, state: JobState) -> None:
        self.jobs[job].state = state
        for chunk in self.chunks.values():
            if chunk.job == job and chunk.state is not ChunkState.DONE:
                chunk.state = ChunkState.CANCELLED

    # -- the port ----------------------------------------------------------------------------------

    def sweep(self) -> int:
        return 0  # its jobs are running from the first

    def claim_chunk(
        self, *, executor: str, lease_seconds: float, busy_jobs: Collection[int] = ()
    ) -> ChunkClaim | None:
        with self._lock:
            free = [
                chunk for chunk in self.chunks.values() if chunk.job not in busy_jobs and self._is_free(chunk)
            ]
            if not free:
                return None
            chunk = min(free, key=self._turn)
            owner = self.jobs[chunk.job].spec.owner
            self._last_owner, self._last_jobs[owner] = owner, chunk.job
            chunk.state, chunk.fence = ChunkState.CLAIMED, chunk.fence + 1
            chunk.lease_until = self._now() + lease_seconds
            job = self.jobs[chunk.job]
            rest = [sample for sample in chunk.samples if sample.id not in job.results]
            return ChunkClaim(job.id, chunk.id, chunk.fence, job.spec, job.outputs, rest)

    def _turn(self, chunk: MemoryChunk) -> tuple[bool, int, bool, int, int]:
        """Sorts the owners after the last one first, and each one's jobs after his last one first."""
        owner = self.jobs[chunk.job].spec.owner
        is_done = chunk.job <= self._last_jobs.get(owner, 0)
        return owner <= self._last_owner, owner, is_done, chunk.job, chunk.id

    def _is_free(self, chunk: MemoryChunk) -> bool:
        if self.jobs[chunk.job].state is not JobState.RUNNING:
            return False
        lapsed = chunk.state is ChunkState.CLAIMED and chunk.lease_until < self._now()
        return lapsed or chunk.state is ChunkState.PENDING

    def _held(self, chunk: int, fence: int) -> MemoryChunk | None:
        row = self.chunks[chunk]
        is_held = row.state is ChunkState.CLAIMED and row.fence == fence
        return row if is_held and self.jobs[row.job].state is JobState.RUNNING else None

    def renew(self, *, claims: Collection[tuple[int, int]], lease_seconds: float) -> set[tuple[int, int]]:
        with self._lock:
            held = {(chunk, fence) for chunk, fence in claims if self._held(chunk, fence)}
            for chunk, _ in held:
                self.chunks[chunk].lease_until = self._now() + lease_seconds
            return held

    def commit(self, *, chunk: int, fence: int, results: Sequence[SampleResult]) -> bool:
        with self._lock:
            row = self._held(chunk, fence)
            if row is None:
                return False
            job = self.jobs[row.job]
            for result in results:
                job.results.setdefault(result.sample, result)
            if all(sample.id in job.results for sample in row.samples):
                row.state = ChunkState.DONE
            if all(each.state is ChunkState.DONE for each in self.chunks.values() if each.job == job.id):
                job.state = JobState.FINISHED
            return True

    def release(self, *, chunk: int, fence: int) -> None:
        with self._lock:
            row = self._held(chunk, fence)
            if row is not None:
                row.state = ChunkState.PENDING

    def fail_job(self, *, job: int, code: str, message: str) -> None:
        with self._lock:
            if self.jobs[job].state is JobState.RUNNING:
                self.jobs[job].error = (code, message)
                self._end(job, JobState.FAILED)

    def append_job_log(self, *, job: int, text: str) -> None:
        with self._lock:
            self.jobs[job].log += text

    def report_work(self, *, job: int, executor: str, report: WorkReport) -> None:
        with self._lock:
            self.jobs[job].reports[executor] = report

    def claim_deployment(self, *, executor: str, lease_seconds: float) -> DeploymentClaim | None:
        with self._lock:
            for row in self.deployments.values():
                lapsed = row.state is DeploymentState.BUILDING and row.lease_until < self._now()
                if lapsed or row.state is DeploymentState.PENDING:
                    row.state, row.fence = DeploymentState.BUILDING, row.fence + 1
                    row.lease_until = self._now() + lease_seconds
                    return DeploymentClaim(row.id, row.fence, row.spec, **row.facts)
            return None

    def renew_deployment(
        self, *, deployment: int, fence: int, lease_seconds: float, log: str | None = None
    ) -> bool:
        with self._lock:
            row = self.deployments[deployment]
            is_held = row.fence == fence and row.state is DeploymentState.BUILDING
            if is_held:
                row.log = row.log if log is None else log
                row.lease_until = self._now() + lease_seconds
            return is_held

    def report_deployment(self, *, deployment: int, fence: int, report: DeploymentReport, log: str) -> bool:
        with self._lock:
            row = self.deployments[deployment]
            if row.fence != fence or row.state is not DeploymentState.BUILDING:
                return False
            row.report, row.log = report, log
            row.state = DeploymentState.READY if report.ready else DeploymentState.FAILED
            return True

    def leave(self) -> None:
        """Nothing is kept for a thread."""


def model_spec(**changes: Any) -> ModelSpec:
    """A specification with the defaults of the deploy dialog."""
    plain = ModelSpec(
        deployment=1,
        model=1,
        version=1,
        package_sha256="",
        manifest={},
        mini_batch=1,
        num_replicas=1,
        num_gpus=0,
        custom_environment=False,
        sandbox="none",
        owner=1,
    )
    return replace(plain, **changes)
