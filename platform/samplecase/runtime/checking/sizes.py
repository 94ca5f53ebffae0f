"""How fast one replica is with mini-batches of several sizes, and what Deploy proposes from it."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from samplecase.contracts.jobs import ModelSpec, SampleRef
from samplecase.runtime.checking.trial import NotGreen, Trial
from samplecase.runtime.engines.port import BatchFailed, ReplicaLost

SIZES = (1, 4, 8, 16, 32)
SECONDS = 3.0  # for all of them
LONGEST_SECONDS = 30.0  # what one mini-batch may be expected to take, so that it is measured at all
ENOUGH = 0.95  # of the best speed: larger mini-batches only cost memory
MEMORY_SHARE = 0.6  # of this host's memory, for the proposed replicas together
OUT_OF_MEMORY = "out_of_memory"


@dataclass(frozen=True)
class Speed:
    """Images per second, reading and checking included, with mini-batches of this size."""

    size: int
    images_per_second: float

    def as_json(self) -> dict[str, Any]:
        return {"size": self.size, "images_per_second": round(self.images_per_second, 1)}


def speeds(trial: Trial, samples: Sequence[SampleRef], entered: int) -> list[Speed]:
    """For a few sizes and the entered one, smallest first; none that does not fit in memory, none that takes long.

    Where the entered size does not fit, it is halved until one does. Raises `NotGreen` where not even one sample can
    be answered, or the replica ends with as many as were entered.
    """
    wanted = sorted({*SIZES, entered})
    found: list[Speed] = []
    started = time.monotonic()
    for number, size in enumerate(wanted):
        expected = size / found[-1].images_per_second if found else 0.0
        left = SECONDS - (time.monotonic() - started)
        is_long = expected > (LONGEST_SECONDS if size == entered else max(left, SECONDS / len(wanted)))
        if found and is_long:
            continue
        try:
            found.append(_speed(trial, samples, size, max(0.2, left / (len(wanted) - number))))
        except (BatchFailed, ReplicaLost) as failure:
            if size <= entered:
                found += _halved(trial, samples, size, found, failure)
            break
    if not found:
        raise NotGreen("the model does not fit in memory even with one sample at a time")
    return found


def _speed(trial: Trial, samples: Sequence[SampleRef], size: int, seconds: float) -> Speed:
    started = time.monotonic()
    batches = 0
    while batches == 0 or time.monotonic() - started < seconds:
        trial.time(samples, size)
        batches += 1
    return Speed(size, batches * size / max(time.monotonic() - started, 1e-6))


def _halved(
    trial: Trial,
    samples: Sequence[SampleRef],
    size: int,
    known: Sequence[Speed],
    failure: BatchFailed | ReplicaLost,
) -> list[Speed]:
    """The largest half of a half of `size` that fits in memory, unless it was measured already.

    Raises `NotGreen` for any other failure than one of memory.
    """
    while failure.reason == OUT_OF_MEMORY and size > 1:
        size //= 2
        if any(each.size >= size for each in known):
            return []
        try:
            return [_speed(trial, samples, size, SECONDS / len(SIZES))]
        except (BatchFailed, ReplicaLost) as next_failure:
            failure = next_failure
    if failure.reason == OUT_OF_MEMORY:
        return []
    told = failure.message if isinstance(failure, ReplicaLost) else failure.reason
    raise NotGreen(f"the model failed with mini-batches of {size}: {told}") from failure


def speed_at(found: Sequence[Speed], size: int) -> float:
    """As measured with this size, else with the largest one below it."""
    return max((each for each in found if each.size <= size), key=lambda each: each.size).images_per_second


def host_memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def proposal(
    found: Sequence[Speed],
    spec: ModelSpec,
    *,
    cores: int,
    memory_bytes: int,
) -> dict[str, int]:
    """The smallest mini-batch that is nearly the fastest, and on a CPU one replica for each core, if memory allows.

    Several threads of one network wait for each other whenever anything else runs.
    """
    best = max(each.images_per_second for each in found)
    size = min(each.size for each in found if each.images_per_second >= ENOUGH * best)
    room = int(MEMORY_SHARE * host_memory() // max(memory_bytes, 1))
    replicas = spec.num_replicas if spec.num_gpus else max(1, min(cores, room))
    return {"mini_batch": size, "num_replicas": replicas, "threads": max(1, cores // replicas)}
