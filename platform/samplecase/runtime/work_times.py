"""Where the time of a job goes on this executor: to files and decoding, to the model, or to results."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class WorkTimes:
    """Seconds that all threads and replicas of one job have worked so far, by what they did.

    `decode` is fetching, placing and decoding files, also inside a no-code model; `model` the rest of `predict`;
    `write` checking the outputs and committing them. What waits is not counted.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.decode = 0.0
        self.model = 0.0
        self.write = 0.0

    def add(self, *, decode: float = 0.0, model: float = 0.0, write: float = 0.0) -> None:
        with self._lock:
            self.decode += decode
            self.model += model
            self.write += write

    @contextmanager
    def decoding(self) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.add(decode=time.perf_counter() - began)

    @contextmanager
    def writing(self) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.add(write=time.perf_counter() - began)
