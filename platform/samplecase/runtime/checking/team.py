"""The replicas of a tuning: set to a plan together, and timed as they answer the samples of a dataset."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

from samplecase.contracts.jobs import ModelSpec, SampleRef
from samplecase.contracts.plans import Plan
from samplecase.runtime.checking.examples import numbered
from samplecase.runtime.checking.trial import Asking
from samplecase.runtime.engines.port import Batch, BatchFailed, Element, ElementError, Replica, ReplicaLost

LANES = 2  # batches in flight per replica, as a job has them
PATIENCE = 3  # times the seconds that a burst may take at most, where so few batches are slow
LEAST_BATCHES = 3  # of each replica, the first of which is not counted: it warms up


class Abandoned(Exception):
    """The check's lease is gone, or the executor ends."""


class Unfit(Exception):
    """What was tried cannot be done; the message says why, and holds nothing of the samples."""


@dataclass
class Burst:
    """What some seconds of work gave: one element per sample, by its index, and the speed."""

    images_per_second: float = 0.0
    answers: dict[int, Element] = field(default_factory=dict)


class Feed:
    """Hands out indices of samples, mini-batch by mini-batch: around and around, or each once."""

    def __init__(
        self, indices: Sequence[int], mini_batch: int, *, seconds: float, is_once: bool, least: int
    ) -> None:
        self._indices = indices
        self._mini_batch = mini_batch
        self._is_once = is_once
        self._least = least  # so many are handed out whatever the time
        self._soft = time.monotonic() + seconds
        self._hard = self._soft + PATIENCE * seconds
        self._at = 0
        self._lock = threading.Lock()

    def take(self, batches_done: int) -> list[tuple[int, int]]:
        """`(number, index)` of the next mini-batch; numbers are never twice the same. Empty: it is over."""
        with self._lock:
            if self._is_over(batches_done):
                return []
            first, count = self._at, self._mini_batch
            if self._is_once:
                count = min(count, len(self._indices) - first)
            self._at += count
        return [
            (number, self._indices[number % len(self._indices)]) for number in range(first, first + count)
        ]

    def _is_over(self, batches_done: int) -> bool:
        now = time.monotonic()
        if self._at < self._least or now < self._soft:
            return False
        return self._is_once or batches_done >= LEAST_BATCHES or now > self._hard


class Clock:
    """When one replica answered how many images."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: list[tuple[float, int]] = [(time.monotonic(), 0)]

    def tick(self, images: int) -> None:
        with self._lock:
            self._times.append((time.monotonic(), images))

    @property
    def batches(self) -> int:
        return len(self._times) - 1

    @property
    def images_per_second(self) -> float:
        """From the first answer to the last; from the start where there were too few."""
        times = self._times[1:] if self.batches >= LEAST_BATCHES else self._times
        images = sum(count for _, count in times[1:])
        return images / max(times[-1][0] - times[0][0], 1e-6) if len(times) > 1 else 0.0


class Team:
    """Some replicas, each of which was started to be tuned."""

    def __init__(
        self,
        replicas: Sequence[Replica],
        *,
        spec: ModelSpec,
        asking: Asking,
        samples: Sequence[SampleRef],
        is_abandoned: threading.Event,
    ) -> None:
        self.replicas = list(replicas)
        self._asking = asking
        self._samples = samples
        self._is_abandoned = is_abandoned
        schema = spec.manifest["schema"]
        (self._input,) = schema["inputs"]["properties"]
        (self._output,) = schema["outputs"]["properties"]

    def set(self, plan: Plan) -> None:
        """Have as many replicas as the plan says do its tricks. Raises `Unfit`, `Abandoned`."""
        wanted = {"tricks": asdict(plan.tricks), "threads": plan.threads}
        batch = Batch(1, {self._input: [wanted]})
        with self._guarded():
            futures = [replica.submit(batch) for replica in self.replicas[: plan.num_replicas]]
            answers: list[Mapping[str, Sequence[Any]]] = [future.result() for future in futures]
        for answer in answers:
            (element,) = answer[self._output]
            if isinstance(element, ElementError):
                raise Unfit(element.message)

    def burst(self, plan: Plan, indices: Sequence[int], *, seconds: float) -> Burst:
        """Answer samples again and again, for about so many seconds. Raises `Unfit`, `Abandoned`."""
        return self._fed(plan, Feed(indices, plan.mini_batch, seconds=seconds, is_once=False, least=0))

    def once(self, plan: Plan, indices: Sequence[int], *, seconds: float, least: int) -> Burst:
        """Answer each sample once, but no more than `least` after so many seconds. Raises `Unfit`, `Abandoned`."""
        return self._fed(plan, Feed(indices, plan.mini_batch, seconds=seconds, is_once=True, least=least))

    def _fed(self, plan: Plan, feed: Feed) -> Burst:
        burst = Burst()
        chosen = self.replicas[: plan.num_replicas]
        clocks = [Clock() for _ in chosen]
        with self._guarded(), ThreadPoolExecutor(len(chosen) * LANES) as threads:
            lanes = [
                threads.submit(self._lane, replica, clock, feed, burst)
                for replica, clock in zip(chosen, clocks, strict=True)
                for _ in range(LANES)
            ]
            for lane in lanes:
                lane.result()
        burst.images_per_second = sum(clock.images_per_second for clock in clocks)
        return burst

    def _lane(self, replica: Replica, clock: Clock, feed: Feed, burst: Burst) -> None:
        while bundle := feed.take(clock.batches):
            samples = [numbered(self._samples[index], number) for number, index in bundle]
            prepared, answer = self._asking.ask(samples, replica)
            self._asking.results(prepared, answer)  # a job checks them too, and that takes its time
            clock.tick(len(bundle))
            indices = dict(bundle)
            for sample, element in zip(prepared.samples, answer.get(self._output, ()), strict=True):
                burst.answers[indices[sample.id]] = element
            for result in prepared.errors:
                burst.answers[indices[result.sample]] = ElementError(result.reason, "")

    def _guarded(self) -> _Guard:
        return _Guard(self._is_abandoned)


class _Guard:
    """Says `Abandoned` or `Unfit` for what replicas raise."""

    def __init__(self, is_abandoned: threading.Event) -> None:
        self._is_abandoned = is_abandoned

    def __enter__(self) -> None:
        if self._is_abandoned.is_set():
            raise Abandoned

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is not None and self._is_abandoned.is_set():
            raise Abandoned from error
        if isinstance(error, BatchFailed):
            raise Unfit(f"a mini-batch failed: {error.reason}") from error
        if isinstance(error, ReplicaLost):
            raise Unfit(f"a replica ended: {error.reason}") from error
