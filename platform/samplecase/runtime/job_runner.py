"""One job at work on this executor: its replicas, two lanes to each, and what is done when a batch fails."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from samplecase.contracts.jobs import ModelSpec, ReplicaReport, SampleResult, WorkReport
from samplecase.contracts.log_context import bound
from samplecase.contracts.schema import parse_schema
from samplecase.runtime.batch_limits import BatchLimits
from samplecase.runtime.batching import ChunkWork, Item, WorkQueue, halves, singles
from samplecase.runtime.commits import Committer
from samplecase.runtime.conversion import Inputs, Outputs, PreparedBatch, failed
from samplecase.runtime.engines.port import BatchFailed, Replica, ReplicaLost, ReplicaNotStarted
from samplecase.runtime.media import take_away
from samplecase.runtime.media_cache import MediaCache
from samplecase.runtime.pool import Borrower, ReplicaPool
from samplecase.runtime.station import LANES, Station
from samplecase.runtime.work_times import WorkTimes
from samplecase.storage.port import StorageRefused, StorageUnavailable, reason_of

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 1.0
MIN_WAITING = 256  # samples that are claimed ahead, however few a replica takes at once
# What a job may hold whose results come sooner than they can be written: so many samples, or the work of so long.
MOST_UNWRITTEN = 2048
UNWRITTEN_SECONDS = 3.0
NO_ROOM_SECONDS = 0.2
LOSSES_IN_VAIN = 10  # replicas in a row that ended before they were asked anything: it will not get better
REFUSED_SECONDS = 30.0  # without a result, while the blob store refuses what is asked of it
MAX_LOG = 1024 * 1024
WAITS = "Waiting: the blob store or this executor's disk cannot be used; the executor's own log says why.\n"


@dataclass(frozen=True)
class Tried:
    """What came of a bundle: results, and the smaller bundles in which the others are tried again."""

    results: Sequence[SampleResult] = ()
    again: Sequence[Sequence[Item]] = ()


@dataclass(frozen=True)
class Tools:
    """What an executor lends to all its runners."""

    pool: ReplicaPool
    media: MediaCache
    committer: Committer
    decoders: Executor
    limits: BatchLimits
    ask_for_work: Callable[[], None]
    fail: Callable[[int, str, str], None]
    """`fail(job, code, message)` is called, once for a runner, when the model cannot be started."""


class JobRunner:
    """Predicts the claimed chunks of one job, and hands what came of each sample to the committer.

    It lives as long as this executor holds a chunk of the job.
    """

    def __init__(self, *, job: int, spec: ModelSpec, outputs: Sequence[str], tools: Tools) -> None:
        self.job = job
        self.works: dict[tuple[int, int], ChunkWork] = {}
        self.times = WorkTimes()
        self.reported: WorkReport | None = None  # what the ledger was told last
        self._spec = spec
        self._tools = tools
        places = min(spec.num_replicas, max(1, tools.pool.max_replicas))
        self._ahead = LANES * spec.mini_batch * places  # samples that all lanes hold at once
        self._queue = WorkQueue(
            tools.limits.of(spec), enough=max(MIN_WAITING, self._ahead), when_low=tools.ask_for_work
        )
        schema = parse_schema(spec.manifest["schema"])
        self._inputs = Inputs(schema, tools.decoders)
        self._outputs = Outputs(schema, outputs, tools.media.store)
        self._is_stopping = threading.Event()
        self._give_up_lock = threading.Lock()
        self._own_log: deque[str] = deque()
        self._kept_log = ""
        self._log_size = 0
        self._losses_in_vain = 0
        self._refused_since: float | None = None
        borrower = Borrower(spec.owner, f"job {job}")
        self._stations = [
            Station(spec, tools.pool, borrower, is_first=number == 0) for number in range(places)
        ]
        self._lanes = [
            threading.Thread(target=self._run_lane, args=(station,), name=f"job-{job}", daemon=True)
            for station in self._stations
            for _ in range(LANES)
        ]
        for lane in self._lanes:
            lane.start()

    def add(self, work: ChunkWork) -> None:
        for earlier in self.works.values():
            if earlier.claim.chunk == work.claim.chunk:
                earlier.is_dropped = True  # its lease was over, and this executor itself has claimed it again
        # Nobody does what comes after the end; its lease runs out, and whoever claims it next meets the reason.
        work.is_dropped = self._is_stopping.is_set()
        self.works[work.key] = work
        self._queue.add(work)

    @property
    def is_busy(self) -> bool:
        """It has as much work as it can use before the ledger is asked again, or holds much that is not yet written."""
        unwritten = sum(work.left for work in self.works.values())
        return self._queue.has_enough or unwritten >= max(
            MOST_UNWRITTEN, self._ahead * 4, self._queue.rate * UNWRITTEN_SECONDS
        )

    def nothing_more(self) -> None:
        """The ledger has no chunk for it now."""
        self._queue.nothing_more()

    def report(self) -> WorkReport:
        """What its time went to so far, and what its replicas do."""
        return WorkReport(
            decode=round(self.times.decode, 3),
            model=round(self.times.model, 3),
            write=round(self.times.write, 3),
            replicas=[ReplicaReport(station.state, station.done) for station in self._stations],
        )

    def new_log(self) -> str:
        """What the model printed since the last call, up to a mebibyte for the whole job."""
        kept, self._kept_log = self._kept_log, ""
        fresh = [kept, *(station.new_log() for station in self._stations)]
        while self._own_log:
            fresh.append(self._own_log.popleft())
        text = "".join(fresh)[: max(0, MAX_LOG - self._log_size)]
        self._log_size += len(text)
        return text

    def keep_log(self, text: str) -> None:
        """`text` of `new_log` could not be written: it comes again before what is printed from now on."""
        self._kept_log = text
        self._log_size -= len(text)

    def close(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Finish what is running, or kill it when that takes longer; every replica is given back."""
        self._is_stopping.set()
        self._queue.close()
        deadline = time.monotonic() + patience_seconds
        for lane in self._lanes:
            lane.join(max(0.0, deadline - time.monotonic()))
        if any(lane.is_alive() for lane in self._lanes):
            for station in self._stations:
                station.kill()
        for lane in self._lanes:
            lane.join()

    def _run_lane(self, station: Station) -> None:
        with bound(job=self.job):
            try:
                self._work_at(station)
            finally:
                station.leave()

    def _work_at(self, station: Station) -> None:
        while self._queue.wait():
            try:
                with station.replica() as replica:
                    if replica is not None:
                        station.count(self._do(self._queue.take(), replica))
                        self._refused_since = None
                if replica is None:
                    self._is_stopping.wait(NO_ROOM_SECONDS)
            except ReplicaNotStarted as error:
                self._lose_station(error)
                return
            except StorageUnavailable as error:
                logger.warning("job %s waits for the blob store", self.job, exc_info=True)
                self._say(WAITS)
                if isinstance(error, StorageRefused):
                    self._count_refusal(error)
                self._is_stopping.wait(PATIENCE_SECONDS)
            except Exception as error:
                logger.exception("job %s cannot go on", self.job)
                self._give_up("executor_error", f"{type(error).__name__}: {error}")

    def _lose_station(self, error: ReplicaNotStarted) -> None:
        """Go on with the replicas that there are; the job ends when there is none, and none that still loads."""
        if not any(station.has_hope for station in self._stations):
            self._give_up("model_not_started", error.message, log=error.log)
        elif not self._is_stopping.is_set():
            self._say(f"A replica could not be started, the job goes on with fewer: {error.message}\n")

    def _count_refusal(self, error: StorageRefused) -> None:
        """A store that refuses goes on so until somebody helps: the job ends with the reason, and can be retried then.

        The executor's log has the places, which are nobody else's business.
        """
        if self._refused_since is None:
            self._refused_since = time.monotonic()
        elif time.monotonic() - self._refused_since > REFUSED_SECONDS:
            message = f"the blob store refuses what is asked of it: {reason_of(error)}"
            self._give_up("storage_refused", message)

    def _say(self, text: str) -> None:
        """Add to the job's log, but not the same twice before it is read."""
        if text not in self._own_log:
            self._own_log.append(text)

    def _give_up(self, code: str, message: str, log: str = "") -> None:
        """End the job, unless another lane was first or it ends already."""
        with self._give_up_lock:
            is_first = not self._is_stopping.is_set()
            self._is_stopping.set()
        self._queue.close()
        if is_first:
            self._say(log)
            self._tools.fail(self.job, code, message)

    def _do(self, items: Sequence[Item], replica: Replica) -> int:
        """Predict one bundle; returns of how many samples something came.

        What is to be tried again is put back last: the replica's other lane may take it at once, and must not find
        its files placed by this one, which takes them away.
        """
        if not items:
            return 0
        try:
            self._tools.media.prefetch([item.sample.media_sha256 for item in self._queue.coming(self._ahead)])
            done = self._tried(items, replica)
        except StorageUnavailable:
            self._queue.put_back([items])
            raise
        self._queue.put_back(done.again)
        works = {item.sample.id: item.work for item in items}
        self._tools.committer.add((works[result.sample], result) for result in done.results)
        return len(done.results)

    def _tried(self, items: Sequence[Item], replica: Replica) -> Tried:
        with self.times.decoding():
            prepared = self._inputs.prepare([item.sample for item in items], replica, self._tools.media)
        try:
            predicted = self._predict(prepared, items, replica)
        finally:
            take_away(prepared.files)
        return Tried([*prepared.errors, *predicted.results], predicted.again)

    def _predict(self, prepared: PreparedBatch, items: Sequence[Item], replica: Replica) -> Tried:
        if not prepared.samples:
            return Tried()
        wanted = {sample.id for sample in prepared.samples}
        tried = [item for item in items if item.sample.id in wanted]
        try:
            answer = replica.submit(prepared.batch).result()
        except BatchFailed as error:
            self._losses_in_vain = 0
            return self._narrowed(tried, error.reason, error.message)
        except ReplicaLost as error:
            if self._is_stopping.is_set():
                return Tried()
            if not error.guilty:
                self._count_loss(error)
                return Tried(again=[tried])
            self._losses_in_vain = 0
            return self._narrowed(tried, error.reason, error.message)
        self._losses_in_vain = 0
        self.times.add(decode=answer.decode_seconds, model=answer.model_seconds)
        with self.times.writing():
            return Tried(self._outputs.results(prepared.samples, answer))

    def _count_loss(self, error: ReplicaLost) -> None:
        self._losses_in_vain += 1
        if self._losses_in_vain >= LOSSES_IN_VAIN:
            # Not this replica's own fault alone: the next one would end in the same way.
            message = f"its replicas end before they answer: {error.message}"
            self._give_up("model_not_started", message)

    def _narrowed(self, items: Sequence[Item], reason: str, message: str) -> Tried:
        """Come closer to the sample that is to blame, and let the others have their results."""
        if len(items) == 1:
            return Tried([failed(items[0].sample, reason, message)])
        if reason == "out_of_memory":
            self._take_fewer(len(items) // 2)
        is_one_by_one = reason in ("exception", "invalid_output")
        return Tried(again=singles(items) if is_one_by_one else halves(items))

    def _take_fewer(self, size: int) -> None:
        """Smaller mini-batches from now on, in this job and in later ones of the same model."""
        self._queue.limit(size)
        if self._tools.limits.lower(self._spec, size):
            self._say(f"Out of memory: mini-batches of at most {size} from now on.\n")
