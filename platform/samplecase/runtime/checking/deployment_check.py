"""The check that makes a deployment green: its replica starts, answers as its schema says, is measured and tuned."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from samplecase.contracts.jobs import DeploymentClaim, DeploymentReport, ModelSpec
from samplecase.contracts.log_context import bound
from samplecase.contracts.plans import MAX_CHECKED_SAMPLES
from samplecase.runtime.building import cancelled_by
from samplecase.runtime.checking.examples import ExampleFiles, example_samples, with_plain_inputs
from samplecase.runtime.checking.sizes import proposal, speed_at, speeds
from samplecase.runtime.checking.trial import NotGreen, Trial
from samplecase.runtime.checking.tuning import Abandoned, Tuning
from samplecase.runtime.engines.port import Replica, ReplicaNotStarted
from samplecase.runtime.ledger import Ledger, LedgerUnavailable
from samplecase.runtime.media import MediaSource
from samplecase.runtime.pool import Borrower, ReplicaPool
from samplecase.runtime.settings import ExecutorSettings
from samplecase.runtime.starting import ReplicaStarter
from samplecase.storage.port import StorageUnavailable

logger = logging.getLogger(__name__)

TELL_ATTEMPTS = 20
_tuning_turn = threading.Lock()  # two tunings at once would measure each other


class DeploymentCheck:
    """One check, in a thread of its own, from the claim to the report."""

    def __init__(
        self,
        claim: DeploymentClaim,
        *,
        starter: ReplicaStarter,
        pool: ReplicaPool,
        ledger: Ledger,
        media: MediaSource,
        settings: ExecutorSettings,
    ) -> None:
        self._claim = claim
        self._starter = starter
        self._pool = pool
        self._ledger = ledger
        self._media = media
        self._settings = settings
        self._is_abandoned = threading.Event()
        self._log = claim.note
        self._written = ""
        self._replica: Replica | None = None
        self._tuning: Tuning | None = None
        # Nobody's own: a check does not count among the replicas that its user's jobs may have.
        self._borrower = Borrower(owner=-claim.deployment, name=f"deployment {claim.deployment}")
        self._thread = threading.Thread(target=self._run, name=f"deployment-{claim.deployment}", daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def renew(self, lease_seconds: float) -> None:
        """Keep the lease and show the log so far; stop working when the lease is gone."""
        log = self._log
        if self.is_running and not self._ledger.renew_deployment(
            deployment=self._claim.deployment,
            fence=self._claim.fence,
            lease_seconds=lease_seconds,
            log=log if log != self._written else None,
        ):
            self.abandon()
        self._written = log

    def abandon(self) -> None:
        """Report nothing, and end the replicas."""
        self._is_abandoned.set()
        if self._replica is not None:
            self._replica.kill()
        if self._tuning is not None:
            self._tuning.abandon()

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        with bound(deployment=self._claim.deployment):
            try:
                self._check_and_tell()
            finally:
                self._ledger.leave()

    def _check_and_tell(self) -> None:
        try:
            with cancelled_by(self._is_abandoned):
                report = DeploymentReport(ready=True, measured=self._check())
        except NotGreen as error:
            report = DeploymentReport(ready=False, reason=str(error))
        except StorageUnavailable as error:
            report = DeploymentReport(ready=False, reason=f"the blob store does not answer: {error}")
        except Abandoned:
            return
        except Exception as error:
            logger.exception("the check of deployment %s failed", self._claim.deployment)
            report = DeploymentReport(ready=False, reason=f"{type(error).__name__}: {error}")
        self._tell(report)

    def _tell(self, report: DeploymentReport) -> None:
        for _ in range(TELL_ATTEMPTS):
            if self._is_abandoned.is_set():
                return
            try:
                self._ledger.report_deployment(
                    deployment=self._claim.deployment, fence=self._claim.fence, report=report, log=self._log
                )
            except LedgerUnavailable:
                self._is_abandoned.wait(1)
            else:
                return

    def _say(self, line: str) -> None:
        self._log += f"{line}\n"

    def _check(self) -> Mapping[str, Any]:
        with self._borrowed(self._claim.spec) as replica:
            measured = self._ask(self._claim.spec, replica)
        if self._claim.tunes and self._claim.samples and self._settings.tune_seconds > 0:
            measured |= self._tuned()
        return measured

    @contextmanager
    def _borrowed(self, spec: ModelSpec) -> Iterator[Replica]:
        try:
            # Not one that has seen a job's samples: others than its owner may read what a check prints.
            replica = self._pool.borrow(spec, self._borrower, is_first=True, is_new=True)
        except ReplicaNotStarted as error:
            self._log += error.log
            raise NotGreen(error.message) from error
        if replica is None:
            raise NotGreen("there is no room for a replica")
        self._replica = replica
        if self._is_abandoned.is_set():  # while it was loading
            replica.kill()
        self._log += replica.load_log
        try:
            yield replica
        finally:
            self._replica = None
            self._pool.give_back(spec, self._borrower, replica)

    def _ask(self, spec: ModelSpec, replica: Replica) -> dict[str, Any]:
        files = ExampleFiles()
        package = self._starter.packages.folder_of(spec.package_sha256)
        examples, is_packed = example_samples(spec, package, files)
        trial = Trial(spec, replica, files, files)
        try:
            good = trial.all_of(examples) if is_packed else trial.some_of(examples)
        finally:
            self._log += replica.new_log()
        samples = with_plain_inputs(spec.manifest, self._claim.samples[:MAX_CHECKED_SAMPLES])
        if samples:
            # What the model prints from here on may hold another's images, and this log is read by all editors.
            trial = Trial(spec, replica, self._media, files)
            good = trial.readable_of(samples) or good
            trial = trial if good[0] in samples else Trial(spec, replica, files, files)
        found = speeds(trial, good, spec.mini_batch)
        if not samples:
            self._log += replica.new_log()
        stats = replica.stats()
        return {
            "load_seconds": round(stats.load_seconds, 3),
            "images_per_second": round(speed_at(found, spec.mini_batch), 1),
            "memory_bytes": stats.memory_bytes,
            "mini_batches": [each.as_json() for each in found],
            "proposed": proposal(found, spec, cores=self._settings.cores, memory_bytes=stats.memory_bytes),
        }

    def _tuned(self) -> dict[str, Any]:
        """What a tuning found; one that fails leaves the deployment as it was entered."""
        self._tuning = Tuning(
            claim=self._claim,
            pool=self._pool,
            borrower=self._borrower,
            media=self._media,
            settings=self._settings,
            say=self._say,
            is_abandoned=self._is_abandoned,
        )
        while not _tuning_turn.acquire(timeout=0.2):
            if self._is_abandoned.is_set():
                raise Abandoned
        try:
            return self._tuning.run()
        except (Abandoned, StorageUnavailable):
            raise
        except Exception as error:
            logger.exception("the tuning of deployment %s failed", self._claim.deployment)
            self._say(f"Tuning failed, so the deployment runs as it was entered: {type(error).__name__}")
            return {
                "plan": None,
                "tuning": {"why": f"the tuning failed: {type(error).__name__}", "tried": []},
            }
        finally:
            _tuning_turn.release()
