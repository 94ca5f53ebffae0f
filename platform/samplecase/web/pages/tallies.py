"""The requests of a web server, counted and timed by route, method and status: one table for all its processes.

Knows no Django: it is made before the processes are forked, by one that answers no request.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from dataclasses import dataclass
from mmap import mmap

from samplecase.web.shared import SharedMemory

# Upper ends of the histogram's buckets, in seconds; one more has what took longer.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_KEY_BYTES = 168
_NUMBERS = struct.Struct(f"{2 + len(BUCKETS)}d")  # seconds in all, then how many fell into each bucket
_RECORD_BYTES = _KEY_BYTES + _NUMBERS.size
_DOUBLE = struct.Struct("d")

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Tally:
    """The requests of one route, method and status."""

    route: str
    method: str
    status: str
    seconds: float
    buckets: tuple[int, ...]

    @property
    def count(self) -> int:
        return sum(self.buckets)


class RequestTallies:
    """A table of at most `most` tallies; whatever would be one more is counted as of the route `other`."""

    def __init__(self, most: int = 2048) -> None:
        self._shared = SharedMemory(most * _RECORD_BYTES)
        self._most = most
        self._places: dict[Key, int] = {}

    def count(self, route: str, method: str, status: str, seconds: float) -> None:
        """One request more."""
        bucket = bisect_left(BUCKETS, seconds)
        with self._shared.held() as memory:
            at = self._place((route, method, status), memory) + _KEY_BYTES
            _add(memory, at, seconds)
            _add(memory, at + (1 + bucket) * _DOUBLE.size, 1.0)

    def all(self) -> list[Tally]:
        """What was counted so far, by every process."""
        with self._shared.held() as memory:
            self._learn(memory)
            numbers = {key: _NUMBERS.unpack_from(memory, at + _KEY_BYTES) for key, at in self._places.items()}
        return [
            Tally(*key, seconds=seconds, buckets=tuple(map(int, buckets)))
            for key, (seconds, *buckets) in sorted(numbers.items())
        ]

    def _place(self, key: Key, memory: mmap) -> int:
        if key not in self._places:
            self._learn(memory)  # another process may have met it
        if key not in self._places and len(self._places) < self._most:
            # The last place is for all the others.
            key = key if len(self._places) < self._most - 1 else ("other", "", "")
            at = len(self._places) * _RECORD_BYTES
            memory[at : at + _KEY_BYTES] = _written(key)
            self._places[key] = at
        return self._places.get(key, (self._most - 1) * _RECORD_BYTES)

    def _learn(self, memory: mmap) -> None:
        """Read the keys that other processes have added: they stand in their order, and none is ever removed."""
        for number in range(len(self._places), self._most):
            at = number * _RECORD_BYTES
            text = memory[at : at + _KEY_BYTES].rstrip(b"\0").decode()
            if not text:
                return
            route, method, status = text.split("\t")
            self._places[route, method, status] = at


def _written(key: Key) -> bytes:
    return "\t".join(key).encode().ljust(_KEY_BYTES, b"\0")


def _add(memory: mmap, at: int, more: float) -> None:
    _DOUBLE.pack_into(memory, at, _DOUBLE.unpack_from(memory, at)[0] + more)


TALLIES = RequestTallies()
