"""What a run is to do after this step: go on, write a checkpoint, pause or end."""

from __future__ import annotations

import signal
import time
from enum import IntEnum
from types import FrameType

from samplecase.training.config import TrainingConfig
from samplecase.training.engine.processes import Processes
from samplecase.training.runs.folder import RunFolder
from samplecase.training.runs.steering import Order, given_order


class Next(IntEnum):
    """What all processes do next; the first one decides."""

    GO_ON = 0
    CHECKPOINT = 1
    PAUSE = 2
    CANCEL = 3

    @property
    def leaves(self) -> bool:
        return self in (Next.PAUSE, Next.CANCEL)


class Orders:
    """Listens to SIGTERM and to the control file, and knows when a checkpoint is due."""

    def __init__(self, run: RunFolder, config: TrainingConfig, processes: Processes) -> None:
        self._run, self._processes = run, processes
        self._seconds = config.checkpoint_seconds
        self._is_terminated = False
        self._written_at = time.monotonic()
        signal.signal(signal.SIGTERM, self._terminate)

    def next(self) -> Next:
        """The same answer in every process, which all have to ask."""
        return Next(self._processes.decided(self._own() if self._processes.is_first else 0))

    def checkpoint_written(self) -> None:
        self._written_at = time.monotonic()

    def _own(self) -> Next:
        order = given_order(self._run)
        if order is Order.CANCEL:
            return Next.CANCEL
        if order is Order.PAUSE or self._is_terminated:
            return Next.PAUSE
        is_due = time.monotonic() - self._written_at >= self._seconds
        return Next.CHECKPOINT if is_due else Next.GO_ON

    def _terminate(self, number: int, frame: FrameType | None) -> None:
        self._is_terminated = True
