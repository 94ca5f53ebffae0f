"""How often each of many may ask, for all processes of a web server together.

Knows no Django: it is made before the processes are forked, by one that answers no request.

Each has one number, the moment at which all of his requests will have been forgotten (the generic cell rate
algorithm): https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from mmap import mmap

from samplecase.web.shared import SharedMemory

WINDOW = 60.0  # seconds in which the most may be asked, at once or evenly

_SLOT = struct.Struct("8sd")
_PROBES = 8  # slots in which one may stand


@dataclass(frozen=True)
class Allowance:
    """What is left to one after a request of his; times in seconds from now."""

    limit: int
    remaining: int
    full_in: float  # until nothing of his is remembered
    wait: float  # until the next request is answered; 0: this one is


class Limiter:
    """Remembers `slots` at most; who was forgotten has all of his requests again."""

    def __init__(self, slots: int = 1 << 14, clock: Callable[[], float] = time.monotonic) -> None:
        self._shared = SharedMemory(slots * _SLOT.size)
        self._slots = slots
        self._clock = clock  # one for all processes of a host

    def take(self, who: str, limit: int) -> Allowance:
        """One of the `limit` requests that `who` has in each minute. One that is refused costs nothing."""
        step = WINDOW / limit
        key = blake2b(who.encode("utf-8", "replace"), digest_size=8).digest()
        with self._shared.held() as memory:
            now = self._clock()
            at, until = self._found(memory, key)
            asked = max(until, now) + step
            wait = asked - now - WINDOW
            # The clock's last digits: a whole window of requests is not one too many.
            is_allowed = wait <= step * 1e-6
            if is_allowed:
                _SLOT.pack_into(memory, at, key, asked)
        full_in = max(until, now) - now + (step if is_allowed else 0)
        remaining = max(0, int((WINDOW - full_in) / step + 1e-6))
        return Allowance(limit, remaining, full_in, 0.0 if is_allowed else wait)

    def forget(self) -> None:
        """Everybody has all of his requests again."""
        self._shared.clear()

    def _found(self, memory: mmap, key: bytes) -> tuple[int, float]:
        """Where `key` stands and its moment; else the place of whoever is forgotten first, and 0."""
        first = int.from_bytes(key[:4], "big")
        places = []
        for probe in range(_PROBES):
            at = (first + probe) % self._slots * _SLOT.size
            held, until = _SLOT.unpack_from(memory, at)
            if held == key:
                return at, until
            places.append((until, at))
        return min(places)[1], 0.0


LIMITER = Limiter()
