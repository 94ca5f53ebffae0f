"""`events.jsonl`: what those who follow a run are told. Only the first process tells."""

from __future__ import annotations

import json
import math
import time
from typing import Any

from samplecase.training.runs.files import Log
from samplecase.training.runs.folder import RunFolder

SECONDS = 0.5  # between two events of progress


class Reporter:
    """Adds events; those of progress no oftener than `SECONDS`."""

    def __init__(self, run: RunFolder, *, speaks: bool) -> None:
        self._log = Log(run.events) if speaks else None
        self._last = 0.0

    def tell(self, event: str, **facts: Any) -> None:
        if self._log:
            self._log.add([json.dumps({"event": event, "at": round(time.time(), 3), **_finite(facts)})])
            self._log.show()

    def is_due(self) -> bool:
        """Whether progress may be told."""
        now = time.monotonic()
        if now - self._last < SECONDS:
            return False
        self._last = now
        return True

    def size(self) -> int:
        return self._log.size() if self._log else 0

    def cut(self, size: int) -> None:
        if self._log:
            self._log.cut(size)

    def close(self) -> None:
        if self._log:
            self._log.close()


def _finite(facts: dict[str, Any]) -> dict[str, Any]:
    """JSON knows no NaN: what is no number is null."""
    return {
        name: _finite(value)
        if isinstance(value, dict)
        else None
        if isinstance(value, float) and not math.isfinite(value)
        else value
        for name, value in facts.items()
    }
