"""What this executor has learned about memory: the largest mini-batch of each model that did not run out of it."""

from __future__ import annotations

import threading

from samplecase.contracts.jobs import ModelSpec

Key = tuple[str, int, bool]


class BatchLimits:
    """Remembered until the executor ends: another host, or the same one next week, may have more memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._limits: dict[Key, int] = {}

    def of(self, spec: ModelSpec) -> int:
        """The deployment's mini-batch, or what fits if that is less."""
        with self._lock:
            return min(spec.mini_batch, self._limits.get(_key(spec), spec.mini_batch))

    def lower(self, spec: ModelSpec, size: int) -> bool:
        """Take note that more than `size` did not fit; False when that was known."""
        with self._lock:
            known = self._limits.get(_key(spec))
            if known is not None and known <= size:
                return False
            self._limits[_key(spec)] = max(1, size)
            return True


def _key(spec: ModelSpec) -> Key:
    return spec.package_sha256, spec.num_gpus, spec.custom_environment
