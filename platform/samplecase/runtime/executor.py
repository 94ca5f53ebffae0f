"""The executor: claims chunks and deployments from the ledger, has them done, and keeps its leases alive."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from samplecase.contracts.jobs import ChunkClaim
from samplecase.contracts.log_context import bound
from samplecase.runtime.batch_limits import BatchLimits
from samplecase.runtime.batching import ChunkWork
from samplecase.runtime.checking.deployment_check import DeploymentCheck
from samplecase.runtime.commits import Committer
from samplecase.runtime.engines.local import LocalEngine
from samplecase.runtime.engines.port import Engine
from samplecase.runtime.job_runner import JobRunner, Tools
from samplecase.runtime.ledger import Ledger, LedgerUnavailable
from samplecase.runtime.media_cache import MediaCache
from samplecase.runtime.own_folder import OwnFolder
from samplecase.runtime.pool import ReplicaPool
from samplecase.runtime.settings import ExecutorSettings
from samplecase.runtime.starting import ReplicaStarter
from samplecase.storage.port import BlobStore

logger = logging.getLogger(__name__)

GRACE_SECONDS = 5.0
CLAIMING_SECONDS = 0.25  # in one go, before its other duties


class Executor:
    """Works for one ledger until it is told to stop. One per host, or more; they share nothing but the ledger."""

    def __init__(
        self, ledger: Ledger, blobs: BlobStore, settings: ExecutorSettings, engine: Engine | None = None
    ) -> None:
        self._ledger = ledger
        self._settings = settings
        self._folder = OwnFolder(settings.work_dir)
        self._engine = engine or LocalEngine(self._folder.path)
        self._starter = ReplicaStarter(settings, blobs, self._engine)
        self._pool = ReplicaPool(
            self._starter.start,
            max_replicas=settings.max_replicas,
            idle_seconds=settings.idle_seconds,
            max_per_owner=settings.max_replicas_per_owner,
        )
        self._media = MediaCache(blobs, self._folder.path / "media-cache", settings.media_cache_bytes)
        self._decoders = ThreadPoolExecutor(settings.cores, thread_name_prefix="decoder")
        self._limits = BatchLimits()
        self._work_wanted = threading.Event()
        self._lock = threading.Lock()
        self._telling = threading.Lock()
        self._runners: dict[int, JobRunner] = {}
        self._closing: list[threading.Thread] = []
        self._checks: list[DeploymentCheck] = []
        self._next_sweep = 0.0

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set; then give back what is not done and end every replica."""
        logger.info("executor %s starts", self._settings.name)
        self._committer = Committer(
            self._ledger,
            every_seconds=self._settings.commit_seconds,
            before_whole=self._write_log_of,
            fail=self._fail_job,
        )
        is_over = threading.Event()
        # Leases have a thread of their own: those that talk, and replicas that end slowly, keep nobody's lease waiting.
        keepers = [
            threading.Thread(target=self._keep, args=(is_over, duties), name="keeper", daemon=True)
            for duties in ([self._renew], [self._tell_all, self._pool.expire])
        ]
        for keeper in keepers:
            keeper.start()
        try:
            while not stop.is_set():
                self._work_wanted.clear()
                self._attempt(self._turn)
                self._work_wanted.wait(self._settings.poll_seconds)
        finally:
            self._shut_down()
            is_over.set()
            for keeper in keepers:
                keeper.join()
            logger.info("executor %s has stopped", self._settings.name)

    def _attempt(self, action: Callable[[], object]) -> None:
        """Nothing that one turn meets may end the executor; the next turn tries again."""
        try:
            action()
        except LedgerUnavailable:
            logger.warning("the ledger does not answer")
        except Exception:
            logger.exception("a turn of the executor failed")

    # -- claiming -----------------------------------------------------------------------

    def _turn(self) -> None:
        self._sweep()
        self._claim_chunks()
        # After claiming: a runner between two chunks of its job keeps its loaded replicas.
        self._retire()
        self._claim_deployment()

    def _sweep(self) -> None:
        if time.monotonic() >= self._next_sweep:
            self._next_sweep = time.monotonic() + self._settings.sweep_seconds
            self._folder.remove_abandoned()
            self._ledger.sweep()

    def _claim_chunks(self) -> None:
        """One chunk for each job in turn, as long as somebody has use for one, but not for long.

        Jobs that are faster than their claims would keep the executor from its other duties until they are over.
        """
        until = time.monotonic() + CLAIMING_SECONDS
        while time.monotonic() < until:
            with self._lock:
                busy = [job for job, runner in self._runners.items() if runner.is_busy]
            claim = self._ledger.claim_chunk(
                executor=self._settings.name, lease_seconds=self._settings.lease_seconds, busy_jobs=busy
            )
            if claim is None:
                break
            self._accept(claim)
        else:
            self._work_wanted.set()
            return
        with self._lock:
            for job, runner in self._runners.items():
                if job not in busy:
                    runner.nothing_more()

    def _accept(self, claim: ChunkClaim) -> None:
        with self._lock:
            runner = self._runners.get(claim.job)
        try:
            runner = runner or self._new_runner(claim)
        except Exception as error:
            with bound(job=claim.job):
                logger.exception("job %s cannot be started", claim.job)
            self._fail_job(claim.job, "model_not_started", f"{type(error).__name__}: {error}")
            return
        with self._lock:
            self._runners[claim.job] = runner
            runner.add(ChunkWork(claim, runner.times))

    def _new_runner(self, claim: ChunkClaim) -> JobRunner:
        tools = Tools(
            pool=self._pool,
            media=self._media,
            committer=self._committer,
            decoders=self._decoders,
            limits=self._limits,
            ask_for_work=self._work_wanted.set,
            fail=self._fail_job,
        )
        return JobRunner(job=claim.job, spec=claim.spec, outputs=list(claim.outputs), tools=tools)

    def _claim_deployment(self) -> None:
        """Several are checked at once, so that one that takes long keeps none of the others waiting."""
        self._checks = [check for check in self._checks if check.is_running]
        if len(self._checks) >= self._settings.checks_at_once:
            return
        claim = self._ledger.claim_deployment(
            executor=self._settings.name, lease_seconds=self._settings.lease_seconds
        )
        if claim is not None:
            check = DeploymentCheck(
                claim,
                starter=self._starter,
                pool=self._pool,
                ledger=self._ledger,
                media=self._media,
                settings=self._settings,
            )
            self._checks = [*self._checks, check]  # a new list: the keeper may be going through the old one

    # -- ending -------------------------------------------------------------------------

    def _retire(self) -> None:
        """Let go of chunks that are whole or lost, and of the runners that have none left."""
        self._closing = [thread for thread in self._closing if thread.is_alive()]
        with self._lock:
            for job, runner in list(self._runners.items()):
                for key, work in list(runner.works.items()):
                    if work.is_dropped or work.left <= 0:
                        del runner.works[key]
                if not runner.works:
                    del self._runners[job]
                    self._close_aside(runner)

    def _close_aside(self, runner: JobRunner) -> None:
        thread = threading.Thread(target=self._close_runner, args=(runner,), name="closing", daemon=True)
        thread.start()
        self._closing.append(thread)

    def _close_runner(self, runner: JobRunner, patience_seconds: float = 1.0) -> None:
        runner.close(patience_seconds)
        self._attempt(lambda: self._tell(runner))
        self._ledger.leave()

    def _fail_job(self, job: int, code: str, message: str) -> None:
        """Called by lanes and the committer.

        Where the ledger does not answer, the leases run out, and who claims the chunks then meets the same.
        """
        with self._lock:
            runner = self._runners.get(job)
            for work in list(runner.works.values()) if runner else ():
                work.is_dropped = True
        if runner is not None:
            self._attempt(lambda: self._tell(runner))
        with bound(job=job):
            logger.error("job %s fails: %s", job, message)
        self._attempt(lambda: self._ledger.fail_job(job=job, code=code, message=message))
        self._ledger.leave()  # mostly a lane, which ends

    def _shut_down(self) -> None:
        for check in self._checks:
            check.abandon()
        with self._lock:
            runners = list(self._runners.values())
        closing = [
            threading.Thread(target=self._close_runner, args=(runner, GRACE_SECONDS), daemon=True)
            for runner in runners
        ]
        for thread in closing:
            thread.start()
        for thread in closing:
            thread.join(GRACE_SECONDS + 1)
        # Only what still loads or builds is left by now.
        self._starter.close()
        self._engine.close()
        for thread in [*closing, *self._closing]:
            thread.join()
        self._committer.close()
        for runner in runners:
            for work in runner.works.values():
                if not work.is_dropped and work.left > 0:
                    self._release(work)
        for check in self._checks:
            check.join()
        self._pool.close()
        self._media.close()
        self._decoders.shutdown()
        self._folder.remove()

    def _release(self, work: ChunkWork) -> None:
        self._attempt(lambda: self._ledger.release(chunk=work.claim.chunk, fence=work.claim.fence))

    # -- keeping ------------------------------------------------------------------------

    def _keep(self, is_over: threading.Event, duties: Sequence[Callable[[], object]]) -> None:
        """Do each of these again and again until the end."""
        while not is_over.wait(self._settings.renew_seconds):
            for duty in duties:
                self._attempt(duty)

    def _renew(self) -> None:
        with self._lock:
            works = {key: work for runner in self._runners.values() for key, work in runner.works.items()}
        if works:
            held = self._ledger.renew(claims=list(works), lease_seconds=self._settings.lease_seconds)
            for key, work in works.items():
                # One that is whole is no longer held, and nothing of it is left to drop.
                if key not in held and work.left > 0:
                    work.is_dropped = True
        for check in self._checks:
            check.renew(self._settings.lease_seconds)

    def _tell_all(self) -> None:
        with self._lock:
            runners = list(self._runners.values())
        for runner in runners:
            self._attempt(partial(self._tell, runner))

    def _write_log_of(self, job: int) -> None:
        """So that a job that is finished has its log."""
        with self._lock:
            runner = self._runners.get(job)
        if runner is not None:
            self._attempt(lambda: self._write_log(runner))

    def _tell(self, runner: JobRunner) -> None:
        """What its model printed, and what its time went to, since the last time."""
        self._write_log(runner)
        with self._telling:
            if (report := runner.report()) != runner.reported:
                self._ledger.report_work(job=runner.job, executor=self._settings.name, report=report)
                runner.reported = report

    def _write_log(self, runner: JobRunner) -> None:
        # One at a time: who finds nothing new may rely on it that what there was is written.
        with self._telling:
            text = runner.new_log()
            if text:
                try:
                    self._ledger.append_job_log(job=runner.job, text=text)
                except LedgerUnavailable:
                    runner.keep_log(text)
                    raise
